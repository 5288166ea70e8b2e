//! Records in the formats of other tools, held against what their specifications demand: required fields, types, how times and identifiers
//! are written.

use super::{RECORD, recorded};
use crate::program::Workspace;
use crate::script::Arg::{Bytes, Int, Range, Text};
use crate::script::{BUFFER, Script};
use crate::server::Server;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;
use wiremock::ResponseTemplate;

/// A workspace with the record of a run that asked everyone, with another provider beside the mock.
fn everything() -> (Workspace, Value) {
    let web = Server::answering(|request| match request.url.path() {
        "/json" => ResponseTemplate::new(201).set_body_string("{\"a\": 1}"),
        "/bytes" => ResponseTemplate::new(200).set_body_bytes(vec![0xff, 0]),
        _ => ResponseTemplate::new(503).set_body_string("busy"),
    });
    let local = Server::openai("from the model", Duration::from_millis(20));
    let (url, buffer) = (web.url(), Range(BUFFER, 64));
    let script = Script::new()
        .call("env.host_log", &[Int(2), Text("begins")])
        .call("cis.ai_prompt", &[Text("What is up?"), buffer])
        .call("cis.http_request", &[Text(&format!("{url}/json?q=a%20b&q=2")), Text(""), Range(BUFFER, 2)])
        .call("cis.http_request", &[Text(&format!("{url}/json?q=a%20b&q=2")), Text(""), buffer])
        .call("env.host_http_post", &[Text(&format!("{url}/bytes")), Bytes(b"\xfe"), buffer])
        .call("env.host_http_post", &[Text(&format!("{url}/busy")), Text("{}"), buffer])
        .call("env.host_http_post", &[Text("http://denied.example/"), Text("{}"), buffer])
        .call("cis.memory_set", &[Text("k"), Text("v")])
        .wasi("clock_time_get", "(param i32 i64 i32) (result i32)")
        .number("(call $clock_time_get (i32.const 0) (i64.const 1) (i32.const 0x9000))")
        .wat("(call $spend)")
        .with("(func $spend (local $n i32) (loop $l (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 200000000)))))");
    let workspace = Workspace::new();
    workspace.write("probe.wat", script.module());
    let settings =
        format!("[ai.providers.local]\nkind = \"openai\"\nbase_url = \"{}/v1\"\nmodel = \"test-model\"\n", local.url());
    workspace.write("skillscope.toml", settings);
    let (document, code) = recorded(&workspace, "probe", &["--ai", "both", "--allow-http", &web.host()]);
    assert_eq!(code, 0, "{document:#}");
    (workspace, document)
}

fn exported(workspace: &Workspace, format: &str) -> Value {
    workspace.skillscope(&["--export", format, RECORD]).expect(0).json()
}

/// The record without its end, inside a call.
fn cut(workspace: &Workspace) {
    let whole = std::fs::read_to_string(workspace.path().join(RECORD)).unwrap();
    let at = whole.rfind("host_call_finished").unwrap();
    workspace.write(RECORD, &whole[..whole[..at].rfind('\n').unwrap() + 20]);
}

fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value.pointer(pointer).unwrap_or_else(|| panic!("no {pointer} in {value:#}")).as_array().unwrap()
}

#[track_caller]
fn integer(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no number of microseconds"))
}

/// Trace events by their phase, each with the fields that its phase demands.
fn trace_events(trace: &Value) -> HashMap<String, Vec<Value>> {
    let mut by_phase: HashMap<String, Vec<Value>> = HashMap::new();
    for event in list(trace, "/traceEvents") {
        assert!(event["name"].is_string() && event["pid"].is_u64() && event["tid"].is_u64(), "{event}");
        integer(&event["ts"]);
        let phase = event["ph"].as_str().unwrap();
        match phase {
            "X" => drop(integer(&event["dur"])),
            "C" => assert!(event["args"].as_object().unwrap().values().all(Value::is_number), "{event}"),
            "i" => assert_eq!(event["s"], "t"),
            "b" | "e" => assert!(event["id"].is_u64() && event["cat"].is_string(), "{event}"),
            "M" => assert!(event["args"]["name"].is_string(), "{event}"),
            other => panic!("{other}"),
        }
        by_phase.entry(phase.to_owned()).or_default().push(event.clone());
    }
    by_phase
}

