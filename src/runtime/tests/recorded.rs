//! Whole runs with a recorder as their observer: the record is what the run told, with what WASI answered.

use super::{Ran, trial};
use crate::event::{Event, RunEvent, RunId, WasiCall};
use crate::record::{RecordHeader, RecordReader, Recorder, RunSettings};
use std::time::Duration;

/// A command that asks for the time and random bytes, and copies stdin to stdout.
const ASKS: &str = r#"(module
    (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
    (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\00\10\00\00\64\00\00\00")
    (func (export "_start")
        (drop (call $clock (i32.const 0) (i64.const 1) (i32.const 64)))
        (drop (call $random (i32.const 128) (i32.const 5)))
        (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
        (i32.store (i32.const 4) (i32.load (i32.const 16)))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))"#;

fn wasi_calls(events: &[RunEvent]) -> Vec<&WasiCall> {
    events.iter().filter_map(|event| if let RunEvent::WasiCall(call) = event { Some(call) } else { None }).collect()
}

#[test]
fn a_record_holds_what_the_run_told_and_what_wasi_answered() {
    let place = tempfile::tempdir().unwrap();
    let recorder = Recorder::to_file(place.path().join("run.jsonl"), |trouble| panic!("{trouble}"));
    let record = recorder.begin(&RecordHeader::new(RunId(1), "test", 1), &RunSettings::default());
    let mut observed = trial(ASKS).input("[1, 2]");
    observed.observer = Some(record.clone());
    let observed: Ran = observed.run();
    record.finish();
    assert!(recorder.wait(Duration::from_secs(60)));
    let read: Vec<RunEvent> = RecordReader::open(record.path().unwrap())
        .unwrap()
        .map(|event| if let (_, Event::Run { what, .. }) = event.unwrap() { what } else { panic!("no event of the run") })
        .collect();
    assert_eq!(read, observed.events);
    let calls = wasi_calls(&read);
    let writes: Vec<Vec<(u32, usize)>> =
        calls.iter().map(|call| call.writes.iter().map(|write| (write.ptr, write.bytes.len())).collect()).collect();
    assert_eq!(writes, [vec![(64, 8)], vec![(128, 5)], vec![(4096, 6), (16, 4)], vec![(16, 4)]]);
    assert_eq!(calls[2].writes[0].bytes.as_text(), Some("[1, 2]"));

    let alone = trial(ASKS).input("[1, 2]").run();
    assert_eq!((alone.output(), alone.finished.usage.fuel), (observed.output(), observed.finished.usage.fuel));
    assert!(wasi_calls(&alone.events).iter().all(|call| call.writes.is_empty()), "without a recorder nothing is gathered");
}
