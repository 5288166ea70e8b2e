//! Memory, time and fuel hold in every phase of every profile, and inside host calls.

use crate::acceptance::d04;
use crate::command::command;
use crate::host_ai::run_with;
use crate::program::Workspace;
use crate::script::Arg::{Range, Text};
use crate::script::{BUFFER, Script, ended, import, succeeded, tells};
use crate::server::Server;
use serde_json::{Value, json};
use std::time::Duration;
use wiremock::ResponseTemplate;

#[track_caller]
fn run(module: impl AsRef<[u8]>, arguments: &[&str]) -> (Value, i32) {
    let workspace = Workspace::new();
    workspace.write("probe.wat", module);
    workspace.run_json("probe", arguments)
}

const SPINS: &str = "(loop $again (br $again))";
/// Asks for what no limit here allows, and gives up when it is refused.
const HOARDS: &str = "(if (i32.eq (memory.grow (i32.const 40)) (i32.const -1)) (then unreachable))";

/// Every phase in which a skill's code runs, with a module that does this there and nothing anywhere else.
fn in_every_phase(deed: &str) -> Vec<(&'static str, String)> {
    let at = |phase: &str, here: &str| if phase == here { deed.to_owned() } else { String::new() };
    let d04 = |phase: &'static str| {
        let module = format!(
            r#"(module (memory (export "memory") 1) (func $start {}) (start $start)
          (func (export "_initialize") {})
          (func (export "alloc") (param i32) (result i32) {} (i32.const 64))
          (func (export "dealloc") (param i32 i32) {})
          (func (export "execute") (param i32) (result i32) {} (local.get 0)))"#,
            at(phase, "start function"),
            at(phase, "_initialize"),
            at(phase, "alloc"),
            at(phase, "dealloc"),
            at(phase, "execute"),
        );
        (phase, module)
    };
    let cis_sdk = |phase: &'static str| {
        let module = format!(
            r#"(module (memory (export "memory") 1)
          (func (export "malloc") (param i32) (result i32) (i32.const 64)) (func (export "free") (param i32))
          (func (export "skill_init") {})
          (func (export "skill_on_event") (param i32 i32 i32 i32) {})
          (func (export "skill_shutdown") {}))"#,
            at(phase, "skill_init"),
            at(phase, "skill_on_event"),
            at(phase, "skill_shutdown"),
        );
        (phase, module)
    };
    let mut modules: Vec<_> = ["start function", "_initialize", "alloc", "execute", "dealloc"].map(d04).into();
    modules.extend(["skill_init", "skill_on_event", "skill_shutdown"].map(cis_sdk));
    modules.push(("_start", format!("(module (memory (export \"memory\") 1) (func (export \"_start\") {deed}))")));
    modules
}

#[test]
fn the_deadline_holds_in_every_phase() {
    for (phase, module) in in_every_phase(SPINS) {
        let document = ended(run(module, &["--timeout", "60ms"]), "timeout", "timeout", 5);
        assert_eq!(document["error"]["phase"], json!(phase));
        tells(&document["error"]["message"], &["60ms", phase]);
        assert!(document["usage"]["elapsed_ms"].as_f64().unwrap() >= 60.0, "{document:#}");
    }
}

#[test]
fn the_fuel_limit_holds_in_every_phase() {
    for (phase, module) in in_every_phase(SPINS) {
        let document = ended(run(module, &["--fuel", "100000"]), "fuel", "fuel", 5);
        assert_eq!(document["error"]["phase"], json!(phase));
        let used = document["usage"]["fuel"].as_u64().unwrap();
        tells(&document["error"]["message"], &["100000", &used.to_string(), phase]);
        assert!((100_000..101_000).contains(&used), "{phase}: {used}");
    }
}

