//! Log lines, time, configuration, the guest's allocator and AssemblyScript's imports.

use super::{Guest, MEMORY_END, Setting};
use crate::event::{LogLevel, Payload};
use crate::host::{SEEDED_START_NS, Stop};
use wasmer::Value;

#[test]
fn log_lines_are_events_and_bytes_that_are_not_text_are_replaced() {
    let mut guest = Guest::new(Setting::default());
    guest.put(0, b"a\xffb");
    for (level, module) in [(0, "env"), (3, "cis"), (9, "env"), (-1, "env")] {
        guest.call_void(&format!("{module}.host_log"), &[level, 0, 3]).unwrap();
    }
    let text = "a\u{fffd}b".to_owned();
    let expected = [LogLevel::Trace, LogLevel::Warn, LogLevel::Error, LogLevel::Error].map(|level| (level, text.clone()));
    assert_eq!(guest.logs(), expected);
    assert_eq!(guest.started()[0].request.get("message"), Some(&Payload::Bytes(b"a\xffb".to_vec())));
    assert_eq!(guest.last().result, None);
    assert!(guest.warnings().is_empty());
}

#[test]
fn a_log_line_outside_memory_is_a_warning() {
    let mut guest = Guest::new(Setting::default());
    guest.call_void("env.host_log", &[2, MEMORY_END, 1]).unwrap();
    guest.call_void("env.host_log", &[2, -1, -1]).unwrap();
    assert!(guest.logs().is_empty());
    assert_eq!(guest.warnings().len(), 2);
    assert!(guest.warnings()[0].contains("outside memory"));
    assert!(guest.last_error().contains("outside memory"));
}

#[test]
fn the_time_is_in_seconds() {
    let mut guest = Guest::new(Setting::default());
    let now = guest.try_call("env.host_now", &[]).unwrap().and_then(|value| value.i64());
    assert_eq!(now, i64::try_from(SEEDED_START_NS / 1_000_000_000).ok());
    assert_eq!(guest.last().result, now);
}

#[test]
fn the_configuration_is_answered_key_by_key() {
    let mut guest = Guest::new(Setting { config: vec![("greeting", "Hallo Welt")], ..Setting::default() });
    guest.put(0, "greetingx");
    assert_eq!(guest.call("env.host_config_get", &[0, 8, 100, 5]), 10);
    assert!(guest.last().truncated);
    assert_eq!(guest.call("env.host_config_get", &[0, 8, 100, 50]), 10);
    assert_eq!(guest.bytes(100, 11), b"Hallo Welt\0");
    assert_eq!(guest.call("cis.host_config_get", &[0, 9, 100, 50]), 0);
    assert_eq!(guest.call("env.host_config_get", &[0, 8, -1, 50]), -2);
}

#[test]
fn memory_comes_from_the_skills_own_allocator() {
    let mut guest = Guest::new(Setting::default());
    assert_eq!(guest.call("env.host_alloc", &[16]), 60_000);
    assert_eq!(guest.call("cis.host_alloc", &[16]), 60_016);
    guest.call_void("env.host_free", &[60_000, 16]).unwrap();
    assert_eq!(guest.last().result, None);
    assert!(!guest.state().in_allocator);
    guest.state().in_allocator = true;
    let Err(Stop::Trap(failure)) = guest.call_void("env.host_alloc", &[16]) else { panic!("no trap") };
    assert_eq!(failure.kind, "allocator-reentered");
    let _ = guest.last();
}

