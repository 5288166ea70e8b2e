//! What an output, a stream, an end, a store and a budget may be held to: each holding, and failing with its message.

use super::{details, holds, mismatches, tested, told};
use crate::program::Workspace;
use crate::script::Arg::Text;
use crate::script::Script;
use crate::workspace::echo;

const DOCUMENT: &str = r#"{"a":1,"list":[1,2,{"x":"yes"}],"text":"some words","none":null}"#;

/// A case of the echo skill, which is given [`DOCUMENT`].
fn case(expectation: &str) -> String {
    format!("[[case]]\nname = \"c\"\ninput_json = '{DOCUMENT}'\n{expectation}\n")
}

#[test]
fn every_kind_of_check_of_an_output_can_hold() {
    let checks = [
        format!("output_json = '{DOCUMENT}'"),
        r#"output_json = '{"none":null,"text":"some words","list":[1.0,2,{"x":"yes"}],"a":1.0}'"#.to_owned(),
        r#"output_includes = { list = [2, { x = "yes" }], a = 1 }"#.to_owned(),
        r#"output_text = { matches = '"a":\d' }"#.to_owned(),
        r#"output_text = { contains = "some words" }"#.to_owned(),
        r#"output_schema = { type = "object", required = ["a"], properties = { a = { type = "integer" } } }"#.to_owned(),
        r#"assert = [
            { at = "/a", equals = 1, min = 0.5, max = 1, type = "integer" },
            { at = "/list/2/x", equals = "yes", differs = "no", length = 3 },
            { at = "/list", contains = 2, length = 3, includes = [1, 2], type = "array" },
            { at = "/text", contains = "words", matches = "^some" },
            { contains = "none", exists = true },
            { at = "/none", type = "null" },
            { at = "/gone", exists = false },
        ]"#
        .to_owned(),
    ];
    for check in checks {
        holds(tested(&echo(), &case(&check)));
    }
}

