//! Ctrl-C and its relatives in whatever a run is doing, and streams that were closed.
#![cfg(unix)]

use crate::acceptance::d04;
use crate::program::{Ran, Workspace, finish, wait};
use crate::running::{PATIENCE, Running};
use crate::script::Arg::{Range, Text};
use crate::script::{BUFFER, Script};
use crate::server::Server;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use wiremock::ResponseTemplate;

const FORMATS: [&str; 3] = ["human", "json", "jsonl"];

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap(), signal).unwrap();
}

/// Waits until a server was asked something: the run is under way then.
fn asked(server: &Server) {
    let since = Instant::now();
    while server.requests().is_empty() {
        assert!(since.elapsed() < PATIENCE, "nobody asked");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Runs a skill that asks a server in each format, interrupts it then, and checks that the cancelled run is reported.
#[track_caller]
fn is_cancelled_in_every_format(module: impl Fn(&Server) -> String, arguments: &[&str], server: impl Fn() -> Server) {
    for format in FORMATS {
        let server = server();
        let workspace = Workspace::new();
        workspace.write("s.wat", module(&server));
        let provider = format!("[ai.providers.local]\nkind = \"openai\"\nbase_url = \"{}/v1\"\nmodel = \"m\"\n", server.url());
        workspace.write("skillscope.toml", provider);
        let host = server.host();
        let all = [&["--run", "s", "--format", format, "--allow-http", &host], arguments].concat();
        let child = workspace.command(&all).spawn().unwrap();
        asked(&server);
        signal(&child, Signal::INT);
        reported_as_cancelled(&finish(child, b""), format);
    }
}

#[track_caller]
fn reported_as_cancelled(ran: &Ran, format: &str) {
    ran.expect(130);
    match format {
        "human" => {
            assert!(ran.stdout.is_empty() && ran.stderr.contains("cancelled"), "{}{}", ran.stdout, ran.stderr);
            assert!(ran.stderr.contains("fuel"), "the figures are told: {}", ran.stderr);
        }
        "json" => {
            let document = ran.json();
            assert_eq!((&document["outcome"], &document["error"]["kind"]), (&json!("cancelled"), &json!("cancelled")));
            assert!(document["usage"]["elapsed_ms"].is_number());
        }
        _ => {
            let events: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            let of = |kind: &str| events.iter().filter(|event| event["type"] == kind).count();
            assert_eq!((of("started"), of("finished")), (1, 1), "{}", ran.stdout);
            assert_eq!(of("host_call_started"), of("host_call_finished"), "{}", ran.stdout);
            let finished = events.iter().find(|event| event["type"] == "finished").unwrap();
            assert_eq!(finished["outcome"], json!("cancelled"));
        }
    }
}

fn answering() -> Server {
    Server::answering(|_| ResponseTemplate::new(200))
}

fn silent() -> Server {
    Server::answering(|_| ResponseTemplate::new(200).set_delay(Duration::from_secs(600)))
}

/// A script that asks the server first, so that it can be told when it is under way.
fn asking_first(server: &Server) -> Script {
    Script::new().call("cis.http_request", &[Text(&server.url()), Range(0, 0), Range(BUFFER, 8)])
}

#[test]
fn an_interrupt_ends_a_loop() {
    let module = |server: &Server| asking_first(server).wat("(loop $again (br $again))").module();
    is_cancelled_in_every_format(module, &[], answering);
}

#[test]
fn an_interrupt_ends_an_http_call() {
    is_cancelled_in_every_format(|server| asking_first(server).module(), &[], silent);
}

#[test]
fn an_interrupt_ends_an_ai_call() {
    let module = |_: &Server| Script::new().call("cis.ai_prompt", &[Text("hi"), Range(BUFFER, 8)]).module();
    is_cancelled_in_every_format(module, &["--ai", "local"], silent);
}

#[test]
fn an_interrupt_ends_a_sleep() {
    let module = |server: &Server| {
        asking_first(server)
            .wasi("poll_oneoff", "(param i32 i32 i32 i32) (result i32)")
            .wat("(i32.store (i32.const 0x9010) (i32.const 1)) (i64.store (i32.const 0x9018) (i64.const 600000000000))")
            .number("(call $poll_oneoff (i32.const 0x9000) (i32.const 0x9100) (i32.const 1) (i32.const 0x9200))")
            .module()
    };
    is_cancelled_in_every_format(module, &["--timeout", "1h"], answering);
}

#[test]
fn an_interrupt_ends_the_wait_for_an_answer_beside_and_the_run_stays_what_it_was() {
    let server = silent();
    let workspace = Workspace::new();
    workspace.write("s.wat", Script::new().call("cis.ai_prompt", &[Text("hi"), Range(BUFFER, 8)]).module());
    let provider = format!("[ai.providers.local]\nkind = \"openai\"\nbase_url = \"{}/v1\"\nmodel = \"m\"\n", server.url());
    workspace.write("skillscope.toml", provider);
    let arguments = ["--run", "s", "--format", "jsonl", "--ai", "both", "--timeout", "1h"];
    let mut running = Running::start(workspace.command(&arguments));
    running.until(|event| event["type"] == "finished");
    asked(&server);
    let ran = running.interrupt();
    let last: Vec<Value> = ran.expect(0).stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(last.last().unwrap()["event"], json!("shadows_done"), "{}", ran.stdout);
    let answer = last.iter().find(|event| event["event"] == "shadow_answered").unwrap();
    assert_eq!(answer["answer"]["error"], json!("cancelled"));
}

/// A module that takes minutes to compile.
pub fn huge() -> Vec<u8> {
    let line =
        "(local.set 1 (i32.rotl (i32.mul (local.get 0) (local.get 1)) (i32.load (i32.and (local.get 1) (i32.const 1020)))))";
    let function = format!("(func (param i32) (result i32) (local i32) {} (local.get 1))", line.repeat(400));
    let one = wat::parse_str(format!("(module (memory 1) {function})")).unwrap();
    let body = wasmparser::Parser::new(0).parse_all(&one).find_map(|payload| match payload.unwrap() {
        wasmparser::Payload::CodeSectionEntry(body) => Some(body.as_bytes().to_vec()),
        _ => None,
    });
    let (body, count) = (body.unwrap(), 6000);
    use wasm_encoder::{
        CodeSection, ExportKind, ExportSection, FunctionSection, MemorySection, MemoryType, Module, TypeSection, ValType,
    };
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], [ValType::I32]);
    types.ty().function([], []);
    let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
    for _ in 0..count {
        functions.function(0);
        code.raw(&body);
    }
    functions.function(1);
    code.raw(&[0, 0x0b]);
    let mut memories = MemorySection::new();
    memories.memory(MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None });
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0).export("_start", ExportKind::Func, count);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&memories).section(&exports).section(&code);
    module.finish()
}