/// Slices of one thread contain each other or lie side by side.
#[track_caller]
fn assert_nested(slices: &[Value]) {
    let mut ranges: Vec<(u64, u64)> =
        slices.iter().map(|slice| (integer(&slice["ts"]), integer(&slice["ts"]) + integer(&slice["dur"]))).collect();
    ranges.sort_by_key(|(from, to)| (*from, std::cmp::Reverse(*to)));
    let mut open: Vec<(u64, u64)> = Vec::new();
    for (from, to) in ranges {
        while open.last().is_some_and(|(_, end)| *end <= from && from < to) || open.last().is_some_and(|(_, end)| *end < from) {
            open.pop();
        }
        assert!(open.last().is_none_or(|(_, end)| to <= *end), "{from}..{to} lies across {open:?}");
        open.push((from, to));
    }
}

#[test]
fn chrome_shows_the_run_its_phases_calls_and_counters() {
    let (workspace, document) = everything();
    let trace = exported(&workspace, "chrome");
    let events = trace_events(&trace);
    let slices = &events["X"];
    assert_nested(slices);
    let named = |cat: &str| {
        slices.iter().filter(|slice| slice["cat"] == cat).map(|slice| slice["name"].as_str().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(named("run"), ["run of probe"]);
    assert_eq!(named("phase"), ["start function", "alloc", "execute", "output", "dealloc"]);
    assert_eq!(named("host").len() as u64, document["host_call_count"].as_u64().unwrap());
    assert_eq!(named("wasi"), ["clock_time_get"]);
    let fuel: Vec<u64> = events["C"]
        .iter()
        .filter(|counter| counter["name"] == "fuel")
        .map(|counter| counter["args"]["units"].as_u64().unwrap())
        .collect();
    assert!(fuel.len() >= 3 && fuel.is_sorted() && fuel.last() == document["usage"]["fuel"].as_u64().as_ref(), "{fuel:?}");
    assert!(events["C"].iter().any(|counter| counter["name"] == "memory" && counter["args"]["bytes"] == 65_536));
    assert_eq!((events["b"].len(), events["e"].len(), &events["b"][0]["name"]), (1, 1, &json!("local (test-model)")));
    assert_eq!((&events["i"][0]["name"], &events["i"][0]["args"]["message"]), (&json!("info"), &json!("begins")));
    cut(&workspace);
    let ran = workspace.skillscope(&["--export", "chrome", RECORD]);
    assert!(ran.expect(0).stderr.contains("is cut off after"), "{}", ran.stderr);
    let events = trace_events(&ran.json());
    assert_nested(&events["X"]);
    assert!(events["X"].iter().any(|slice| slice["name"] == "cis.memory_set" && slice["args"]["finished"].is_null()));
}

#[test]
fn har_has_an_entry_for_each_request_that_was_sent() {
    let (workspace, _) = everything();
    let har = exported(&workspace, "har");
    let log = &har["log"];
    assert_eq!((&log["version"], &log["creator"]["name"]), (&json!("1.2"), &json!("skillscope")));
    assert!(log["creator"]["version"].is_string());
    let entries = list(&har, "/log/entries");
    for entry in entries {
        let date = entry["startedDateTime"].as_str().unwrap();
        assert!(date.len() == 24 && date.ends_with('Z') && date.as_bytes()[10] == b'T', "{date}");
        let timings = &entry["timings"];
        let sum: f64 = ["send", "wait", "receive"].iter().map(|part| timings[part].as_f64().unwrap()).sum();
        assert!((sum - entry["time"].as_f64().unwrap()).abs() < 1e-9, "the time is the sum of its parts: {entry:#}");
        assert!(entry["cache"].is_object());
        for (part, strings, numbers) in [
            ("request", &["method", "url", "httpVersion"][..], &["headersSize", "bodySize"][..]),
            ("response", &["statusText", "httpVersion", "redirectURL"], &["status", "headersSize", "bodySize"]),
        ] {
            let part = &entry[part];
            assert!(
                strings.iter().all(|field| part[field].is_string()) && numbers.iter().all(|field| part[field].is_i64()),
                "{part:#}"
            );
            assert!(part["cookies"].is_array() && part["headers"].is_array(), "{part:#}");
        }
        assert!(entry["request"]["queryString"].is_array());
        assert!(entry["response"]["content"]["size"].is_u64() && entry["response"]["content"]["mimeType"].is_string());
    }
    let seen: Vec<(&str, i64)> = entries
        .iter()
        .map(|entry| (entry["request"]["method"].as_str().unwrap(), entry["response"]["status"].as_i64().unwrap()))
        .collect();
    assert_eq!(seen, [("GET", 200), ("POST", 200), ("POST", 503), ("POST", 0)], "what is held is not sent again");
    assert_eq!(entries[0]["request"]["queryString"], json!([{ "name": "q", "value": "a b" }, { "name": "q", "value": "2" }]));
    let content = &entries[0]["response"]["content"];
    assert_eq!(
        (&content["mimeType"], &content["text"], &content["size"]),
        (&json!("application/json"), &json!("{\"a\": 1}"), &json!(8))
    );
    assert_eq!(
        (&entries[1]["response"]["content"]["encoding"], &entries[1]["response"]["content"]["text"]),
        (&json!("base64"), &json!("/wA="))
    );
    assert_eq!(entries[2]["request"]["postData"]["text"], "{}");
    assert!(entries[3]["_error"].as_str().unwrap().contains("denied.example"), "{:#}", entries[3]);
}

/// An attribute's value, whatever its type.
fn attribute<'s>(span: &'s Value, key: &str) -> Option<&'s Value> {
    let found = list(span, "/attributes").iter().find(|attribute| attribute["key"] == key)?;
    found["value"].as_object().unwrap().values().next()
}

