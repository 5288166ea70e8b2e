//! The JUnit report holds what the schema of Jenkins asks for: elements, their attributes, and numbers.
//!
//! That is `junit-10.xsd` of Jenkins' xunit-plugin (`src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/`), as it is since
//! version 2.3.2: rules here stand in its order, and allow nothing that it does not. It knows, other than writers of such reports do, no
//! `skipped` and `disabled` of all suites, and no `time` and `timestamp` of reruns.

use crate::program::Workspace;
use crate::script::Arg::{Range, Text};
use crate::script::{BUFFER, MEMORY, Script};
use crate::server::Server;
use crate::workspace::echo;
use std::sync::atomic::{AtomicU32, Ordering};
use wiremock::ResponseTemplate;

/// An element: its name, attributes and children, and the text in it.
#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
    text: String,
}

impl Element {
    fn get(&self, name: &str) -> &str {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_else(|| panic!("{} has no {name}: {self:?}", self.name))
    }

    fn number(&self, name: &str) -> usize {
        self.get(name).parse().unwrap()
    }

    fn all<'e>(&'e self, name: &str) -> Vec<&'e Element> {
        self.children.iter().filter(|child| child.name == name).collect()
    }

    fn only_has(&self, attributes: &[&str], children: &[&str]) {
        for (name, _) in &self.attributes {
            assert!(attributes.contains(&name.as_str()), "{} may not have the attribute {name}", self.name);
        }
        for child in &self.children {
            assert!(children.contains(&child.name.as_str()), "{} may not have {} in it", self.name, child.name);
        }
    }
}

/// Reads the XML that the report is made of: elements, attributes and text, without comments and other documents' parts.
fn parse(text: &str) -> Element {
    let body = text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>").expect("an XML declaration");
    let (mut open, mut rest) = (vec![Element::default()], body);
    while let Some(at) = rest.find('<') {
        open.last_mut().unwrap().text.push_str(&unescaped(&rest[..at]));
        let end = at + rest[at..].find('>').unwrap();
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            let element = open.pop().unwrap();
            assert_eq!(element.name, name.trim(), "elements are nested");
            open.last_mut().unwrap().children.push(element);
            continue;
        }
        let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let mut element = Element { name: name.trim().to_owned(), ..Element::default() };
        let mut parts = attributes.split('"');
        while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
            element.attributes.push((name.trim().trim_end_matches('=').to_owned(), unescaped(value)));
        }
        if is_empty { open.last_mut().unwrap().children.push(element) } else { open.push(element) }
    }
    assert_eq!(open.len(), 1, "all elements are closed");
    open.pop().unwrap().children.pop().unwrap()
}

fn unescaped(text: &str) -> String {
    let plain =
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'").replace("&#10;", "\n");
    assert!(!plain.replace("&amp;", "").contains('&'), "{text}");
    plain.replace("&amp;", "&")
}

fn is_time(text: &str) {
    let (seconds, part) = text.split_once('.').expect(text);
    assert!(
        !seconds.is_empty() && part.len() == 3 && (seconds.to_owned() + part).bytes().all(|byte| byte.is_ascii_digit()),
        "{text}"
    );
}

/// Checks a document by the rules of the schema, one after another, and that the sums are those of what is in it.
fn check(text: &str) -> Element {
    let root = parse(text);
    assert_eq!(root.name, "testsuites");
    root.only_has(&["name", "time", "tests", "failures", "errors"], &["testsuite"]);
    is_time(root.get("time"));
    for suite in &root.children {
        suite.only_has(
            &[
                "name",
                "tests",
                "failures",
                "errors",
                "group",
                "time",
                "skipped",
                "timestamp",
                "hostname",
                "id",
                "package",
                "file",
                "log",
                "url",
            ],
            &["testsuite", "properties", "testcase", "system-out", "system-err"],
        );
        is_time(suite.get("time"));
        assert!(!suite.get("name").is_empty());
        let cases = suite.all("testcase");
        let with = |name: &str| cases.iter().filter(|case| !case.all(name).is_empty()).count();
        assert_eq!(suite.number("tests"), cases.len());
        for (attribute, child) in [("failures", "failure"), ("errors", "error"), ("skipped", "skipped")] {
            assert_eq!(suite.number(attribute), with(child), "{attribute}");
        }
        cases.into_iter().for_each(|case| check_case(case, suite.get("name")));
    }
    let sum = |name: &str| root.children.iter().map(|suite| suite.number(name)).sum::<usize>();
    for name in ["tests", "failures", "errors"] {
        assert_eq!(root.number(name), sum(name), "{name}");
    }
    root
}

fn check_case(case: &Element, suite: &str) {
    const ENDS: [&str; 3] = ["skipped", "error", "failure"];
    const RERUNS: [&str; 4] = ["rerunFailure", "rerunError", "flakyFailure", "flakyError"];
    const OUTPUTS: [&str; 2] = ["system-out", "system-err"];
    case.only_has(&["name", "time", "classname", "group"], &[&ENDS[..], &RERUNS, &OUTPUTS].concat());
    is_time(case.get("time"));
    assert!(!case.get("name").is_empty() && case.get("classname") == suite);
    for end in &case.children {
        if ENDS.contains(&end.name.as_str()) {
            end.only_has(&["type", "message"], &[]);
        } else if RERUNS.contains(&end.name.as_str()) {
            end.only_has(&["message", "type"], &["stackTrace", "system-out", "system-err"]);
            assert!(!end.get("type").is_empty(), "`type` is required there");
        } else {
            end.only_has(&[], &[]);
        }
    }
}

