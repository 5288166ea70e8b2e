//! A document reaches the skill, and the reader of a report, as it was written: numbers, strings, equal keys, any depth.

use crate::acceptance::d04;
use crate::command::writing;
use crate::program::{Ran, Workspace};
use crate::script::{ended, import};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use serde_json::Value;
use skillscope::event::{Event, RunEvent};
use std::io::Read as _;

/// What reading into numbers and maps would lose.
const TELLING: [&str; 8] = [
    "[1e400,-1E+400]",
    "123456789012345678901",
    r#"{"n":1.10,"m":-0,"e":1E2}"#,
    r#"{"b":1,"a":2,"b":3}"#,
    r#""\u00e9é\/\ud83d\ude00\u0041""#,
    r#"["\ud800"]"#,
    "\"\u{7f}\u{9b}31m\u{202e}\"",
    "0.1000000000000000055511151231257827",
];

fn deep(depth: usize) -> String {
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}

/// A d04 skill whose output is this text.
fn saying(text: &str) -> String {
    let escaped: String = text.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    d04(&format!("(data (i32.const 16) \"{escaped}\\00\")"), "(i32.const 16)")
        .replace("(memory (export \"memory\") 1)", "(memory (export \"memory\") 2)")
}

/// A d04 skill whose output is what it was given; it logs that too.
fn echo() -> String {
    let counts = "(local $end i32) (local.set $end (local.get $input)) (block $done (loop $next
        (br_if $done (i32.eqz (i32.load8_u (local.get $end))))
        (local.set $end (i32.add (local.get $end) (i32.const 1))) (br $next)))";
    let logs = "(call $env.host_log (i32.const 2) (local.get $input) (i32.sub (local.get $end) (local.get $input)))";
    d04(&import("env.host_log"), &format!("{counts} {logs} (local.get $input)"))
        .replace("(memory (export \"memory\") 1)", "(memory (export \"memory\") 8)")
}

fn run(module: &str, arguments: &[&str]) -> Ran {
    let workspace = Workspace::new();
    workspace.write("probe.wat", module);
    workspace.skillscope(&[&["--run", "probe"], arguments].concat())
}