#[test]
fn an_interrupt_abandons_a_compile() {
    let workspace = Workspace::new();
    workspace.write("huge.wasm", huge());
    let mut running = Running::start(workspace.command(&["--run", "huge", "--no-cache", "--format", "jsonl", "--timeout", "1s"]));
    running.until(|event| event["event"] == "compiling");
    let ran = running.interrupt();
    reported_as_cancelled(&ran, "jsonl");
    assert!(!ran.stdout.contains("\"loaded\""), "{}", ran.stdout);
}

#[test]
fn other_signals_that_ask_to_end_do_the_same() {
    for asks in [Signal::TERM, Signal::HUP] {
        let workspace = Workspace::new();
        workspace.write("s.wat", d04("", "(loop $again (br $again)) (unreachable)"));
        let mut running = Running::start(workspace.command(&["--run", "s", "--format", "jsonl"]));
        running.until(|event| event["phase"] == "execute");
        running.signal(asks);
        reported_as_cancelled(&running.end(), "jsonl");
    }
}

/// A skill that logs for ever.
fn chatters() -> String {
    Script::new()
        .import("env.host_log")
        .wat("(loop $again (call $env.host_log (i32.const 2) (i32.const 0x8000) (i32.const 64)) (br $again))")
        .module()
}

#[test]
fn a_second_interrupt_insists_where_nobody_reads_the_report() {
    let workspace = Workspace::new();
    workspace.write("s.wat", chatters());
    let mut child = workspace.command(&["--run", "s", "--format", "jsonl"]).spawn().unwrap();
    // Once the first line has come, many more follow, and the pipe is full soon.
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0]).unwrap();
    std::thread::sleep(Duration::from_secs(2));
    signal(&child, Signal::INT);
    std::thread::sleep(Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none(), "the report waits for its reader");
    signal(&child, Signal::INT);
    assert_eq!(wait(&mut child).code(), Some(130));
}