#[test]
fn a_report_of_every_kind_of_end_is_right_by_the_schema() {
    let workspace = Workspace::new();
    let cases = "[[case]]\nname = \"holds <&> \\\"\"\n[[case]]\nname = \"fails\"\noutput = \"]]> & <b>\"\n[[case]]\nname = \"later\"\nskip = \"not yet\"\n";
    super::write(&workspace, &echo(), cases);
    workspace.write("broken/b.wat", echo());
    workspace.write("broken/skill.toml", "[skill]\nname = \"broken\"\nmodule = \"b.wat\"\n[[case]]\n");
    let ran = workspace.skillscope(&["--test", "--format", "junit"]);
    let root = check(&ran.expect(3).stdout);
    let names: Vec<&str> = root.children.iter().map(|suite| suite.get("name")).collect();
    assert_eq!(names, ["broken", "probe"]);
    let probe = &root.children[1];
    assert_eq!(probe.children.iter().map(|case| case.get("name")).collect::<Vec<_>>(), ["holds <&> \"", "fails", "later"]);
    let failure = &probe.children[1].children[0];
    assert_eq!(
        (failure.get("type"), failure.get("message")),
        ("output", "the output is not what was expected: it differs at the document")
    );
    assert!(failure.text.contains("- \"]]> & <b>\"") && failure.text.contains("+ null"), "{failure:?}");
    assert_eq!(probe.children[2].children[0].get("message"), "not yet");
    let error = &root.children[0].children[0].children[0];
    assert!(error.get("message").contains("the key `name` is missing"), "{error:?}");
}

#[test]
fn a_flaky_case_is_told_as_such_and_one_that_never_holds_with_its_reruns() {
    let asked = AtomicU32::new(0);
    let server = Server::answering(move |request| match request.url.path() {
        "/sometimes" if asked.fetch_add(1, Ordering::SeqCst) > 0 => ResponseTemplate::new(200),
        _ => ResponseTemplate::new(503),
    });
    let workspace = Workspace::new();
    for (name, path) in [("sometimes", "/sometimes"), ("never", "/never")] {
        let url = format!("{}{path}", server.url());
        let module = Script::new().call("cis.http_request", &[Text(&url), Range(MEMORY, 0), Range(BUFFER, 9)]).module();
        workspace.write(&format!("{name}/m.wat"), module);
        let tables = format!("[permissions]\nhttp = [\"{}\"]\n[[case]]\nname = \"c\"\noutput = [0]\n", server.host());
        workspace.write(&format!("{name}/skill.toml"), crate::workspace::manifest(name, &tables));
    }
    let more = ["--test", "--live", "--retries", "2", "--report", "junit=out/junit.xml", "--report", "jsonl=out/events.jsonl"];
    let ran = workspace.skillscope(&more);
    assert!(
        ran.expect(100).stdout.contains("FLAKY  sometimes::c  (sometimes/skill.toml:7): failed 1 time before it passed"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("FAILED  never::c  (never/skill.toml:7), 3 times"), "{}", ran.stdout);
    assert!(ran.stdout.contains("2 cases: 0 passed, 1 flaky, 1 failed, in "), "{}", ran.stdout);
    let root = check(&std::fs::read_to_string(workspace.path().join("out/junit.xml")).unwrap());
    let ends = |index: usize| root.children[index].children[0].children.iter().map(|end| end.name.as_str()).collect::<Vec<_>>();
    assert_eq!((ends(0), ends(1)), (vec!["failure", "rerunFailure", "rerunFailure"], vec!["flakyFailure"]));
    let lines = std::fs::read_to_string(workspace.path().join("out/events.jsonl")).unwrap();
    assert!(lines.lines().all(|line| serde_json::from_str::<skillscope::event::Event>(line).is_ok()), "{lines}");
}

#[test]
fn characters_that_xml_cannot_have_are_in_no_report() {
    let workspace = Workspace::new();
    let cases = "[[case]]\nname = \"odd \\uFFFE \\uFFFF \\U0001F600 ]]>\"\noutput = \"\\u0000\\u000B\\uFFFF ]]>\"\n[[case]]\nname = \"b\"\nskip = \"why \\uFFFE\"\n";
    super::write(&workspace, &echo(), cases);
    let ran = workspace.skillscope(&["--test", "--format", "junit"]);
    check(&ran.expect(100).stdout);
    let allowed = |c: char| matches!(c, '\t' | '\n' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
    assert!(ran.stdout.chars().all(allowed), "{:?}", ran.stdout);
    for reference in ["&#0;", "&#1;", "&#8;", "&#11;", "&#27;", "&#x1B;", "&#65534;"] {
        assert!(!ran.stdout.contains(reference), "{reference}");
    }
}
