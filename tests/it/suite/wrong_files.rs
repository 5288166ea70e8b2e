//! Files of cases that cannot be taken: every fault with its place, and the other cases run all the same.

use super::write;
use crate::program::Workspace;
use crate::workspace::echo;

#[test]
fn every_fault_of_a_file_is_told_with_place_caret_and_hint() {
    for (lines, message, hint) in [
        ("nam = \"x\"\n", "3:1: unknown key `nam` in [case]", "did you mean `name`?"),
        ("input = 1979-05-27\n", "3:9: `case.input`: JSON has no dates", "write it in quotes: \"1979-05-27\""),
        ("input = inf\n", "3:9: `case.input`: JSON has no such number", ""),
        ("input_json = '{'\n", "3:14: `case.input_json`: not JSON", ""),
        ("input = 1\nstdin = \"x\"\n", "4:1: `case.stdin`: `input` is given too, and one of them is enough", ""),
        ("outcome = \"trapp\"\n", "3:11: `case.outcome`: \"trapp\" is no outcome", "did you mean \"trap\"?"),
        ("calls = [\"ai_promt\"]\n", "3:10: `case.calls`: there is no host function \"ai_promt\"", "did you mean \"ai_prompt\"?"),
        (
            "calls = [{ call = \"ai\", request = { promt = \"x\" } }]\n",
            "`case.calls.request.promt`: no request",
            "did you mean `prompt`?",
        ),
        ("strict = true\n", "3:1: `case.strict`: it says how `calls` are meant", "write `calls = []`"),
        ("assert = [{ at = \"a\", equals = 1 }]\n", "3:18: `case.assert.at`: not a JSON Pointer", "begins with a slash: \"/a\""),
        ("assert = [{ at = \"/a\" }]\n", "`case.assert`: an assertion says what holds", "{ at = \"/count\", equals = 3 }"),
        ("output_text = { matches = \"(\" }\n", "`case.output_text.matches`: not a regular expression", ""),
        ("output_schema = { type = 5 }\n", "`case.output_schema`: not a JSON Schema", ""),
        (
            "input_file = \"../x\"\n",
            "3:14: `case.input_file`: the path leads out of the skill's directory",
            "relative to the skill's directory",
        ),
        ("fuel = \"10\"\n", "3:8: `case.fuel`: expected the accepted figure", "fuel = \"accept\""),
        ("fuel_tolerance = 5\n", "`case.fuel_tolerance`: there is no `fuel`", ""),
        ("ai = [{ prompt = \"x\" }]\n", "an entry of [[case.ai]] needs `reply` or `error`", "reply ="),
        ("http = [{ status = 99 }]\n", "`case.http.status`: the status of a response is", ""),
        ("skip = true\n", "`case.skip`: it says why the case is not run", "skip = \""),
    ] {
        let workspace = Workspace::new();
        write(&workspace, &echo(), "[[case]]\nname = \"sound\"\n");
        workspace.write("probe/cases/bad.toml", format!("[[case]]\nname = \"c\"\n{lines}"));
        let ran = workspace.skillscope(&["--test"]);
        let told = &ran.expect(3).stdout;
        assert!(told.contains("BROKEN  probe") && told.contains(message) && told.contains(hint), "{lines}\n{told}");
        assert!(told.contains("probe/cases/bad.toml:") && told.contains('^'), "{told}");
        assert!(told.contains("1 case: 1 passed, 1 broken"), "the others run: {told}");
    }
}

#[test]
fn equal_names_and_files_without_cases_are_faults() {
    let workspace = Workspace::new();
    write(&workspace, &echo(), "[[case]]\nname = \"twice\"\n");
    workspace.write("probe/cases/a.toml", "[[case]]\nname = \"twice\"\n");
    workspace.write("probe/cases/b.toml", "# nothing\n");
    let ran = workspace.skillscope(&["--test"]);
    let told = &ran.expect(3).stdout;
    assert!(
        told.contains("a.toml:2: two cases of this skill are named \"twice\"; the other one is at probe/skill.toml:5"),
        "{told}"
    );
    assert!(told.contains("b.toml:1:1: the key `case` is missing at the top level"), "{told}");
}

#[test]
fn a_wrong_case_in_the_manifest_is_a_fault_of_the_manifest() {
    let workspace = Workspace::new();
    write(&workspace, &echo(), "[[case]]\nname = \"c\"\noutcom = \"ok\"\n");
    let ran = workspace.skillscope(&["--test"]);
    assert!(ran.expect(3).stdout.contains("did you mean `outcome`?"), "{}", ran.stdout);
    workspace.skillscope(&["--run", "probe"]).expect(3);
    // What is not chosen is not told.
    workspace.write("other/o.wat", echo());
    workspace.write("other/skill.toml", "[skill]\nname = \"other\"\nmodule = \"o.wat\"\n[[case]]\nname = \"c\"\n");
    workspace.skillscope(&["--test", "--select", "other::*"]).expect(0);
}

#[test]
fn the_schemas_take_the_samples_and_refuse_what_the_reader_refuses() {
    let printed = Workspace::new().skillscope(&["--cases-schema"]).expect(0).stdout.clone();
    let checked_in = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/cases.schema.json")).unwrap();
    assert_eq!(printed, checked_in.replace("\r\n", "\n"));
    let schema = skillscope::skill::cases::CheckedSchema::new(serde_json::from_str(&printed).unwrap()).unwrap();
    let faults = |text: &str| schema.faults(&toml::from_str(text).unwrap()).unwrap();
    let pages = std::fs::read_to_string(crate::samples::samples().join("page-title/cases/pages.toml")).unwrap();
    assert_eq!(faults(&pages), Vec::<String>::new());
    for text in [
        "x = 1",
        "[[case]]\nnam = 1",
        "[[case]]\nname = \"c\"\noutcome = \"okay\"",
        "[[case]]\nname = \"c\"\nassert = [{ eq = 1 }]",
    ] {
        assert!(!faults(text).is_empty(), "{text}");
    }
}
