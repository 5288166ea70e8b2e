//! Which cases run: by name, by filter, by shard, by what failed last time; and how a suite ends.

use super::{came_to, test_json, write};
use crate::program::Workspace;
use crate::workspace::echo;

/// Two skills: `alpha` with cases one to four, of which three fails, and `beta` with one case that has to do with HTTP.
fn two_skills() -> Workspace {
    let workspace = Workspace::new();
    workspace.write("alpha/a.wat", echo());
    let case = |name: &str, output: &str| format!("[[case]]\nname = \"{name}\"\ninput = 1\noutput = {output}\n");
    let cases = [case("one", "1"), case("two", "1"), case("three", "2"), case("four", "1")].concat();
    workspace.write("alpha/skill.toml", format!("[skill]\nname = \"alpha\"\nmodule = \"a.wat\"\n{cases}"));
    workspace.write("beta/b.wat", echo());
    let cases = "[[case]]\nname = \"one/more\"\n[[case.http]]\nurl = \"http://a.example/\"\nreply = \"x\"\n[[case]]\nname = \"later\"\nskip = \"not yet\"\n";
    workspace.write("beta/skill.toml", format!("[skill]\nname = \"beta\"\nmodule = \"b.wat\"\n{cases}"));
    workspace
}

fn names(workspace: &Workspace, more: &[&str]) -> Vec<String> {
    let ran = workspace.skillscope(&[&["--list-cases", "--format", "json"], more].concat());
    let document = ran.json();
    let name = |case: &serde_json::Value| format!("{}::{}", case["skill"].as_str().unwrap(), case["case"].as_str().unwrap());
    document["cases"].as_array().unwrap().iter().map(name).collect()
}

#[test]
fn cases_are_chosen_by_name_and_by_what_they_have_to_do_with() {
    let workspace = two_skills();
    assert_eq!(names(&workspace, &[]).len(), 6);
    assert_eq!(names(&workspace, &["--select", "alpha::t*"]), ["alpha::two", "alpha::three"]);
    assert_eq!(names(&workspace, &["--select", "one*"]), ["alpha::one", "beta::one/more"]);
    assert_eq!(names(&workspace, &["--select", "four", "--select", "beta::later"]), ["alpha::four", "beta::later"]);
    assert_eq!(names(&workspace, &["--filter", "~k http"]), ["beta::one/more"]);
    assert_eq!(names(&workspace, &["alpha"]).len(), 4);
    let listed = workspace.skillscope(&["--list-cases", "--select", "later"]);
    assert_eq!(listed.expect(0).stdout, "beta::later  beta/skill.toml:10  (skipped: not yet)\n");
    workspace.skillscope(&["--test", "--select", "a["]).expect(2);
    workspace.skillscope(&["--test", "--shard", "3/2"]).expect(2);
    workspace.skillscope(&["--select", "a"]).expect(2);
}

#[test]
fn shards_are_disjoint_and_together_all() {
    let workspace = two_skills();
    let mut shards: Vec<String> = (1..=4).flat_map(|index| names(&workspace, &["--shard", &format!("{index}/4")])).collect();
    let mut all = names(&workspace, &[]);
    shards.sort();
    all.sort();
    assert_eq!(shards, all);
}

#[test]
fn what_failed_runs_again_until_it_holds() {
    let workspace = two_skills();
    let (document, code) = test_json(&workspace, &[]);
    assert_eq!(code, 100);
    let totals = &document["totals"];
    let counts = ["cases", "passed", "failed", "skipped", "not_run"].map(|key| totals[key].as_u64().unwrap());
    assert_eq!(counts, [6, 4, 1, 1, 0]);
    assert_eq!(came_to(&test_json(&workspace, &["--failed"]).0), [("three".to_owned(), "failed".to_owned())]);
    // What is not run stays.
    test_json(&workspace, &["--select", "beta"]);
    let text = std::fs::read_to_string(workspace.path().join("alpha/skill.toml")).unwrap().replace("output = 2", "output = 1");
    workspace.write("alpha/skill.toml", text);
    let (document, code) = test_json(&workspace, &["--failed"]);
    assert_eq!((code, came_to(&document)), (0, vec![("three".to_owned(), "passed".to_owned())]));
    assert_eq!(test_json(&workspace, &["--failed"]).1, 101);
}

#[test]
fn fail_fast_begins_nothing_more() {
    let workspace = two_skills();
    let (document, code) = test_json(&workspace, &["--fail-fast", "--jobs", "1"]);
    assert_eq!((code, document["totals"]["not_run"].as_u64()), (100, Some(3)), "{document:#}");
}