#[test]
fn the_memory_limit_holds_in_every_phase() {
    for (phase, module) in in_every_phase(HOARDS) {
        let document = ended(run(&module, &["--max-memory", "2MiB"]), "memory", "memory", 5);
        assert_eq!(document["error"]["phase"], json!(phase));
        tells(&document["error"]["message"], &["2 MiB", "64 KiB to 2624 KiB"]);
        assert_eq!(document["usage"]["memory_peak_bytes"], json!(65_536));
        let document = succeeded(run(&module, &["--max-memory", "41MiB"]));
        assert_eq!(document["usage"]["memory_peak_bytes"], json!(41 * 65_536));
    }
}

#[test]
fn the_manifest_sets_limits_and_a_flag_wins_over_it() {
    let workspace = Workspace::new();
    workspace.write("s/s.wat", d04("", SPINS).replace(SPINS, &format!("{SPINS} (unreachable)")));
    let manifest = |limits: &str| {
        workspace.write("s/skill.toml", format!("[skill]\nname = \"s\"\nmodule = \"s.wat\"\n[limits]\n{limits}\n"))
    };
    manifest("timeout = \"50ms\"");
    ended(workspace.run_json("s", &[]), "timeout", "timeout", 5);
    manifest("fuel = 50_000");
    let document = ended(workspace.run_json("s", &[]), "fuel", "fuel", 5);
    assert_eq!(document["limits"]["fuel"], json!(50_000));
    let document = ended(workspace.run_json("s", &["--fuel", "70000"]), "fuel", "fuel", 5);
    assert_eq!(document["limits"]["fuel"], json!(70_000));
    manifest("memory = \"64KiB\"\ntimeout = \"30s\"");
    let document = ended(workspace.run_json("s", &["--timeout", "50ms"]), "timeout", "timeout", 5);
    assert_eq!((&document["limits"]["memory_bytes"], &document["limits"]["timeout_ms"]), (&json!(65_536), &json!(50)));
}

/// The run ended at its deadline long before the host call would have.
#[track_caller]
fn ended_early(run: (Value, i32)) -> Value {
    let document = ended(run, "timeout", "timeout", 5);
    let elapsed = document["usage"]["elapsed_ms"].as_f64().unwrap();
    assert!((150.0..20_000.0).contains(&elapsed), "{elapsed} ms");
    document
}

const DEADLINE: [&str; 2] = ["--timeout", "150ms"];
const LATE: Duration = Duration::from_secs(60);

#[test]
fn the_deadline_holds_inside_ai_calls() {
    let server = Server::openai("late", LATE);
    for name in ["cis.ai_prompt", "env.host_ai_chat"] {
        let script = Script::new().call(name, &[Text("hi"), Range(BUFFER, 8)]);
        let document = ended_early(run_with(&server, &script, &DEADLINE));
        let call = &document["host_calls"][0];
        assert_eq!((&call["result"], &call["name"]), (&Value::Null, &json!(name)));
        assert!(call["elapsed_us"].as_u64().unwrap() >= 100_000, "the call is finished in the trace: {call}");
        assert!(document["usage"]["host_ms"].as_f64().unwrap() >= 100.0, "{document:#}");
    }
    let workspace = Workspace::new();
    workspace.write("skillscope.toml", "[[ai.mock]]\ncontains = \"hi\"\nreply = \"late\"\ndelay = \"60s\"\n");
    workspace.write("probe.wat", Script::new().call("cis.ai_prompt", &[Text("hi"), Range(BUFFER, 8)]).module());
    ended_early(workspace.run_json("probe", &DEADLINE));
}

#[test]
fn the_deadline_holds_inside_http_calls() {
    let server = Server::answering(|_| ResponseTemplate::new(200).set_delay(LATE));
    let script = Script::new().call("cis.http_request", &[Text(&server.url()), Range(0, 0), Range(BUFFER, 8)]);
    ended_early(script.run(&[&DEADLINE[..], &["--allow-http", &server.host()]].concat()));
    // A server that takes the connection, sends half a response and says no more.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let serving = std::thread::spawn(move || {
        use std::io::{Read, Write};
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf").unwrap();
        // Until the other end goes away.
        let _ = stream.read(&mut [0; 1]);
    });
    let script = Script::new().call("cis.http_request", &[Text(&format!("http://{host}/")), Range(0, 0), Range(BUFFER, 8)]);
    ended_early(script.run(&[&DEADLINE[..], &["--allow-http", &host]].concat()));
    serving.join().unwrap();
}