#[test]
fn every_kind_of_check_of_an_output_fails_with_its_message() {
    for (check, expected) in [
        (r#"output = { a = 2 }"#, "output: the output is not what was expected: it differs at /a"),
        (r#"output_includes = { list = [9] }"#, "output: the output does not include what was expected: it differs at /list/0"),
        (r#"output_text = { matches = "^x" }"#, "output: the output's text is not something that matches \"^x\""),
        (r#"output_schema = { type = "array" }"#, "output: the output is not valid by the schema"),
        (r#"assert = [{ at = "/a", equals = 2 }]"#, "output: /a: expected 2, and found 1"),
        (r#"assert = [{ at = "/a", differs = 1 }]"#, "output: /a: expected anything but 1, and that is it"),
        (r#"assert = [{ at = "/a", min = 2 }]"#, "output: /a: 1 is less than 2"),
        (r#"assert = [{ at = "/a", max = 0 }]"#, "output: /a: 1 is more than 0"),
        (r#"assert = [{ at = "/a", type = "string" }]"#, "output: /a: expected the type string, and found integer: 1"),
        (r#"assert = [{ at = "/gone", equals = 2 }]"#, "output: /gone: there is nothing at this place"),
        (r#"assert = [{ at = "/a", exists = false }]"#, "output: /a: expected nothing there, and found 1"),
        (r#"assert = [{ at = "/text", contains = "verbs" }]"#, "output: /text: \"some words\" does not contain \"verbs\""),
        (r#"assert = [{ at = "/text", matches = "^w" }]"#, "output: /text: \"some words\" does not match \"^w\""),
        (
            r#"assert = [{ at = "/list", length = 2 }]"#,
            "output: /list: expected the length 2, and found 3: [1,2,{\"x\":\"yes\"}]",
        ),
        (r#"assert = [{ at = "/a", length = 2 }]"#, "output: /a: 1 has no length"),
        (r#"outcome = "trap""#, "outcome: expected the outcome trap, and the run ended with ok"),
        (r#"error_kind = "trap""#, "error: expected an error of the kind trap, and there is no error"),
        (r#"stdout = "hello""#, "stream: standard output is not what was expected"),
        (r#"store_after_includes = { k = "v" }"#, "store: the memory has no value under \"k\""),
        (r#"budget = { fuel = 1 }"#, "budget: used 49 fuel, and the budget is 1"),
        (r#"output_file = "gone.json""#, "file: cannot read"),
        (r#"output_snapshot = true"#, "not-accepted: no output was accepted yet"),
    ] {
        let found = mismatches(&tested(&echo(), &case(check)));
        let is_expected = found.len() == 1 && found[0].starts_with(expected.split("used 49").next().unwrap());
        assert!(is_expected, "{check}\n{found:?}");
    }
    let ran = tested(&echo(), &case(r#"assert = [{ at = "/list/2", equals = { x = "no" } }]"#));
    let shown = details(&ran);
    assert!(shown.contains("-   \"x\": \"no\"") && shown.contains("+   \"x\": \"yes\""), "{shown}");
    let human = told(&echo(), &case(r#"output_schema = { properties = { a = { type = "string" } } }"#));
    assert!(human.stdout.contains("at '/a'") && human.stdout.contains("FAILED  probe::c"), "{}", human.stdout);
}

#[test]
fn the_end_of_a_run_is_ok_unless_the_case_says_otherwise() {
    let module = r#"(module (memory (export "memory") 1)
        (func (export "alloc") (param i32) (result i32) (i32.const 64)) (func (export "dealloc") (param i32 i32))
        (func $inner unreachable) (func (export "execute") (param i32) (result i32) (call $inner) (i32.const 0)))"#;
    holds(tested(
        module,
        "[[case]]\nname = \"c\"\noutcome = \"trap\"\nerror = { contains = \"unreachable\" }\nerror_kind = \"unreachable\"\n",
    ));
    let ran = tested(module, "[[case]]\nname = \"c\"\n");
    assert_eq!(mismatches(&ran), ["outcome: expected the outcome ok, and the run ended with trap"]);
    assert!(details(&ran).contains("at inner"), "{}", details(&ran));
    let refused = "(module (import \"env\" \"nothing\" (func)))";
    holds(tested(refused, "[[case]]\nname = \"c\"\noutcome = \"invalid\"\n"));
}

#[test]
fn a_store_is_given_and_held_to() {
    let module = Script::new()
        .call("cis.memory_set", &[Text("new"), Text("{\"n\":1}")])
        .call("env.host_memory_delete", &[Text("old")])
        .module();
    let given =
        "[permissions]\nmemory = [\"*\"]\n[[case]]\nname = \"c\"\nstore = { old = \"x\", kept = { base64 = \"/w==\" } }\n";
    holds(tested(
        &module,
        &format!("{given}store_after = {{ new = {{ json = {{ n = 1.0 }} }}, kept = {{ base64 = \"/w==\" }} }}\n"),
    ));
    holds(tested(
        &module,
        &format!("{given}store_after_includes = {{ new = {{ contains = \"n\" }} }}\nstore_after_lacks = [\"old\"]\n"),
    ));
    let found =
        mismatches(&tested(&module, &format!("{given}store_after = {{ kept = \"y\" }}\nstore_after_lacks = [\"new\"]\n")));
    let unexpected = "store: the memory has a value under \"new\", and none was expected there";
    assert_eq!(found, ["store: the value under \"kept\" is not what was expected", unexpected, unexpected]);
}

#[test]
fn files_of_the_skill_can_hold_inputs_and_expectations() {
    let workspace = Workspace::new();
    super::write(&workspace, &echo(), "");
    workspace.write("probe/data/in.json", DOCUMENT);
    workspace.write("probe/data/schema.json", r#"{"required": ["a"]}"#);
    let keys = "input_file = \"data/in.json\"\noutput_file = \"data/in.json\"\noutput_schema_file = \"data/schema.json\"";
    workspace.write("probe/cases/one.toml", format!("[[case]]\nname = \"c\"\n{keys}\n"));
    workspace.write("probe/cases/.hidden.toml", "nonsense");
    workspace.write("probe/cases/notes.txt", "nonsense");
    holds(super::test_json(&workspace, &[]));
    workspace.write("probe/data/schema.json", r#"{"type": 5}"#);
    let found = mismatches(&super::test_json(&workspace, &[]));
    assert!(found[0].starts_with("file: data/schema.json: not a JSON Schema: "), "{found:?}");
}

#[test]
fn budgets_of_memory_time_and_calls_hold_and_fail() {
    let module = Script::new().call("env.host_now", &[]).call("env.host_now", &[]).pages(3).module();
    let case = |budget: &str| format!("[[case]]\nname = \"c\"\nbudget = {{ {budget} }}\n");
    holds(tested(&module, &case("memory = \"192KiB\", time = \"1m\", calls = 2, fuel = 1_000_000")));
    let found = mismatches(&tested(&module, &case("memory = \"128KiB\", calls = 1")));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("memory at its peak") && found[1] == "budget: made 2 host calls, and the budget is 1", "{found:?}");
}
