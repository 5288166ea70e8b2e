//! Host calls that a case foresees, and those that it does not.

use super::{details, holds, mismatches, tested};
use crate::script::Arg::{Range, Text};
use crate::script::{BUFFER, Script};

const GRANTS: &str = "[permissions]\nai = true\nmemory = [\"*\"]\n";

/// A skill that looks for a value, asks an AI, stores the answer, and logs.
fn module() -> String {
    Script::new()
        .call("cis.memory_get", &[Text("notes/a"), Range(BUFFER, 64)])
        .call("cis.ai_prompt", &[Text("Summarize: milk"), Range(BUFFER, 4)])
        .call("cis.ai_prompt", &[Text("Summarize: milk"), Range(BUFFER, 64)])
        .call("cis.memory_set", &[Text("notes/a"), Text("Shopping.")])
        .call("env.host_log", &[crate::script::Arg::Int(2), Text("done")])
        .module()
}

fn case(lines: &str) -> String {
    format!("{GRANTS}[[case]]\nname = \"c\"\n{lines}\n[[case.ai]]\nreply = \"Shopping.\"\n")
}

#[test]
fn foreseen_calls_hold_in_order_and_in_any_order() {
    for lines in [
        "calls = [\"memory_get\", \"ai_prompt\", \"memory_set\"]",
        "calls = [\"memory\", \"cis.ai_prompt\", \"memory\"]",
        "calls = [{ call = \"memory_get\", result = -1 }, { call = \"ai\", request = { prompt = { contains = \"milk\" } }, response = \"Shopping.\" }, { call = \"memory_set\", request = { key = \"notes/a\", value = \"Shopping.\" } }]",
        "calls = [\"memory_set\", \"ai_prompt\", \"memory_get\"]\nordered = false",
        "calls = [{ call = \"memory_get\", min = 0, max = 3 }, { call = \"ai\", min = 1 }, { call = \"memory\", times = 1 }]",
        "calls = [\"memory_set\"]\nstrict = false",
        "calls = [\"memory_get\", \"ai\", \"memory_set\", { call = \"host_log\", request = { message = \"done\" } }]",
    ] {
        holds(tested(&module(), &case(lines)));
    }
}

#[test]
fn an_unforeseen_call_fails_and_shows_the_nearest_with_the_difference() {
    let lines = "calls = [\n  \"memory_get\",\n  { call = \"ai_prompt\", request = { prompt = \"Summarize: bread\" } },\n  \"memory_set\",\n]";
    let ran = tested(&module(), &case(lines));
    assert_eq!(mismatches(&ran), ["calls: call 2, cis.ai_prompt, was not foreseen; 1 more calls were not looked at"]);
    let shown = details(&ran);
    assert!(shown.contains("foreseen here (line 11): ai_prompt"), "{shown}");
    assert!(shown.contains("- prompt = \"Summarize: bread\"") && shown.contains("+ prompt = \"Summarize: milk\""), "{shown}");
    assert_eq!(ran.0["results"][0]["attempts"][0]["mismatches"][0]["line"], 11);
}

#[test]
fn calls_that_were_not_made_and_surplus_ones_are_told() {
    let nobody = tested(&module(), &case("calls = []"));
    assert_eq!(mismatches(&nobody)[0], "calls: call 1, cis.memory_get, was not foreseen; 2 more calls were not looked at");
    assert!(details(&nobody).starts_with("no calls are foreseen"), "{}", details(&nobody));
    let more = "calls = [\"memory_get\", \"ai\", \"memory_set\", { call = \"http\", times = 2 }]";
    assert_eq!(mismatches(&tested(&module(), &case(more))), ["calls: expected http 2 times, and it was called 0 times"]);
    let fewer = tested(&module(), &case("calls = [\"memory_get\", \"ai\"]"));
    assert_eq!(mismatches(&fewer), ["calls: call 4, cis.memory_set, was not foreseen"]);
    let any = tested(&module(), &case("calls = [\"memory_get\", \"memory_get\", \"ai\"]\nordered = false"));
    let expected =
        ["calls: call 4, cis.memory_set, was not foreseen", "calls: expected memory_get 1 time, and it was called 0 times"];
    assert_eq!(mismatches(&any), expected);
}

#[test]
fn what_a_call_returns_is_held_to() {
    let lines =
        "calls = [{ call = \"memory_get\", result = 4 }, { call = \"ai\", response = { matches = \"^Rain\" } }, \"memory_set\"]";
    let found = mismatches(&tested(&module(), &case(lines)));
    assert_eq!(
        found,
        [
            "calls: call 1, cis.memory_get: expected the result 4, and it returned -1",
            "calls: call 2, cis.ai_prompt: the response is not something that matches \"^Rain\""
        ]
    );
}

#[test]
fn every_host_function_can_be_foreseen() {
    let known: Vec<&str> = crate::script::IMPORTS.iter().map(|(name, _)| name.split_once('.').unwrap().1).collect();
    assert_eq!(known, skillscope::skill::cases::HOST_CALL_NAMES);
}
