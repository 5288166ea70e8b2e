//! What a traced host call costs, beside an untraced one: the same loop in the same skill, with the events read on another thread.

use crate::engine::Variant;
use crate::ours;
use crate::samples::{Samples, in_turn};
use crate::table::Table;
use crate::wasmer_peer;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use wasmer::{Function, FunctionEnv, FunctionEnvMut, Imports, Instance, Memory, Module, Store, imports};

/// The loops that are compared: what is called, and with what.
const CALLS: [(&str, &str, &str); 3] = [
    ("host_now", "(result i64)", "(call $host)"),
    ("host_log", "(param i32 i32 i32)", "(call $host (i32.const 2) (i32.const 64) (i32.const 20)) (i64.const 0)"),
    (
        "host_memory_get",
        "(param i32 i32 i32 i32) (result i32)",
        "(i64.extend_i32_s (call $host (i32.const 16) (i32.const 8) (i32.const 512) (i32.const 64)))",
    ),
];

/// A skill that makes a call so many times.
fn skill(name: &str, ty: &str, call: &str, times: u32) -> Vec<u8> {
    let text = format!(
        r#"(module (import "env" "{name}" (func $host {ty})) (memory (export "memory") 1)
            (data (i32.const 8) "null\00") (data (i32.const 16) "some-key") (data (i32.const 64) "a line of twenty ch.")
            (func (export "alloc") (param i32) (result i32) (i32.const 1024))
            (func (export "dealloc") (param i32 i32))
            (func (export "execute") (param i32) (result i32) (local $left i32)
              (local.set $left (i32.const {times}))
              (if (local.get $left) (then
                (loop $again
                  (drop {call})
                  (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))
              (i32.const 8)))"#
    );
    ours::valid(text.as_bytes()).bytes.to_vec()
}

pub fn rows(table: &mut Table, quick: bool) {
    let (times, count) = if quick { (5_000, 3) } else { (100_000, 15) };
    for (name, ty, call) in CALLS {
        let [none, traced, bare_none, bare] = in_turn(count, {
            let (empty, full) = (skill(name, ty, call, 0), skill(name, ty, call, times));
            let (ours_empty, ours_full) =
                (ours::Compiled::new(Variant::Ours, &empty).0, ours::Compiled::new(Variant::Ours, &full).0);
            let engine = wasmer_peer::engine(Variant::Bare);
            let (bare_empty, bare_full) = (Module::new(&engine, &empty), Module::new(&engine, &full));
            let modules = [bare_empty.expect("a module"), bare_full.expect("a module")];
            move |at| match at {
                0 => time_ours(&ours_empty),
                1 => time_ours(&ours_full),
                2 => time_bare(&engine, &modules[0], name),
                _ => time_bare(&engine, &modules[1], name),
            }
        });
        let ns = |full: &Samples, none: &Samples, of: fn(&Samples) -> f64| (of(full) - of(none)) * 1e9 / f64::from(times);
        let (traced_ns, bare_ns) = (ns(&traced, &none, Samples::min), ns(&bare, &bare_none, Samples::min));
        let median = ns(&traced, &none, Samples::median);
        let told = format!(
            "{traced_ns:.0} ns (median {median:.0}) over {bare_ns:.0} ns: ×{:.1}, {:.0} ns more",
            traced_ns / bare_ns,
            traced_ns - bare_ns
        );
        let what = format!("traced host call over an untraced one, `{name}`");
        table.row(&[&what, &told, "≤ ×20, ≤ 1000 ns", &count.to_string()]);
    }
}

fn time_ours(compiled: &ours::Compiled) -> Duration {
    let began = Instant::now();
    let finished = compiled.finish(b"null");
    let took = began.elapsed();
    assert_eq!(finished.outcome.word(), "ok", "{:?}", finished.error);
    took
}

/// What an untraced host needs for the same answers.
struct PlainHost {
    memory: Option<Memory>,
    values: Mutex<HashMap<String, Vec<u8>>>,
    lines: usize,
}

impl PlainHost {
    /// A text of the guest, as a host takes it out of memory.
    fn text(env: &FunctionEnvMut<'_, Self>, at: i32, len: i32) -> String {
        let memory = env.data().memory.as_ref().expect("a memory").view(env);
        let mut bytes = vec![0; usize::try_from(len).expect("a length")];
        memory.read(u64::from(at.cast_unsigned()), &mut bytes).expect("within the memory");
        String::from_utf8(bytes).expect("a text")
    }
}

/// Wasmer with functions that do the same work and tell nobody.
fn time_bare(engine: &wasmer::Engine, module: &Module, name: &str) -> Duration {
    let began = Instant::now();
    let mut store = Store::new(engine.clone());
    let host = PlainHost { memory: None, values: Mutex::default(), lines: 0 };
    let env = FunctionEnv::new(&mut store, host);
    let imports = untraced(&mut store, &env, name);
    let instance = Instance::new(&mut store, module, &imports).expect("an instance");
    env.as_mut(&mut store).memory = Some(instance.exports.get_memory("memory").expect("a memory").clone());
    let execute = instance.exports.get_typed_function::<u32, u32>(&store, "execute").expect("execute");
    execute.call(&mut store, 0).expect("it runs");
    began.elapsed()
}

fn untraced(store: &mut Store, env: &FunctionEnv<PlainHost>, name: &str) -> Imports {
    let function = match name {
        "host_now" => Function::new_typed_with_env(store, env, |_: FunctionEnvMut<'_, PlainHost>| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time");
            i64::try_from(now.as_millis()).expect("a time")
        }),
        "host_log" => {
            Function::new_typed_with_env(store, env, |mut env: FunctionEnvMut<'_, PlainHost>, level: i32, at: i32, len: i32| {
                let line = PlainHost::text(&env, at, len);
                env.data_mut().lines += std::hint::black_box((level, line)).1.len();
            })
        }
        _ => Function::new_typed_with_env(
            store,
            env,
            |env: FunctionEnvMut<'_, PlainHost>, key: i32, key_len: i32, at: i32, len: i32| -> i32 {
                let key = PlainHost::text(&env, key, key_len);
                let values = env.data().values.lock().expect("a store");
                std::hint::black_box((at, len));
                values.get(&key).map_or(-1, |value| i32::try_from(value.len()).expect("a length"))
            },
        ),
    };
    imports! { "env" => { name => function } }
}
