//! Reports for people, scripts and GitHub; and the README's workflow.

use super::{test_json, write};
use crate::program::{Workspace, finish};
use crate::workspace::echo;

fn one_fails() -> Workspace {
    let workspace = Workspace::new();
    write(
        &workspace,
        &echo(),
        "[[case]]\nname = \"holds\"\n[[case]]\nname = \"fails, 100%\"\ninput = [\"a\"]\noutput = [\"b\"]\n",
    );
    workspace
}

#[test]
fn people_see_what_does_not_hold_and_the_sum_and_nothing_of_the_rest() {
    let ran = one_fails().skillscope(&["--test"]);
    let (told, sum) = ran.expect(100).stdout.rsplit_once("2 cases: ").unwrap();
    let expected = " FAILED  probe::fails, 100%  (probe/skill.toml:7)
         output: the output is not what was expected: it differs at /0
             [
           -   \"b\"
           +   \"a\"
             ]
";
    assert_eq!(told, expected);
    assert!(sum.starts_with("1 passed, 1 failed, in "), "{sum}");
    assert_eq!(ran.stderr, "", "no terminal, no moving line");
}

#[test]
fn scripts_get_one_document_or_a_line_for_each_event() {
    let workspace = one_fails();
    let (document, _) = test_json(&workspace, &["--jobs", "2"]);
    assert_eq!(super::came_to(&document), [("holds".into(), "passed".into()), ("fails, 100%".into(), "failed".into())]);
    let lines = workspace.skillscope(&["--test", "--format", "jsonl", "--jobs", "1"]);
    let types: Vec<String> = lines
        .stdout
        .lines()
        .map(|line| {
            let event: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(event["event"], "suite");
            event["type"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(types, ["chosen", "case_started", "case_finished", "case_started", "case_finished", "finished"]);
}

#[test]
fn github_gets_annotations_and_a_summary() {
    let workspace = one_fails();
    let summary = workspace.write("summary.md", "before\n");
    let environment = [("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", summary.to_str().unwrap())];
    let ran = workspace.skillscope_with(&["--test", "--format", "json"], &environment, b"");
    ran.expect(100).json();
    let expected = "::error file=probe/skill.toml,line=7,title=probe%3A%3Afails%2C 100%25::output: the output is not what was expected: it differs at /0%0A    [%0A  -   \"b\"%0A  +   \"a\"%0A    ]\n";
    assert_eq!(ran.stderr, expected);
    let text = std::fs::read_to_string(summary).unwrap();
    assert!(text.starts_with("before\n### Not all cases hold\n\n2 cases: 1 passed, 0 flaky, 1 failed"), "{text}");
    assert!(
        text.contains("| failed | probe::fails, 100% | probe/skill.toml:7 | the output is not") && text.contains("```diff\n"),
        "{text}"
    );
}

#[test]
fn reports_that_cannot_be_written_are_wrong_usage() {
    let workspace = one_fails();
    workspace.write("file", "");
    let ran = workspace.skillscope(&["--test", "--report", "junit=file/x.xml"]);
    assert!(ran.expect(2).stderr.contains("cannot write file/x.xml"), "{}", ran.stderr);
    workspace.skillscope(&["--test", "--report", "xml=x"]).expect(2);
    let junit = workspace.skillscope(&["--run", "probe", "--format", "junit"]);
    assert!(junit.expect(2).stderr.contains("use it with --test"), "{}", junit.stderr);
}

#[test]
fn the_readmes_workflow_runs_as_it_stands() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let workflow = readme.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let runs: Vec<&str> = workflow.lines().filter_map(|line| line.trim().strip_prefix("- run: ")).collect();
    let [install, test] = runs[..] else { panic!("{runs:?}") };
    assert!(install.starts_with("cargo install --locked --git ") && workflow.contains("path: junit.xml"), "{workflow}");
    let workspace = Workspace::new();
    for file in ["skill.toml", "summarize.wasm", "cases/snapshots/summarizes-a-note-and-remembers-it.fuel.json"] {
        workspace
            .write(&format!("summarize/{file}"), std::fs::read(crate::samples::samples().join("summarize").join(file)).unwrap());
    }
    let arguments: Vec<&str> = test.strip_prefix("skillscope ").unwrap().split(' ').collect();
    finish(workspace.command(&arguments).spawn().unwrap(), b"").expect(0);
    assert!(workspace.path().join("junit.xml").exists());
}
