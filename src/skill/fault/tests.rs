//! Faults as they are read, and whom they fit.

use super::*;
use crate::event::Payload;
use std::time::Duration;

fn request(field: &'static str, value: &'static str) -> CallRequest {
    CallRequest(vec![(field.into(), Payload::from(value))])
}

fn fits(spec: &str, id: u64, name: &str) -> bool {
    FaultSpec::parse(spec).unwrap().fits(CallId(id), name, &request("prompt", "buy milk"))
}

#[test]
fn every_form_is_read() {
    for (text, occurrence, effect) in [
        ("ai=error", Occurrence::Every, Effect::Error(None)),
        ("ai_prompt#2=error:out of order: later", Occurrence::Nth(2), Effect::Error(Some("out of order: later".into()))),
        (" http # first = status:503 ", Occurrence::Nth(1), Effect::Status(503)),
        ("store=full", Occurrence::Every, Effect::Full),
        ("cis.memory_set#3+=denied", Occurrence::From(3), Effect::Denied),
        ("ai#every=delay:2s", Occurrence::Every, Effect::Delay(Duration::from_secs(2))),
        ("ai=answer:{\"a\"=1}", Occurrence::Every, Effect::Answer("{\"a\"=1}".into())),
        ("ai=answer:", Occurrence::Every, Effect::Answer(String::new())),
        ("(~k ai & \"a [)] [(]b=\")#1=long", Occurrence::Nth(1), Effect::Long(1 << 20)),
        ("http=long:64KiB", Occurrence::Every, Effect::Long(64 << 10)),
        ("#7=hang", Occurrence::Nth(7), Effect::Hang),
        ("memory=limit:2MiB", Occurrence::Every, Effect::MemoryLimit(2 << 20)),
        ("memory#2=refused", Occurrence::Nth(2), Effect::NoGrowth),
        ("http=refused", Occurrence::Every, Effect::Refused),
    ] {
        let spec = FaultSpec::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!((spec.occurrence(), spec.effect()), (occurrence, &effect), "{text}");
        assert_eq!(spec.to_string(), text.trim());
    }
}

#[test]
fn what_is_no_fault_is_told_by_column_and_in_words() {
    for (text, message) in [
        (" ", "column 1: a fault is missing; write for example ai=error, http=status:503 or store=full"),
        ("ai", "column 3: expected = and what happens behind it, as in ai=error"),
        ("ai=", "column 4: expected = and what happens behind it, as in ai=error"),
        ("=error", "column 1: whom it befalls is missing before =, such as ai, http, store, memory, or #3 for the third call"),
        (
            "ai_promt=error",
            "column 1: there is no host function and no kind of call ai_promt; did you mean ai_prompt?; \
             the kinds are ai, http, store, config, call and memory",
        ),
        ("ai#0=error", "column 4: expected which one behind #: a number from 1, a number and +, first or every, found \"0\""),
        (
            "ai#last=error",
            "column 4: expected which one behind #: a number from 1, a number and +, first or every, found \"last\"",
        ),
        (
            "store=eror",
            "column 7: there is no fault eror; did you mean error?; store may have error, denied, full, garbage, empty, binary, \
             long, answer, truncated, delay, hang",
        ),
        (
            "ai#2=status:503",
            "column 6: status cannot befall ai#2, which may have error, timeout, refused, denied, too-large, garbage, empty, \
             binary, long, answer, truncated, delay, hang",
        ),
        ("memory=delay:1s", "column 8: delay cannot befall memory, which may have limit, refused"),
        ("host_now=full", "column 10: full cannot befall host_now, which may have delay, hang"),
        ("http=status:200", "column 13: expected a status from 100 to 599 that is not 2xx, found \"200\""),
        ("http=status", "column 6: status wants more behind it: status:STATUS"),
        ("ai=delay:2", "column 10: a duration needs a unit: write \"2s\" or \"2ms\""),
        ("store=full:1", "column 12: full takes nothing behind it"),
        ("ai=long:17MiB", "column 9: no answer is larger than 16 MiB; too-large stands for one that is"),
        (
            "memory=limit:1",
            "column 14: 1 byte is less than one page of memory (64 KiB); is the unit missing? write for example 64MiB",
        ),
        ("memory#2=limit:1MiB", "column 8: limit holds for the whole run: write memory=limit:SIZE, without #"),
        ("(~k nothing)=error", "column 5: there is no kind nothing"),
        (
            "(~k ai=error",
            "column 1: this ( has no ): a filter in the place of a name stands in parentheses, as in (~u example.com)=refused",
        ),
        ("(~k ai) x=error", "column 9: expected # or = behind the filter"),
    ] {
        let error = FaultSpec::parse(text).map(|spec| spec.to_string()).unwrap_err();
        assert_eq!(error.to_string(), message, "{text}");
    }
    assert!(FaultSpec::parse(&"x".repeat(9000)).is_err());
}

#[test]
fn a_fault_fits_the_calls_that_are_meant_and_that_it_can_befall() {
    assert!(fits("ai=error", 1, "cis.ai_prompt") && fits("ai=error", 1, "env.host_ai_chat"));
    assert!(!fits("ai=error", 1, "cis.memory_get"));
    assert!(fits("host_ai_chat=error", 1, "cis.host_ai_chat") && !fits("env.host_ai_chat=error", 1, "cis.host_ai_chat"));
    assert!(fits("store=full", 1, "cis.memory_set") && !fits("store=full", 1, "cis.memory_get"));
    assert!(fits("(milk)=error", 1, "cis.ai_prompt") && !fits("(bread)=error", 1, "cis.ai_prompt"));
    assert!(fits("#2=error", 2, "cis.ai_prompt") && !fits("#2=error", 3, "cis.ai_prompt"));
    assert!(fits("#2+=delay:1s", 3, "env.host_log") && !fits("#2+=error", 3, "env.host_log"));
    assert!(!fits("call=delay:1s", 1, "env.host_alloc") && !fits("call=hang", 1, "env.abort"));
    assert!(!fits("memory=refused", 1, "cis.memory_get"));
}

#[test]
fn every_row_of_the_table_can_be_read() {
    for row in FAULTS {
        let argument = match row.argument {
            FaultArgument::None => "",
            FaultArgument::OptionalText | FaultArgument::Text => ":text",
            FaultArgument::Status => ":404",
            FaultArgument::Duration => ":1s",
            FaultArgument::OptionalSize | FaultArgument::Memory => ":64KiB",
        };
        let target = if row.classes.is_empty() { "memory" } else { "call" };
        let spec = FaultSpec::parse(&format!("{target}={}{argument}", row.word)).unwrap();
        assert!(row.classes.iter().all(|class| spec.effect().befalls(*class)), "{spec}");
    }
    assert!(target::FUNCTIONS.iter().all(|name| CallClass::of(name).is_some()));
}