#[test]
fn an_allocator_that_calls_the_host_nests_its_calls_and_may_not_call_itself() {
    let allocating = |inner: &str| {
        format!(
            "(module (import \"env\" \"host_log\" (func $log (param i32 i32 i32)))
               (import \"env\" \"host_alloc\" (func $alloc (param i32) (result i32)))
               (memory (export \"memory\") 1)
               (func (export \"alloc\") (param i32) (result i32) {inner} (i32.const 7))
               (func (export \"dealloc\") (param i32 i32))
               (func (export \"run\") (result i32) (call $alloc (i32.const 1))))"
        )
    };
    let mut guest = Guest::of(&allocating("(call $log (i32.const 2) (i32.const 0) (i32.const 1))"), Setting::default());
    assert_eq!(guest.call("run", &[]), 7);
    let names = |guest: &Guest| guest.finished().iter().map(|call| call.id.0).collect::<Vec<_>>();
    assert_eq!(names(&guest), [2, 1]);
    let _ = guest.last();

    let mut guest = Guest::of(&allocating("(drop (call $alloc (i32.const 1)))"), Setting::default());
    assert!(matches!(guest.call_void("run", &[]), Err(Stop::Trap(failure)) if failure.kind == "allocator-reentered"));
    assert_eq!(names(&guest), [2, 1]);
    let _ = guest.last();

    let mut guest = Guest::of(&allocating("unreachable"), Setting::default());
    let trap = guest.try_call("run", &[]).unwrap_err();
    assert!(trap.clone().to_trap().is_some(), "{trap}");
    assert!(guest.last_error().contains("unreachable"), "{}", guest.last_error());
}

#[test]
fn a_module_without_an_allocator_or_a_memory_is_told_so() {
    let wat = "(module (import \"env\" \"host_alloc\" (func $alloc (param i32) (result i32)))
                 (import \"cis\" \"ai_prompt\" (func $ask (param i32 i32 i32 i32) (result i32)))
                 (import \"cis\" \"memory_set\" (func $set (param i32 i32 i32 i32)))
                 (import \"env\" \"host_log\" (func $log (param i32 i32 i32)))
                 (func (export \"alloc1\") (result i32) (call $alloc (i32.const 1)))
                 (func (export \"log\") (call $log (i32.const 0) (i32.const 0) (i32.const 0)))
                 (func (export \"set\") (call $set (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))
                 (func (export \"ask\") (result i32) (call $ask (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))))";
    let mut guest = Guest::of(wat, Setting::default());
    assert!(matches!(guest.call_void("alloc1", &[]), Err(Stop::Trap(failure)) if failure.kind == "no-allocator"));
    assert_eq!(guest.call("ask", &[]), -2);
    assert!(guest.last_error().contains("no memory"));
    assert!(matches!(guest.call_void("set", &[]), Err(Stop::Host(_))));
    guest.call_void("log", &[]).unwrap();
    assert_eq!(guest.warnings().len(), 1);
}

fn put_string(guest: &Guest, ptr: i32, text: &str) {
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    guest.put(ptr - 4, u32::try_from(units.len()).unwrap().to_le_bytes());
    guest.put(ptr, units);
}

#[test]
fn an_abort_is_a_trap_with_its_place() {
    let mut guest = Guest::new(Setting::default());
    put_string(&guest, 100, "Index out of range");
    put_string(&guest, 200, "assembly/index.ts");
    let Err(Stop::Trap(failure)) = guest.call_void("env.abort", &[100, 200, 12, 5]) else { panic!("no trap") };
    assert_eq!(failure.kind, "abort");
    assert_eq!(failure.message, "abort: Index out of range at assembly/index.ts:12:5");
    assert!(guest.last_error().contains("Index out of range"));
    let Err(Stop::Trap(failure)) = guest.call_void("env.abort", &[0, -1, 1, 2]) else { panic!("no trap") };
    assert!(failure.message.contains("unreadable"), "{}", failure.message);
}

#[test]
fn a_trace_is_a_log_line_with_as_many_numbers_as_were_given() {
    let mut guest = Guest::new(Setting::default());
    put_string(&guest, 100, "point");
    let numbers = [1.0, 2.5, -0.5, 4.0, 5.0].map(Value::F64);
    for count in [2, 0, -1, 99] {
        let arguments = [&[Value::I32(100), Value::I32(count)], numbers.as_slice()].concat();
        guest.try_call("env.trace", &arguments).unwrap();
    }
    let lines: Vec<_> = guest.logs().into_iter().map(|(_, line)| line).collect();
    assert_eq!(lines, ["point 1, 2.5", "point", "point", "point 1, 2.5, -0.5, 4, 5"]);
}

#[test]
fn seeds_are_numbers_of_the_runs_own_randomness() {
    let mut first = Guest::new(Setting::default());
    let mut second = Guest::new(Setting::default());
    let next = |guest: &mut Guest| guest.try_call("env.seed", &[]).unwrap().and_then(|value| value.f64()).unwrap();
    let (a, b) = (next(&mut first), next(&mut second));
    assert!((0.0..1.0).contains(&a));
    assert_eq!(a.to_bits(), b.to_bits());
    assert_ne!(next(&mut first).to_bits(), a.to_bits());
}

#[test]
fn a_notice_of_growth_changes_nothing() {
    let mut guest = Guest::new(Setting::default());
    guest.call_void("env.emscripten_notify_memory_growth", &[0]).unwrap();
    assert_eq!(guest.last().error, None);
}

#[test]
fn many_short_calls_add_up() {
    let mut guest = Guest::new(Setting::default());
    for _ in 0..2000 {
        guest.try_call("env.host_now", &[]).unwrap();
    }
    assert!(guest.state().host_us > 0);
    assert_eq!(guest.gauges.sample().host_us, guest.state().host_us);
    assert_eq!(guest.gauges.sample().host_calls, 2000);
}