#[test]
fn an_interrupted_report_that_is_read_late_is_whole() {
    let workspace = Workspace::new();
    workspace.write("s.wat", chatters());
    let mut child = workspace.command(&["--run", "s", "--format", "jsonl", "--timeout", "1h"]).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut String::new()).unwrap();
    std::thread::sleep(Duration::from_millis(700));
    signal(&child, Signal::INT);
    let lines: Vec<String> = stdout.lines().map(Result::unwrap).collect();
    assert!(lines.iter().rev().take(3).any(|line| line.contains("\"finished\"") && line.contains("cancelled")));
    assert_eq!(wait(&mut child).code(), Some(130));
}

/// A skill whose log lines and output are long.
fn verbose() -> String {
    d04(
        r#"(import "env" "host_log" (func $log (param i32 i32 i32)))"#,
        r#"(local $n i32)
           (memory.fill (i32.const 16384) (i32.const 120) (i32.const 40000))
           (i32.store8 (i32.const 16384) (i32.const 34)) (i32.store8 (i32.const 56384) (i32.const 34))
           (loop $again
             (call $log (i32.const 2) (i32.const 16385) (i32.const 100))
             (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 5000))))
           (i32.const 16384)"#,
    )
}

#[test]
fn a_reader_of_the_output_that_goes_away_is_no_error() {
    let workspace = Workspace::new();
    workspace.write("s.wat", verbose());
    for format in FORMATS {
        let mut child = workspace.command(&["--run", "s", "--format", format]).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let reading = std::thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).unwrap();
            text
        });
        // As `| head -c 1` does.
        stdout.read_exact(&mut [0]).unwrap();
        drop(stdout);
        assert_eq!(wait(&mut child).code(), Some(0), "{format}");
        let told = reading.join().unwrap();
        assert!(!told.contains("error") && !told.contains("panic") && !told.contains("pipe"), "{format}: {told}");
    }
}

#[test]
fn a_stderr_that_nobody_reads_is_no_error() {
    let workspace = Workspace::new();
    workspace.write("s.wat", verbose());
    for format in FORMATS {
        let mut child = workspace.command(&["--run", "s", "--format", format]).spawn().unwrap();
        drop(child.stderr.take());
        let mut output = String::new();
        child.stdout.take().unwrap().read_to_string(&mut output).unwrap();
        assert_eq!((wait(&mut child).code(), output.len() > 40_000), (Some(0), true), "{format}");
    }
}

#[test]
fn streams_that_were_closed_before_the_program_began_are_no_error() {
    let workspace = Workspace::new();
    workspace.write("s.wat", d04("", "(local.get $input)"));
    for (closed, output) in [(">&-", ""), ("2>&-", "[1]\n"), ("<&-", "[1]\n"), (">&- 2>&- <&-", "")] {
        let program = env!("CARGO_BIN_EXE_skillscope");
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("exec '{program}' --run s --input '[1]' {closed}")).current_dir(workspace.path());
        shell.env("XDG_CACHE_HOME", crate::program::cache_home());
        let ran = finish(shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap(), b"");
        assert_eq!(ran.expect(0).stdout, output, "{closed}");
    }
}

#[test]
fn an_input_that_nobody_asked_for_is_not_waited_for() {
    let workspace = Workspace::new();
    workspace.write("s.wat", d04("", "(local.get $input)"));
    let mut child = workspace.command(&["--run", "s"]).spawn().unwrap();
    let held_open = child.stdin.take().unwrap();
    assert_eq!(wait(&mut child).code(), Some(0));
    drop(held_open);
}