#[test]
fn the_deadline_holds_inside_host_calls_of_the_start_function() {
    let workspace = Workspace::new();
    workspace.write("skillscope.toml", "[[ai.mock]]\nregex = \"\"\nreply = \"late\"\ndelay = \"60s\"\n");
    let call = "(drop (call $cis.ai_prompt (i32.const 0) (i32.const 1) (i32.const 8) (i32.const 8)))";
    workspace.write(
        "probe.wat",
        d04(&import("cis.ai_prompt"), "(i32.const 0)")
            .replace("(func (export \"alloc\")", &format!("(func $start {call}) (start $start) (func (export \"alloc\")")),
    );
    let document = ended_early(workspace.run_json("probe", &DEADLINE));
    assert_eq!(document["error"]["phase"], json!("start function"));
}

#[test]
fn a_skill_that_sleeps_an_hour_ends_at_its_deadline() {
    for (clock, flags) in [(0, 0), (1, 0), (1, 1), (0, 1)] {
        // A subscription at 1024: an hour from now, or at a time that is far off.
        let timeout: i64 = if flags == 0 { 3_600_000_000_000 } else { i64::MAX };
        let sleeps = Script::new()
            .wasi("poll_oneoff", "(param i32 i32 i32 i32) (result i32)")
            .wat(&format!(
                "(i32.store (i32.const 0x9010) (i32.const {clock})) (i64.store (i32.const 0x9018) (i64.const {timeout}))"
            ))
            .wat(&format!("(i32.store16 (i32.const 0x9028) (i32.const {flags}))"))
            .number("(call $poll_oneoff (i32.const 0x9000) (i32.const 0x9100) (i32.const 1) (i32.const 0x9200))");
        ended_early(sleeps.run(&DEADLINE));
    }
}

#[test]
fn an_output_may_have_16_mib_and_no_more() {
    // A JSON string that fills the limit: quotes at its ends, and a NUL behind it.
    let output = |len: u32| {
        let (first, last) = (65_536, 65_536 + len - 1);
        d04(
            "",
            &format!(
                r#"(memory.fill (i32.const {first}) (i32.const 120) (i32.const {len}))
            (i32.store8 (i32.const {first}) (i32.const 34)) (i32.store8 (i32.const {last}) (i32.const 34)) (i32.const {first})"#
            ),
        )
        .replace("(memory (export \"memory\") 1)", "(memory (export \"memory\") 258)")
    };
    let document = succeeded(run(output(16 << 20), &[]));
    assert_eq!(document["output"].as_str().unwrap().len(), (16 << 20) - 2);
    let document = ended(run(output((16 << 20) + 1), &[]), "memory", "output-limit", 5);
    tells(&document["error"]["message"], &["16 MiB"]);
    assert_eq!(document["output"], Value::Null);
}