/// The event that ends the run, as its line has it and as it is read back.
fn finished(ran: &Ran) -> (String, Event) {
    let line = ran.stdout.lines().find(|line| line.contains(r#""type":"finished""#)).expect("the run ends");
    (line.to_owned(), serde_json::from_str(line).unwrap())
}

#[test]
fn every_format_prints_the_output_as_the_skill_gave_it() {
    let (long, both) = (deep(200), format!("{{\"a\":{}}}", deep(126)));
    for text in TELLING.into_iter().chain([long.as_str(), &both]) {
        let module = saying(text);
        assert_eq!(run(&module, &[]).expect(0).stdout, format!("{text}\n"));
        let report = run(&module, &["--format", "json"]).expect(0).stdout.clone();
        assert!(report.contains(&format!("\n  \"output\": {text},\n")), "{text}: {report}");
        let (line, event) = finished(run(&module, &["--format", "jsonl"]).expect(0));
        assert!(line.contains(&format!(r#","output":{text},"#)), "{text}: {line}");
        let Event::Run { what: RunEvent::Finished(finished), .. } = event else { panic!("{event:?}") };
        assert_eq!(finished.output.unwrap().as_str(), text);
    }
}

#[test]
fn white_space_between_tokens_does_not_break_a_line() {
    let module = saying("\n{\r\n\t\"a b\" : [ 1.50 ,\n 2 ] }\n");
    assert_eq!(run(&module, &[]).expect(0).stdout, "{\"a b\":[1.50,2]}\n");
    assert!(finished(&run(&module, &["--format", "jsonl"])).0.contains(r#""output":{"a b":[1.50,2]}"#));
}

#[test]
fn every_event_of_a_run_is_read_back_as_it_was_written() {
    let failing = d04(
        &import("env.host_http_post"),
        "(drop (call $env.host_http_post (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))) unreachable",
    );
    for module in [echo(), writing("[1e999]", "(call $proc_exit (i32.const 3))"), writing("null", ""), failing, "(module)".into()]
    {
        let ran = run(&module, &["--format", "jsonl", "--input", r#"{"n":1.10,"n":[1e400]}"#]);
        assert!(ran.stdout.lines().count() > 2, "{}", ran.stderr);
        for line in ran.stdout.lines() {
            let event: Event = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            assert_eq!(serde_json::to_string(&event).unwrap(), line);
        }
    }
}

#[test]
fn no_output_and_the_output_null_are_told_apart_in_events() {
    assert!(finished(&run(&saying("null"), &["--format", "jsonl"])).0.contains(r#""output":null"#));
    assert!(!finished(&run(&d04("", "unreachable"), &["--format", "jsonl"])).0.contains(r#""output":"#));
}

#[test]
fn sixteen_mebibytes_of_brackets_are_an_output_like_any_other() {
    let fill = |open: u32, close: u32| {
        let body = format!(
            "(memory.fill (i32.const 65536) (i32.const 91) (i32.const {open}))
             (memory.fill (i32.add (i32.const 65536) (i32.const {open})) (i32.const 93) (i32.const {close})) (i32.const 65536)"
        );
        d04("", &body).replace("(memory (export \"memory\") 1)", "(memory (export \"memory\") 300)")
    };
    let half = 8 << 20;
    let ran = run(&fill(half, half), &["--format", "json"]);
    let whole = deep(usize::try_from(half).unwrap());
    assert!(ran.expect(0).stdout.contains(&format!("\n  \"output\": {whole},\n")));
    let (document, code) = {
        let ran = run(&fill(2 * half, 0), &["--format", "json"]);
        (ran.json(), ran.code)
    };
    ended((document, code), "output", "not-json", 1);
}

#[test]
fn a_command_that_prints_a_document_gives_it_exactly_and_other_text_as_a_string() {
    let plain = |text: &str| run(&writing(text, ""), &[]).expect(0).stdout.clone();
    for text in TELLING.into_iter().chain([deep(200).as_str()]) {
        assert_eq!(plain(text), format!("{text}\n"));
    }
    assert_eq!(plain("[1,]\n\"x\""), "\"[1,]\\n\\\"x\\\"\"\n");
    let exits = run(&writing("[1e400]", "(call $proc_exit (i32.const 3))"), &[]);
    assert_eq!(exits.expect(1).stdout, "[1e400]\n");
}

#[test]
fn the_input_reaches_a_skill_byte_for_byte() {
    let spaced = " {\n\"b\" : 1.10,\t\"b\":123456789012345678901 } ";
    for input in TELLING.into_iter().chain([spaced, deep(20_000).as_str()]) {
        let ran = run(&echo(), &["--format", "jsonl", "--input", input]);
        let logged = ran.expect(0).stdout.lines().find(|line| line.contains(r#""type":"log""#)).unwrap();
        assert_eq!(serde_json::from_str::<Value>(logged).unwrap()["message"], input);
    }
    let workspace = Workspace::new();
    workspace.write("probe.wat", echo());
    let from_file = workspace.write("input.json", deep(100_000));
    let ran = workspace.skillscope(&["--run", "probe", "--input", &format!("@{}", from_file.display())]);
    assert_eq!(ran.expect(0).stdout, format!("{}\n", deep(100_000)));
}

#[test]
fn the_data_of_an_event_reaches_a_skill_byte_for_byte() {
    let module = format!(
        r#"(module {} (memory (export "memory") 8) (global $heap (mut i32) (i32.const 1024))
          (func (export "malloc") (param $len i32) (result i32)
            (global.set $heap (i32.add (global.get $heap) (local.get $len)))
            (i32.sub (global.get $heap) (local.get $len)))
          (func (export "free") (param i32))
          (func (export "skill_on_event") (param i32 i32 i32 i32) (result i32)
            (call $env.host_log (i32.const 2) (local.get 2) (local.get 3)) (i32.const 0)))"#,
        import("env.host_log")
    );
    let spaced = "{ \"b\" : 1.10,\t\"b\":\n1E400 }";
    for data in TELLING.into_iter().chain([spaced, deep(20_000).as_str()]) {
        for input in [format!(r#"{{"type":"t","data":{data}}}"#), format!("{{ \"data\" : {data} , \"type\" : \"t\" }}")] {
            let ran = run(&module, &["--format", "jsonl", "--input", &input]);
            let logged = ran.expect(0).stdout.lines().find(|line| line.contains(r#""type":"log""#)).unwrap();
            assert_eq!(serde_json::from_str::<Value>(logged).unwrap()["message"], data);
            assert!(finished(&ran).0.contains(r#""output":{"code":0}"#));
        }
    }
}

#[test]
fn on_a_terminal_a_document_is_indented_and_nothing_in_it_acts() {
    let workspace = Workspace::new();
    workspace.write("probe.wat", saying("{\"a\":[1.10,1.10],\"a\":\"\u{9b}2J\u{202e}\"}"));
    let shown = |arguments: &[&str]| {
        let pair = native_pty_system().openpty(PtySize { rows: 50, cols: 200, pixel_width: 0, pixel_height: 0 }).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_skillscope"));
        command.args([&["--run", "probe"], arguments].concat());
        command.cwd(workspace.path());
        command.env("XDG_CACHE_HOME", crate::program::cache_home());
        command.env("NO_COLOR", "1");
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let reading = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            // A terminal whose program has ended may say so by an error.
            let _ = reader.read_to_end(&mut bytes);
            String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
        });
        assert!(child.wait().unwrap().success());
        drop(pair.master);
        reading.join().unwrap()
    };
    let human = shown(&[]);
    assert!(human.contains("{\n  \"a\": [\n    1.10,\n    1.10\n  ],\n  \"a\": \"\\u009b2J\\u202e\"\n}\n"), "{human}");
    let json = shown(&["--format", "json"]);
    assert!(json.contains(r#"  "output": {"a":[1.10,1.10],"a":"\u009b2J\u202e"},"#), "{json}");
}