#[track_caller]
fn is_hex(value: &Value, digits: usize) {
    let text = value.as_str().unwrap_or_else(|| panic!("{value} is no text"));
    let is_lower_hex = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    assert!(text.len() == digits && is_lower_hex && text.bytes().any(|byte| byte != b'0'), "{text}");
}

fn spans(otlp: &Value) -> &[Value] {
    let spans = list(otlp, "/resourceSpans/0/scopeSpans/0/spans");
    let mut ids = BTreeSet::new();
    for span in spans {
        is_hex(&span["traceId"], 32);
        is_hex(&span["spanId"], 16);
        assert_eq!(span["traceId"], spans[0]["traceId"]);
        assert!(ids.insert(span["spanId"].as_str().unwrap()), "{span:#}");
        let nanos = |field: &str| span[field].as_str().unwrap_or_else(|| panic!("{field} is a string")).parse::<u64>().unwrap();
        assert!(nanos("startTimeUnixNano") <= nanos("endTimeUnixNano") && nanos("startTimeUnixNano") > 1_700_000_000_000_000_000);
        assert!(span["name"].is_string() && [1, 3].contains(&span["kind"].as_u64().unwrap()), "{span:#}");
        for attribute in list(span, "/attributes") {
            let value = attribute["value"].as_object().unwrap();
            let (kind, value) = value.iter().next().unwrap();
            let fits = match kind.as_str() {
                "stringValue" => value.is_string(),
                "intValue" => value.as_str().is_some_and(|number| number.parse::<i64>().is_ok()),
                "boolValue" => value.is_boolean(),
                _ => false,
            };
            assert!(fits && attribute["key"].is_string() && attribute["value"].as_object().unwrap().len() == 1, "{attribute}");
        }
        for event in span["events"].as_array().into_iter().flatten() {
            assert!(event["timeUnixNano"].as_str().unwrap().parse::<u64>().is_ok() && event["name"].is_string(), "{event}");
        }
    }
    let roots: Vec<&Value> = spans.iter().filter(|span| span.get("parentSpanId").is_none()).collect();
    assert_eq!(roots.len(), 1, "one span for the run");
    for span in spans.iter().filter(|span| span.get("parentSpanId").is_some()) {
        is_hex(&span["parentSpanId"], 16);
        assert!(ids.contains(span["parentSpanId"].as_str().unwrap()), "{span:#}");
    }
    spans
}

