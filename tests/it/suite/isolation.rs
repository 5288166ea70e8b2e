//! Cases do not disturb one another, also a thousand of them at once.

use super::{holds, test_json, write};
use crate::program::Workspace;
use crate::script::Arg::{Int, Range, Text};
use crate::script::{BUFFER, Script};

#[test]
fn a_thousand_cases_at_once_each_have_a_memory_and_an_ai_of_their_own() {
    let workspace = Workspace::new();
    // Finds nothing in its memory, whatever the others wrote there; asks; and answers with what it was told.
    let module = Script::new()
        .call("cis.memory_get", &[Text("k"), Range(BUFFER, 64)])
        .call("cis.ai_prompt", &[Text("who am I?"), Range(BUFFER, 64)])
        .show(BUFFER, 4)
        .call("env.host_memory_set", &[Text("k"), Text("written")])
        .module();
    write(&workspace, &module, "[permissions]\nai = true\nmemory = [\"*\"]\n");
    let case = |n: u32| {
        format!(
            "[[case]]\nname = \"case {n}\"\noutput = [-1, 4, \"{n:04}\", 0]\nstore_after = {{ k = \"written\" }}\ncalls = [\"memory\", \"ai\", \"memory\"]\n[[case.ai]]\nreply = \"{n:04}\"\n"
        )
    };
    workspace.write("probe/cases/many.toml", (0..1000).map(case).collect::<String>());
    let document = holds(test_json(&workspace, &["--jobs", "16"]));
    assert_eq!(document["totals"]["passed"], 1000);
    let fuel = |result: &serde_json::Value| result["attempts"][0]["usage"]["fuel"].as_u64().unwrap();
    let results = document["results"].as_array().unwrap();
    assert!(results.iter().all(|result| fuel(result) == fuel(&results[0])), "one course of the module, one figure");
    assert!(!workspace.path().join(".skillscope").exists(), "where all holds, nothing is kept");
}

#[test]
fn one_case_that_dies_takes_no_other_with_it() {
    let workspace = Workspace::new();
    let cases = "[[case]]\nname = \"dies\"\noutcome = \"trap\"\n[[case]]\nname = \"too long\"\nlimits = { fuel = 10 }\noutcome = \"fuel\"\n";
    let module = Script::new().call("env.host_log", &[Int(2), Text("x")]).wat("(loop $again (br $again))").module();
    write(
        &workspace,
        &module.replace("(loop $again (br $again))", "unreachable"),
        cases.split("[[case]]\nname = \"too").next().unwrap(),
    );
    workspace.write("other/o.wat", module);
    let cases = "[[case]]\nname = \"endless\"\nlimits = { timeout = \"50ms\" }\noutcome = \"timeout\"\n";
    workspace.write("other/skill.toml", format!("[skill]\nname = \"other\"\nmodule = \"o.wat\"\n{cases}"));
    assert_eq!(holds(test_json(&workspace, &[]))["totals"]["passed"], 2);
}