#[test]
fn where_no_case_runs_the_program_says_so_with_a_code_of_its_own() {
    let workspace = two_skills();
    let none = workspace.skillscope(&["--test", "--select", "nothing"]);
    assert!(none.expect(101).stdout.starts_with("none of the 6 cases is chosen\n0 cases: 0 passed"), "{}", none.stdout);
    let empty = Workspace::new();
    empty.write("bare.wat", echo());
    let none = empty.skillscope(&["--test"]);
    assert!(none.expect(101).stdout.starts_with("there are no cases: "), "{}", none.stdout);
    assert_eq!(workspace.skillscope(&["--test", "--select", "later"]).code, 101, "a case that is skipped does not run");
    assert_eq!(workspace.skillscope(&["--list-cases", "--select", "nothing"]).code, 101);
    assert_eq!(workspace.skillscope(&["--test", "nowhere"]).code, 3);
}

#[test]
fn a_name_that_is_not_there_is_told_with_those_that_are_near() {
    let workspace = two_skills();
    for (select, told) in [
        ("alhpa", "--select alhpa names no case; did you mean alpha?"),
        ("thre", "--select thre names no case; did you mean three?"),
        ("alpha::tow", "--select alpha::tow names no case; did you mean alpha::two?"),
        ("bta::later", "--select bta::later names no case; did you mean beta::later?"),
        ("::latre", "--select ::latre names no case; did you mean ::later?"),
        ("gamma::*", "--select gamma::* names no case\n"),
        ("nothing", "--select nothing names no case\n"),
    ] {
        for mode in ["--test", "--list-cases"] {
            let ran = workspace.skillscope(&[mode, "--select", select]);
            assert!(ran.expect(101).stderr.contains(&format!("note: {told}")), "{select}: {}", ran.stderr);
        }
    }
    // One that names nothing is told beside others that do; for machines too.
    let ran = workspace.skillscope(&["--test", "--select", "two", "--select", "bata", "--format", "jsonl"]);
    assert!(ran.expect(0).stdout.contains("--select bata names no case; did you mean beta?"), "{}", ran.stdout);
    let ran = workspace.skillscope(&["--test", "--select", "thre", "--format", "junit"]);
    assert!(ran.expect(101).stderr.contains("did you mean three?"), "{}", ran.stderr);
    let ran = workspace.skillscope(&["--test", "--sweep", "fuel", "--select", "thre"]);
    assert!(ran.expect(101).stderr.contains("did you mean three?"), "{}", ran.stderr);
    assert_eq!(workspace.skillscope(&["--test", "--select", "two"]).expect(0).stderr, "");
}

#[test]
fn a_filter_that_means_no_case_is_told_with_what_cases_have() {
    let workspace = two_skills();
    let ran = workspace.skillscope(&["--test", "--filter", "~k ai"]);
    let told = "note: --filter means no case; replies and foreseen calls are of cis.http_request\n";
    assert!(ran.expect(101).stderr.contains(told), "{}", ran.stderr);
    let ran = workspace.skillscope(&["--test", "--filter", "~k ai", "alpha"]);
    assert!(ran.expect(101).stderr.contains("none has a reply or a foreseen call"), "{}", ran.stderr);
}

#[test]
fn a_skill_whose_cases_cannot_be_read_is_not_said_to_have_none_of_that_name() {
    let workspace = two_skills();
    workspace.write("alpha/cases/bad.toml", "[[case]]\n");
    let ran = workspace.skillscope(&["--test", "--select", "alpha::five"]);
    assert!(ran.expect(3).stdout.contains("BROKEN") && !ran.stderr.contains("names no case"), "{}{}", ran.stdout, ran.stderr);
    let ran = workspace.skillscope(&["--test", "--select", "beta::latre"]);
    assert!(ran.expect(101).stderr.contains("did you mean beta::later?"), "{}", ran.stderr);
}

#[test]
fn ctrl_c_ends_a_suite_with_what_ran_so_far() {
    let workspace = Workspace::new();
    let endless = crate::acceptance::d04("", "(loop $again (br $again)) (local.get $input)");
    write(
        &workspace,
        &endless,
        "[limits]\ntimeout = \"1h\"\n[[case]]\nname = \"a\"\nskip = \"no\"\n[[case]]\nname = \"b\"\n[[case]]\nname = \"c\"\n",
    );
    let mut command = workspace.command(&["--test", "--jobs", "1", "--format", "jsonl", "--report", "human=out.txt"]);
    let mut child = command.spawn().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    assert!(lines.any(|line| line.unwrap().contains("case_started")));
    assert!(std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(crate::program::wait(&mut child).code(), Some(130));
    let last: serde_json::Value = serde_json::from_str(rest.last().unwrap()).unwrap();
    assert_eq!((&last["type"], &last["cancelled"], &last["not_run"]), (&"finished".into(), &true.into(), &2.into()));
    let told = std::fs::read_to_string(workspace.path().join("out.txt")).unwrap();
    assert!(told.starts_with("cancelled: 3 cases: 0 passed, 1 skipped, 2 not run, in "), "{told}");
}
