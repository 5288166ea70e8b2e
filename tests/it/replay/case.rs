//! Records as test cases: `docs/cases.md` has the keys.

use super::{RECORD, recorded};
use crate::program::Workspace;
use crate::script::Arg::{Bytes, Range, Text};
use crate::script::{BUFFER, Script};
use crate::server::Server;
use toml_edit::{DocumentMut, Table};
use wiremock::ResponseTemplate;

fn exported(workspace: &Workspace) -> (String, Table) {
    let text = workspace.skillscope(&["--export", "case", RECORD]).expect(0).stdout.clone();
    let document: DocumentMut = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
    let case = document["case"].as_array_of_tables().unwrap().get(0).unwrap().clone();
    (text, case)
}

fn text<'t>(table: &'t Table, key: &str) -> &'t str {
    table[key].as_str().unwrap_or_else(|| panic!("{key} in {table}"))
}

#[test]
fn a_case_has_what_was_given_what_was_answered_and_what_came_of_it() {
    let server = Server::answering(|request| match request.url.path() {
        "/ok" => ResponseTemplate::new(200).set_body_bytes(vec![0xff]),
        _ => ResponseTemplate::new(404).set_body_string("none"),
    });
    let (url, buffer) = (server.url(), Range(BUFFER, 64));
    let script = Script::new()
        .call("cis.ai_prompt", &[Text("Weather?\n\"now\""), Range(BUFFER, 2)])
        .call("cis.ai_prompt", &[Text("Weather?\n\"now\""), buffer])
        .call("env.host_ai_chat", &[Text("break"), buffer])
        .call("cis.memory_get", &[Text("old"), buffer])
        .call("cis.memory_set", &[Text("new"), Bytes(b"\xfe")])
        .call("env.host_memory_get", &[Text("new"), buffer])
        .call("env.host_memory_delete", &[Text("old")])
        .call("cis.http_request", &[Text(&format!("{url}/ok")), Text(""), buffer])
        .call("env.host_http_post", &[Text(&format!("{url}/missing")), Text("{}"), buffer])
        .call("env.host_http_post", &[Text("http://denied.example/"), Text("{}"), buffer]);
    let workspace = Workspace::new();
    workspace.write("probe.wat", script.module());
    workspace.write(
        "skillscope.toml",
        "[[ai.mock]]\ncontains = \"Weather\"\nreply = \"Sunny.\"\n[[ai.mock]]\ncontains = \"break\"\nerror = \"out\"\n",
    );
    workspace.write("stored.json", r#"{"old": "kept", "unread": "too"}"#);
    let flags = [
        "--input",
        "{\"n\": 1.10}",
        "--allow-http",
        &server.host(),
        "--store-in",
        "stored.json",
        "--config",
        "a=b",
        "--fuel",
        "1_000_000",
    ];
    let (document, _) = recorded(&workspace, "probe", &flags);
    let (_, case) = exported(&workspace);
    assert_eq!(
        (text(&case, "input_json"), text(&case, "output_json")),
        ("{\"n\": 1.10}", document["output"].to_string().as_str())
    );
    assert_eq!(case["fuel"].as_integer(), document["usage"]["fuel"].as_i64());
    assert_eq!(case["limits"].to_string().trim(), "{ memory = \"512MiB\", timeout = \"30s\", fuel = 1000000 }");
    assert_eq!(case["config"]["a"].as_str(), Some("b"));
    assert_eq!((case["store"]["old"].as_str(), case["store"]["unread"].as_str()), (Some("kept"), Some("too")));
    assert!(case["store"].get("new").is_none(), "the skill wrote that itself");
    assert_eq!(case["store_after_includes"]["new"]["base64"].as_str(), Some("/g=="));
    assert_eq!(case["store_after_lacks"].to_string().trim(), "[\"old\"]");
    let calls: Vec<&str> =
        case["calls"].as_array().unwrap().iter().map(|call| call.as_inline_table().unwrap()["call"].as_str().unwrap()).collect();
    let expected = [
        "cis.ai_prompt",
        "env.host_ai_chat",
        "cis.memory_get",
        "cis.memory_set",
        "env.host_memory_get",
        "env.host_memory_delete",
        "cis.http_request",
        "env.host_http_post",
        "env.host_http_post",
    ];
    assert_eq!(calls, expected, "what is handed over again counts once");
    let ai: Vec<&Table> = case["ai"].as_array_of_tables().unwrap().iter().collect();
    assert_eq!(
        (text(ai[0], "prompt"), text(ai[0], "reply"), ai[0]["call"].as_integer()),
        ("Weather?\n\"now\"", "Sunny.", Some(1))
    );
    assert_eq!((text(ai[1], "error"), ai[1]["call"].as_integer(), ai.len()), ("out", Some(2), 2));
    let http: Vec<&Table> = case["http"].as_array_of_tables().unwrap().iter().collect();
    assert_eq!((text(http[0], "method"), text(http[0], "reply_base64")), ("GET", "/w=="));
    assert_eq!((text(http[1], "reply"), http[1]["status"].as_integer(), http.len()), ("none", Some(404), 2));
    // Every key is one of the page's.
    let page = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cases.md"));
    for key in page.iter().flat_map(|_| case.iter().map(|(key, _)| key)) {
        assert!(page.as_ref().unwrap().contains(&format!("`{key}`")) || ["ai", "http"].contains(&key), "{key}");
    }
}

#[test]
fn a_case_says_what_it_cannot_have_and_what_can_be_no_case_is_told() {
    let workspace = Workspace::new();
    workspace.write("probe.wat", Script::new().call("env.host_now", &[]).wat("unreachable").module());
    recorded(&workspace, "probe", &[]);
    let (told, case) = exported(&workspace);
    assert!(told.starts_with("# The recorded run looked at a live clock"), "{told}");
    assert_eq!((text(&case, "outcome"), text(&case, "error_kind")), ("trap", "unreachable"));
    assert!(case.get("fuel").is_none() && case["calls"].as_array().unwrap().is_empty(), "{told}");
    recorded(&workspace, "probe", &["--seed", "7"]);
    let (told, case) = exported(&workspace);
    assert_eq!((case["seed"].as_integer(), told.starts_with("[[case]]")), (Some(7), true), "{told}");
    assert!(case["fuel"].is_integer());
    let whole = std::fs::read_to_string(workspace.path().join(RECORD)).unwrap();
    let cut = whole.find("\"finished\"").unwrap();
    workspace.write(RECORD, &whole[..cut]);
    workspace.write("case.toml", "mine");
    let ran = workspace.skillscope(&["--export", "case", RECORD, "-o", "case.toml"]);
    assert!(
        ran.expect(2).stderr.contains("no case can be made of the record run.jsonl: it ends before its run did"),
        "{}",
        ran.stderr
    );
    assert_eq!(std::fs::read_to_string(workspace.path().join("case.toml")).unwrap(), "mine");
    workspace.write("copies.wat", crate::command::command("", "(call $copy)"));
    workspace.write("raw", b"\xff");
    recorded(&workspace, "copies", &["--stdin", "@raw"]);
    let ran = workspace.skillscope(&["--export", "case", RECORD]);
    assert!(ran.expect(2).stderr.contains("its input is not text"), "{}", ran.stderr);
}

#[test]
fn an_exported_case_holds_when_it_is_run() {
    use skillscope::event::{CaseStatus, Event, SuiteEvent};
    use skillscope::session::{CaseChoice, CaseTerms, Command, Overrides, Seeding, Session, SessionConfig, SuiteRequest};
    let server = Server::answering(|request| match request.url.path() {
        "/ok" => ResponseTemplate::new(200).set_body_bytes(vec![0xff]),
        _ => ResponseTemplate::new(404).set_body_string("none"),
    });
    let (url, buffer) = (server.url(), Range(BUFFER, 64));
    let script = Script::new()
        .call("cis.ai_prompt", &[Text("Weather?\n\"now\""), Range(BUFFER, 2)])
        .call("cis.ai_prompt", &[Text("Weather?\n\"now\""), buffer])
        .call("env.host_ai_chat", &[Text("break"), buffer])
        .call("cis.memory_get", &[Text("old"), buffer])
        .call("cis.memory_set", &[Text("new"), Bytes(b"\xfe")])
        .call("env.host_memory_get", &[Text("new"), buffer])
        .call("env.host_memory_delete", &[Text("old")])
        .call("cis.http_request", &[Text(&format!("{url}/ok")), Text(""), buffer])
        .call("env.host_http_post", &[Text(&format!("{url}/missing")), Text("{}"), buffer])
        .call("env.host_http_post", &[Text("http://denied.example/"), Text("{}"), buffer]);
    let workspace = Workspace::new();
    workspace.write("probe/probe.wat", script.module());
    workspace.write("probe/skill.toml", "[skill]\nname = \"probe\"\nmodule = \"probe.wat\"\n");
    workspace.write(
        "skillscope.toml",
        "[[ai.mock]]\ncontains = \"Weather\"\nreply = \"Sunny.\"\n[[ai.mock]]\ncontains = \"break\"\nerror = \"out\"\n",
    );
    workspace.write("stored.json", r#"{"old": "kept", "unread": "too"}"#);
    let flags = [
        "--input",
        "{\"n\": 1.10}",
        "--allow-ai",
        "--allow-memory",
        "*",
        "--allow-http",
        &server.host(),
        "--store-in",
        "stored.json",
        "--fuel",
        "1_000_000",
    ];
    recorded(&workspace, "probe", &flags);
    let (text, _) = exported(&workspace);
    drop(server);
    workspace.write("probe/cases/recorded.toml", &text);
    let samples = crate::samples::samples();
    for name in ["summarize", "translate", "redact"] {
        let sample = crate::samples::sample(name);
        let words: Vec<&str> = sample.tries[0].iter().map(String::as_str).collect();
        recorded(&workspace, name, &[&words, &["--seed", "3", samples.to_str().unwrap()][..]].concat());
        let (text, _) = exported(&workspace);
        for file in std::fs::read_dir(samples.join(name)).unwrap().flatten().filter(|entry| entry.path().is_file()) {
            workspace.write(&format!("{name}/{}", file.file_name().to_str().unwrap()), std::fs::read(file.path()).unwrap());
        }
        workspace.write(&format!("{name}/cases/recorded.toml"), text);
    }
    let session = Session::start(SessionConfig {
        directories: vec![workspace.path().to_owned()],
        ai: "mock".into(),
        store: std::sync::Arc::new(skillscope::host::store::MemoryStore::new()),
        cache_dir: None,
        max_module_bytes: None,
        watch: false,
    })
    .unwrap();
    session.commander().send(Command::RunSuite(Box::new(SuiteRequest {
        choice: CaseChoice::default(),
        list_only: false,
        jobs: std::num::NonZeroUsize::MIN,
        retries: 0,
        fail_fast: false,
        accept: false,
        terms: CaseTerms {
            seed: Seeding::Default(0),
            live_http: false,
            compiler: skillscope::runtime::Compiler::Cranelift,
            overrides: Overrides::default(),
        },
    })));
    let mut passed = 0_usize;
    loop {
        match session.events().recv_timeout(std::time::Duration::from_secs(60)).unwrap() {
            Event::Suite(SuiteEvent::CaseFinished(result)) => {
                assert_eq!(result.status, CaseStatus::Passed, "{:#?}\n{text}", result.attempts);
                // The samples have cases of their own, too.
                passed += usize::from(result.case.id.case.starts_with("recorded "));
            }
            Event::Suite(SuiteEvent::Broken { failure, file, .. }) => panic!("{}: {}", file.display(), failure.message),
            Event::Suite(SuiteEvent::Finished(_)) => break,
            _ => {}
        }
    }
    assert_eq!(passed, 4);
}
