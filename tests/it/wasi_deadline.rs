//! WASI under the run's limits.

use crate::program::Workspace;
use crate::script::Script;
use serde_json::json;

/// A subscription to the monotonic clock, relative, an hour ahead.
fn an_hour() -> Vec<u8> {
    let mut subscription = vec![0_u8; 48];
    subscription[16] = 1;
    subscription[24..32].copy_from_slice(&3_600_000_000_000_u64.to_le_bytes());
    subscription
}

#[test]
fn a_skill_that_sleeps_an_hour_ends_at_its_deadline() {
    let workspace = Workspace::new();
    let sleeper = Script::new()
        .wasi("poll_oneoff", "(param i32 i32 i32 i32) (result i32)")
        .data(60_000, an_hour())
        .number("(call $poll_oneoff (i32.const 60000) (i32.const 60100) (i32.const 1) (i32.const 60200))");
    workspace.write("sleeper.wat", sleeper.module());
    let (document, code) = workspace.run_json("sleeper", &["--timeout", "300ms"]);
    assert_eq!((code, &document["outcome"], &document["error"]["phase"]), (5, &json!("timeout"), &json!("execute")));
    let (document, code) = workspace.run_json("sleeper", &["--no-wasi"]);
    assert_eq!((code, &document["error"]["kind"]), (4, &json!("wasi-off")));
    assert!(document["error"]["message"].as_str().unwrap().contains("poll_oneoff"), "{document}");
}