#[test]
fn otlp_has_a_span_for_each_host_call_under_that_of_the_run() {
    let (workspace, document) = everything();
    let otlp = exported(&workspace, "otlp");
    assert_eq!(attribute(&otlp["resourceSpans"][0]["resource"], "service.name"), Some(&json!("skillscope")));
    let spans = spans(&otlp);
    assert_eq!(spans.len() as u64, document["host_call_count"].as_u64().unwrap() + 2, "and the run, and an answer beside it");
    let root = spans.iter().find(|span| span.get("parentSpanId").is_none()).unwrap();
    assert_eq!((&root["name"], &root["status"]["code"]), (&json!("run probe"), &json!(1)));
    assert_eq!(attribute(root, "skillscope.fuel"), Some(&json!(document["usage"]["fuel"].to_string())));
    assert_eq!(root["events"][0]["name"], "log");
    let ai: Vec<&Value> = spans.iter().filter(|span| attribute(span, "gen_ai.operation.name").is_some()).collect();
    assert_eq!(ai.len(), 2);
    for span in &ai {
        assert_eq!((&span["kind"], attribute(span, "gen_ai.operation.name")), (&json!(3), Some(&json!("chat"))));
        let input: Value = serde_json::from_str(attribute(span, "gen_ai.input.messages").unwrap().as_str().unwrap()).unwrap();
        assert_eq!(input, json!([{ "role": "user", "parts": [{ "type": "text", "content": "What is up?" }] }]));
    }
    let lead = ai.iter().find(|span| attribute(span, "gen_ai.provider.name") == Some(&json!("mock"))).unwrap();
    assert_eq!((&lead["name"], attribute(lead, "gen_ai.request.model")), (&json!("chat"), None));
    let beside = ai.iter().find(|span| attribute(span, "gen_ai.provider.name") == Some(&json!("local"))).unwrap();
    assert_eq!((&beside["name"], &beside["parentSpanId"]), (&json!("chat test-model"), &lead["spanId"]));
    assert_eq!(attribute(beside, "gen_ai.request.model"), Some(&json!("test-model")));
    let tokens = ["gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"].map(|key| attribute(beside, key).cloned());
    assert_eq!(tokens, [Some(json!("7")), Some(json!("3"))]);
    let output: Value = serde_json::from_str(attribute(beside, "gen_ai.output.messages").unwrap().as_str().unwrap()).unwrap();
    assert_eq!(output[0]["parts"][0]["content"], "from the model");
    let busy = spans.iter().find(|span| attribute(span, "http.response.status_code") == Some(&json!("503"))).unwrap();
    assert_eq!((&busy["name"], &busy["kind"], &busy["status"]["code"]), (&json!("POST"), &json!(3), &json!(2)));
    assert_eq!(
        (attribute(busy, "server.address"), attribute(busy, "error.type")),
        (Some(&json!("127.0.0.1")), Some(&json!("503")))
    );
    cut(&workspace);
    let otlp = workspace.skillscope(&["--export", "otlp", RECORD]).expect(0).json();
    let root = self::spans(&otlp).iter().find(|span| span.get("parentSpanId").is_none()).unwrap();
    assert_eq!((&root["status"]["code"], &root["status"]["message"]), (&json!(2), &json!("the record ends before the run did")));
}

#[test]
fn an_export_goes_to_a_file_and_never_onto_the_record() {
    let workspace = Workspace::new();
    workspace.write("probe.wat", Script::new().call("env.host_now", &[]).module());
    recorded(&workspace, "probe", &[]);
    let before = std::fs::read(workspace.path().join(RECORD)).unwrap();
    let ran = workspace.skillscope(&["--export", "chrome", RECORD, "-o", "trace.json"]);
    assert_eq!((ran.expect(0).stdout.as_str(), ran.stderr.as_str()), ("", ""));
    let trace: Value = serde_json::from_slice(&std::fs::read(workspace.path().join("trace.json")).unwrap()).unwrap();
    assert!(!list(&trace, "/traceEvents").is_empty());
    let ran = workspace.skillscope(&["--export", "har", RECORD, "--output", &format!("./{RECORD}")]);
    assert!(ran.expect(2).stderr.contains("is the record itself"), "{}", ran.stderr);
    assert_eq!(std::fs::read(workspace.path().join(RECORD)).unwrap(), before);
    for (words, told) in [
        (&["--export", "har"][..], "--export"),
        (&["--export", "har", RECORD, RECORD], "--export takes one record"),
        (&["--export", "har", "probe.wat", "-o", "trace.json"], "probe.wat is no record of a run"),
        (&["--export", "pdf", RECORD], "possible values: chrome, har, otlp, case"),
        (&["--export", "har", RECORD, "-o", "no/such/file"], "cannot write no/such/file"),
    ] {
        let ran = workspace.skillscope(words);
        assert!(ran.expect(2).stderr.contains(told), "{words:?}: {}", ran.stderr);
    }
    assert!(std::fs::read_to_string(workspace.path().join("trace.json")).unwrap().contains("traceEvents"), "it was left alone");
    // A refused run has a record too.
    workspace.write("bad.wat", "(module)");
    recorded(&workspace, "bad", &[]);
    for format in ["chrome", "har", "otlp"] {
        exported(&workspace, format);
    }
}