#[test]
fn a_fuel_limit_is_exact_to_the_unit_and_fuel_the_same_with_both_compilers() {
    let work = d04(&import("env.host_now"), r#"(local $n i32) (local $x f64)
        (loop $again
          (local.set $x (f64.add (f64.sqrt (local.get $x)) (f64.convert_i32_u (call $step (local.get $n)))))
          (drop (call $env.host_now))
          (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (br_if $again (i32.lt_u (local.get $n) (i32.const 3000))))
        (memory.fill (i32.const 20000) (i32.trunc_sat_f64_u (local.get $x)) (i32.const 1001)) (local.get $input)"#)
        .replace("(func (export \"execute\")", "(func $step (param i32) (result i32) (select (i32.const 3) (local.get 0) (i32.and (local.get 0) (i32.const 1)))) (func (export \"execute\")");
    let used = |compiler: &str| succeeded(run(&work, &["--compiler", compiler]))["usage"]["fuel"].as_u64().unwrap();
    let fuel = used("cranelift");
    assert_eq!(used("singlepass"), fuel);
    assert!(fuel > 3000 * 15, "{fuel}");
    for compiler in ["cranelift", "singlepass"] {
        let limited = |limit: u64| run(&work, &["--compiler", compiler, "--fuel", &limit.to_string()]);
        assert_eq!(succeeded(limited(fuel))["usage"]["fuel"], json!(fuel));
        let document = ended(limited(fuel - 1), "fuel", "fuel", 5);
        let seen = document["usage"]["fuel"].as_u64().unwrap();
        assert!((fuel - 1..=fuel).contains(&seen), "{compiler}: {seen} of {fuel}");
        let document = ended(limited(fuel / 2), "fuel", "fuel", 5);
        assert!(document["usage"]["fuel"].as_u64().unwrap() >= fuel / 2, "the overshoot is shown");
    }
}

#[test]
fn fuel_follows_its_rule() {
    // The allocator of this skill costs 1 and its `dealloc` nothing.
    let cases = [
        ("(local.get $input)", 1),
        ("(nop) (block (nop)) (drop (i32.const 1)) (return (local.get $input))", 2),
        ("(if (i32.const 1) (then (nop)) (else (drop (i32.add (i32.const 1) (i32.const 2))))) (local.get $input)", 3),
        ("(if (i32.const 0) (then (nop)) (else (drop (i32.add (i32.const 1) (i32.const 2))))) (local.get $input)", 6),
        ("(memory.fill (i32.const 0) (i32.const 0) (i32.const 0)) (local.get $input)", 5),
        ("(memory.fill (i32.const 0) (i32.const 0) (i32.const 17)) (local.get $input)", 7),
        ("(memory.copy (i32.const 0) (i32.const 9) (i32.const 16)) (local.get $input)", 6),
        ("(drop (memory.grow (i32.const 1))) (local.get $input)", 3),
        ("(drop (call $env.host_now)) (local.get $input)", 2),
        ("(call $nothing) (local.get $input)", 2),
        (
            "(local $n i32) (local.set $n (i32.const 10)) (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (local.get $input)",
            2 + 10 * 5 + 1,
        ),
    ];
    for (body, fuel) in cases {
        let module = format!(
            r#"(module {} (memory (export "memory") 1) (func $nothing)
          (func (export "alloc") (param i32) (result i32) (i32.const 64)) (func (export "dealloc") (param i32 i32))
          (func (export "execute") (param $input i32) (result i32) {body}))"#,
            import("env.host_now")
        );
        for compiler in ["cranelift", "singlepass"] {
            let document = succeeded(run(&module, &["--compiler", compiler]));
            let usage = &document["usage"];
            assert_eq!((&usage["fuel"], &usage["fuel_exact"]), (&json!(fuel + 1), &json!(true)), "{compiler}: {body}");
        }
    }
}

#[test]
fn memory_grows_up_to_the_limit_and_no_further() {
    let script = |declared: &str| {
        let script = Script::new()
            .number("(memory.grow (i32.const 15))")
            .number("(memory.grow (i32.const 1))")
            .number("(memory.grow (i32.const 0))")
            .number("(memory.grow (i32.const -1))")
            .number("(memory.size)");
        script.module().replace("(memory (export \"memory\") 1)", declared)
    };
    for declared in [
        "(memory (export \"memory\") 1)",
        "(memory (export \"memory\") 1 65536)",
        "(import \"env\" \"memory\" (memory 1))",
        "(import \"env\" \"memory\" (memory 1 20000))",
    ] {
        let document = succeeded(run(script(declared), &["--max-memory", "1MiB"]));
        assert_eq!(document["output"], json!([1, -1, 16, -1, 16]), "{declared}");
        assert_eq!(document["usage"]["memory_peak_bytes"], json!(1 << 20));
        assert_eq!(document["limits"]["memory_bytes"], json!(1 << 20));
    }
    let document = succeeded(run(script("(memory (export \"memory\") 1 8)"), &["--max-memory", "1MiB"]));
    assert_eq!(document["output"], json!([-1, 1, 2, -1, 2]), "the module's own maximum holds too");
}

#[test]
fn a_declared_minimum_above_the_limit_is_refused_before_the_module_runs() {
    let declared = |memory: &str| d04("", "(local.get $input)").replace("(memory (export \"memory\") 1)", memory);
    let spins = |memory: &str| {
        declared(memory).replace("(func (export \"alloc\")", "(func $s (loop $l (br $l))) (start $s) (func (export \"alloc\")")
    };
    for memory in ["(memory (export \"memory\") 8193)", "(import \"env\" \"memory\" (memory 8193))"] {
        let module = if memory.starts_with("(import") {
            format!("(module {memory} {}", &declared("")["(module".len()..])
        } else {
            spins(memory)
        };
        let document = ended(run(module, &[]), "invalid", "memory-limit", 4);
        tells(&document["error"]["message"], &["8193", "512 MiB"]);
    }
    succeeded(run(declared("(memory (export \"memory\") 8192)"), &[]));
    let document =
        ended(run(declared("(memory (export \"memory\") 2)"), &["--max-memory", "64KiB"]), "invalid", "memory-limit", 4);
    tells(&document["error"]["message"], &["64 KiB"]);
}

#[test]
fn tables_have_limits_of_their_own() {
    let with = |tables: &str, body: &str| {
        d04("", body).replace("(func (export \"execute\")", &format!("{tables} (func (export \"execute\")"))
    };
    let eight = "(table 0 funcref)".repeat(8);
    succeeded(run(with(&eight, "(local.get $input)"), &[]));
    ended(run(with(&"(table 0 funcref)".repeat(9), "(local.get $input)"), &[]), "invalid", "table-limit", 4);
    succeeded(run(with("(table 1000000 funcref)", "(local.get $input)"), &[]));
    ended(run(with("(table 1000001 externref)", "(local.get $input)"), &[]), "invalid", "table-limit", 4);
    let grows = Script::new()
        .with("(table $t 1 funcref)")
        .number("(table.grow $t (ref.null func) (i32.const 999999))")
        .number("(table.grow $t (ref.null func) (i32.const 1))")
        .number("(table.size $t)");
    assert_eq!(grows.answer(&[]), json!([1, -1, 1_000_000]));
}

#[test]
fn commands_and_their_wasi_calls_stop_too() {
    let writes = command("", "(loop $again (call $write (i32.const 2) (i32.const 1024) (i32.const 0)) (br $again))");
    ended(run(&writes, &["--timeout", "60ms"]), "timeout", "timeout", 5);
    ended(run(&writes, &["--fuel", "100000"]), "fuel", "fuel", 5);
}

#[test]
fn compiling_is_outside_the_deadline() {
    let lines =
        "(local.set 1 (i32.rotl (i32.mul (local.get 0) (local.get 1)) (i32.load (i32.and (local.get 1) (i32.const 1020)))))";
    let function = format!("(func (param i32) (result i32) (local i32) {} (local.get 1))", lines.repeat(100));
    let module = d04("", "(local.get $input)")
        .replace("(func (export \"execute\")", &format!("{} (func (export \"execute\")", function.repeat(600)));
    let compiled = succeeded(run(&module, &["--no-cache"]))["usage"]["compile_ms"].as_f64().unwrap();
    // Half of what compiling took is plenty for a run that does nothing.
    let document = succeeded(run(&module, &["--no-cache", "--timeout", &format!("{:.0}ms", compiled / 2.0)]));
    assert_eq!(document["usage"]["cache"], json!("miss"));
}
