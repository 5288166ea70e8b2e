//! Which faults are tried at a host call, and what counts as having survived one.
//!
//! Slowness is not tried: by contract a slow call ends the run at its deadline, whatever the skill does. Of faults that a skill
//! cannot tell apart, such as the ways in which a provider fails with -4, one is tried.

use crate::event::{CallRecord, Outcome, RunFinished, Survival};
use crate::skill::{CallClass, FaultSpec};

const AI: &[&str] = &["error", "denied", "too-large", "garbage", "binary", "long", "truncated"];
const HTTP: &[&str] = &[
    "error",
    "denied",
    "too-large",
    "status:404",
    "status:429",
    "status:503",
    "garbage",
    "empty",
    "binary",
    "long",
    "truncated",
];
const READ: &[&str] = &["error", "denied", "garbage", "empty", "binary", "long", "truncated"];
const WRITE: &[&str] = &["error", "denied", "full"];
const DELETE: &[&str] = &["error", "denied"];
const CONFIG: &[&str] = &["truncated"];

/// The faults to try at such a call.
pub fn faults_of(call: &CallRecord) -> &'static [&'static str] {
    // What was handed over again asked nobody, so that nothing can befall it.
    if call.finished.as_ref().is_none_or(|finished| finished.held) {
        return &[];
    }
    match CallClass::of(&call.name) {
        Some(CallClass::Ai) => AI,
        Some(CallClass::Http) => HTTP,
        Some(CallClass::StoreRead) => READ,
        Some(CallClass::StoreWrite) => WRITE,
        Some(CallClass::StoreDelete) => DELETE,
        Some(CallClass::Config) => CONFIG,
        Some(CallClass::Other) | None => &[],
    }
}

/// That fault at that call; `None` never comes of the lists above, which a test holds.
pub fn at_call(call: &CallRecord, fault: &str) -> Option<FaultSpec> {
    FaultSpec::parse(&format!("#{}={fault}", call.id.0)).ok()
}

/// What became of a run in which the fault was to befall a call.
pub fn survival(finished: &RunFinished, befell: bool, passed: bool) -> Survival {
    if !befell {
        return Survival::Missed;
    }
    if passed {
        return Survival::Passed;
    }
    match finished.outcome {
        Outcome::Ok | Outcome::Exit | Outcome::Failed => Survival::Handled,
        Outcome::Host | Outcome::Manifest | Outcome::Invalid | Outcome::Cancelled => Survival::Ended,
        Outcome::Trap => Survival::Trapped,
        Outcome::Output => Survival::NoOutput,
        Outcome::Timeout | Outcome::Fuel | Outcome::Memory => Survival::Limit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{CallFinished, CallId, CallRequest};

    fn call(name: &str, held: bool) -> CallRecord {
        let finished = CallFinished {
            id: CallId(3),
            result: Some(0),
            response: None,
            truncated: false,
            held,
            elapsed_us: 0,
            provider: None,
            tokens: None,
            error: None,
        };
        CallRecord {
            id: CallId(3),
            name: name.into(),
            at_us: 0,
            request: CallRequest::default(),
            finished: Some(finished),
            others: Vec::new(),
            faults: Vec::new(),
        }
    }

    #[test]
    fn every_fault_that_is_tried_is_one_that_can_befall_the_call() {
        for name in ["ai_prompt", "http_request", "memory_get", "memory_set", "host_memory_delete", "host_config_get"] {
            let call = call(&format!("cis.{name}"), false);
            assert!(!faults_of(&call).is_empty(), "{name}");
            for fault in faults_of(&call) {
                let spec = at_call(&call, fault).unwrap();
                assert!(spec.fits(CallId(3), &call.name, &call.request), "{spec} at {name}");
            }
        }
        assert!(faults_of(&call("cis.ai_prompt", true)).is_empty(), "a held response");
        assert!(faults_of(&call("env.host_log", false)).is_empty());
    }
}
