//! The sample skills do what the README says of them, by the commands that it shows.

use crate::program::{Ran, Workspace};
use crate::server::Server;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use wiremock::ResponseTemplate;

/// What the README says of the size of a built module, in bytes.
const LARGEST: u64 = 130_000;
/// The same of a module in Go, which carries its runtime.
const LARGEST_IN_GO: u64 = 2_600_000;

pub fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-skills")
}

/// A row of the README's table.
pub struct Sample {
    pub name: String,
    profile: String,
    made_with: String,
    shows: String,
    /// The commands' last words; none is a run without an input.
    pub tries: Vec<Vec<String>>,
}

/// The words of a command line that quotes with `'` alone.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            _ => words.last_mut().unwrap().push(character),
        }
    }
    assert!(!quoted, "a quote without an end: {line}");
    words
}

fn in_backticks(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

pub fn table() -> Vec<Sample> {
    let readme = std::fs::read_to_string(samples().join("../README.md")).unwrap();
    let rows = readme.lines().skip_while(|line| !line.starts_with("| skill | profile |")).skip(2);
    rows.take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            Sample {
                name: in_backticks(cells[0])[0].to_owned(),
                profile: cells[1].to_owned(),
                made_with: cells[2].to_owned(),
                shows: cells[3].to_owned(),
                tries: in_backticks(cells[4]).into_iter().map(words).collect(),
            }
        })
        .collect()
}

pub fn sample(name: &str) -> Sample {
    table().into_iter().find(|sample| sample.name == name).unwrap_or_else(|| panic!("README.md does not list {name}"))
}

/// `skillscope --run NAME sample-skills --format json`, in a directory of its own, and more words.
pub fn run_in(workspace: &Workspace, name: &str, more: &[&str]) -> (Value, i32) {
    let samples = samples();
    workspace.run_json(name, &[&[samples.to_str().unwrap()], more].concat())
}

/// The first command that the README shows for a sample.
fn tried(name: &str) -> (Value, i32) {
    let sample = sample(name);
    let more: Vec<&str> = sample.tries.first().map(|words| words.iter().map(String::as_str).collect()).unwrap_or_default();
    run_in(&Workspace::new(), name, &more)
}

fn for_people(name: &str, more: &[&str]) -> Ran {
    Workspace::new().skillscope(&[&["--run", name, samples().to_str().unwrap()], more].concat())
}

/// A report whose run went well.
#[track_caller]
pub fn went_well((report, code): (Value, i32)) -> Value {
    assert_eq!((code, &report["outcome"]), (0, &json!("ok")), "{report:#}");
    report
}

fn names(report: &Value, list: &str, field: &str) -> Vec<String> {
    report[list].as_array().unwrap().iter().map(|entry| entry[field].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_readme_lists_every_sample_with_its_profile() {
    let listing = Workspace::new().skillscope(&["--list", "--format", "json", samples().to_str().unwrap()]).expect(0).json();
    let mut listed: Vec<String> = table().into_iter().map(|sample| sample.name).collect();
    listed.sort();
    let there: Vec<String> = listing.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(listed, there);
    for row in listing.as_array().unwrap() {
        let sample = sample(row["name"].as_str().unwrap());
        assert!(!sample.shows.is_empty() && row["description"].is_string(), "{row}");
        let refused = row["outcome"] == "invalid";
        assert_eq!(refused, sample.name == "refused", "{row}");
        assert!(refused || row["loaded"]["profile"] == sample.profile.as_str(), "{row}");
    }
}

#[test]
fn built_modules_are_as_small_as_the_readme_says() {
    let readme = std::fs::read_to_string(samples().join("../README.md")).unwrap();
    let told = readme.split_whitespace().collect::<Vec<_>>().join(" ");
    let (kilobytes, tenths) = (LARGEST / 1000, LARGEST_IN_GO / 100_000);
    let sizes = format!("under {kilobytes} KB, in Go under {}.{} MB", tenths / 10, tenths % 10);
    assert!(told.contains(&sizes), "README.md does not say that the modules are {sizes}");
    for Sample { name, made_with, shows, .. } in table() {
        let Ok(module) = std::fs::metadata(samples().join(format!("{name}/{name}.wasm"))) else { continue };
        let limit = match made_with.as_str() {
            "Go" => LARGEST_IN_GO,
            _ if shows.contains("in 2 KB") => 2048,
            _ => LARGEST,
        };
        assert!(module.len() <= limit, "{name} has {} bytes", module.len());
    }
}

#[test]
fn summarize_asks_the_mock_and_remembers_the_note() {
    let workspace = Workspace::new();
    let sample = sample("summarize");
    let more: Vec<&str> = sample.tries[0].iter().map(String::as_str).collect();
    let report = went_well(run_in(&workspace, "summarize", &more));
    assert_eq!(report["output"]["summary"], "A note about things to do.");
    assert_eq!(report["output"]["from_memory"], false);
    let asked = report["host_calls"].as_array().unwrap().iter().find(|call| call["name"] == "cis.ai_prompt").unwrap();
    assert_eq!((&asked["provider"], &asked["response"]), (&json!("mock"), &report["output"]["summary"]));
    // What it stored, given back, is found: the AI is not asked again.
    let again = went_well(run_in(&workspace, "summarize", &[&more[..2], &["--store-in", "notes.json"]].concat()));
    assert_eq!(again["output"]["from_memory"], true);
    assert_eq!(again["output"]["summary"], report["output"]["summary"]);
    assert!(!names(&again, "host_calls", "name").contains(&"cis.ai_prompt".to_owned()));
}

#[test]
fn page_title_fetches_from_the_hosts_that_are_granted() {
    let page = "<!doctype html><html><head><title>\n  Cats &amp; Dogs </title></head></html>";
    let server = Server::answering(move |_| ResponseTemplate::new(200).set_body_raw(page, "text/html"));
    // The README's address may be in use by something else on this machine; the server here has one of its own.
    let command = sample("page-title").tries[0].clone();
    assert!(command[1].contains("http://127.0.0.1:8080/"), "{command:?}");
    let input = command[1].replace("http://127.0.0.1:8080", &server.url());
    let granted = went_well(run_in(&Workspace::new(), "page-title", &["--input", &input, "--allow-http", &server.host()]));
    assert_eq!(granted["output"], json!({ "url": format!("{}/", server.url()), "title": "Cats & Dogs" }));
    assert_eq!(server.requests().len(), 1);
    let denied = went_well(run_in(&Workspace::new(), "page-title", &["--input", &input]));
    assert_eq!(denied["output"]["code"], -3);
    assert_eq!(server.requests().len(), 1, "a host that is not granted was asked");
    // What the README's own address answers is not known here, but it is granted.
    let (readmes, _) = run_in(&Workspace::new(), "page-title", &["--input", &command[1]]);
    assert_ne!(readmes["output"]["code"], -3, "{readmes:#}");
}

#[test]
fn panics_shows_three_named_functions_at_their_places_in_the_module_as_it_was_built() {
    let (report, code) = tried("panics");
    assert_eq!((code, &report["outcome"], &report["error"]["kind"]), (1, &json!("trap"), &json!("unreachable")));
    assert!(report["logs"][0]["message"].as_str().unwrap().contains("src/lib.rs:"), "{}", report["logs"]);
    let frames = report["error"]["backtrace"].as_array().unwrap();
    let named: Vec<&str> = frames.iter().map(|frame| frame["function"].as_str().unwrap()).collect();
    let deep = ["panics::take_the_sixth_meeting", "panics::count_the_hours", "panics::plan_the_day"];
    assert!(named.windows(3).any(|three| three == deep), "{named:?}");
    assert_eq!(named.last(), Some(&"execute"));
    // Each frame but the innermost is at its call of the frame before, in the bytes on disk.
    let module = std::fs::read(samples().join("panics/panics.wasm")).unwrap();
    for (at, frame) in frames.iter().enumerate() {
        let (index, offset) = (frame["function_index"].as_u64().unwrap(), frame["module_offset"].as_u64().unwrap());
        let (function, operator) = operator_at(&module, offset).unwrap_or_else(|| panic!("no instruction at {frame}"));
        assert_eq!(u64::from(function), index, "{frame}");
        let fits = match operator {
            wasmparser::Operator::Unreachable => at == 0,
            wasmparser::Operator::Call { function_index } => {
                at > 0 && frames[at - 1]["function_index"] == u64::from(function_index)
            }
            wasmparser::Operator::CallIndirect { .. } => at > 0,
            _ => false,
        };
        assert!(fits, "{frame} is at {operator:?}");
    }
    let shown = for_people("panics", &[]);
    for name in deep {
        assert!(shown.stderr.contains(&format!("at {name} (offset 0x")), "{}", shown.stderr);
    }
}

/// The instruction at a byte offset of a module, with the index of its function.
fn operator_at(module: &[u8], offset: u64) -> Option<(u32, wasmparser::Operator<'_>)> {
    let mut function = 0;
    for payload in wasmparser::Parser::new(0).parse_all(module) {
        match payload.unwrap() {
            wasmparser::Payload::ImportSection(imports) => {
                let types = imports.into_imports().map(|import| import.unwrap().ty);
                function = u32::try_from(types.filter(|ty| matches!(ty, wasmparser::TypeRef::Func(_))).count()).unwrap();
            }
            wasmparser::Payload::CodeSectionEntry(body) => {
                if body.range().contains(&offset) {
                    let operators = body.get_operators_reader().unwrap().into_iter_with_offsets();
                    let found = operators.map(Result::unwrap).find(|(_, at)| *at == offset)?;
                    return Some((function, found.0));
                }
                function += 1;
            }
            _ => {}
        }
    }
    None
}

#[test]
fn mood_handles_an_event_with_its_configuration_and_logs() {
    let report = went_well(tried("mood"));
    assert_eq!((&report["profile"], &report["output"]), (&json!("cis-sdk"), &json!({ "code": 1 })));
    let lines = names(&report, "logs", "message");
    assert!(lines[0].starts_with("Listening (it is "), "the manifest's greeting is missing: {lines:?}");
    assert_eq!(lines[1..], ["happy: 1", "Good bye"]);
    let (unknown, code) = run_in(&Workspace::new(), "mood", &["--event", "storm"]);
    assert_eq!((code, &unknown["outcome"], &unknown["output"]), (1, &json!("failed"), &json!({ "code": -1 })));
}

#[test]
fn test_wasm_skill_echoes_asks_spins_and_allocates() {
    assert_eq!(went_well(tried("test-wasm-skill"))["output"], json!({ "response": "Sunny." }));
    let workspace = Workspace::new();
    let run = |input: &str, more: &[&str]| run_in(&workspace, "test-wasm-skill", &[&["--input", input], more].concat());
    assert_eq!(went_well(run(r#"{"a": [1]}"#, &[]))["output"], json!({ "echo": { "a": [1] } }));
    assert_eq!(went_well(run(r#"{"allocate_mib": 600}"#, &[]))["output"], json!({ "allocated": false, "mib": 600 }));
    assert_eq!(went_well(run(r#"{"allocate_mib": 100}"#, &[]))["output"], json!({ "allocated": true, "mib": 100 }));
    let (spun, code) = run(r#"{"spin": true}"#, &["--timeout", "200ms"]);
    assert_eq!((code, &spun["outcome"], &spun["error"]["phase"]), (5, &json!("timeout"), &json!("execute")));
}

#[test]
fn fill_template_reads_stdin_its_environment_and_a_directory() {
    let report = went_well(tried("fill-template"));
    assert_eq!((&report["profile"], &report["output"]["skill"]), (&json!("command"), &json!("fill-template")));
    let text = report["output"]["text"].as_str().unwrap();
    assert!(text.contains("Ada") && text.contains("rest") && text.ends_with("The skill"), "{text}");
    let listed = went_well(run_in(&Workspace::new(), "fill-template", &[]));
    assert_eq!(listed["output"], json!({ "templates": ["reminder", "welcome"] }));
    let (missing, code) = run_in(&Workspace::new(), "fill-template", &["--input", r#"{"template": "../skill"}"#]);
    assert_eq!((code, &missing["outcome"]), (1, &json!("exit")));
}

#[test]
fn word_count_counts() {
    let report = went_well(tried("word-count"));
    assert_eq!(report["output"], json!({ "words": 6, "lines": 1, "characters": 18, "bytes": 18 }));
}

#[test]
fn infinite_loop_ends_at_its_time_limit() {
    let (report, code) = tried("infinite-loop");
    assert_eq!((code, &report["outcome"], &report["limits"]["timeout_ms"]), (5, &json!("timeout"), &json!(500)));
    assert_eq!(report["error"]["backtrace"][0]["function"], "count_for_ever");
}

#[test]
fn memory_hog_gets_no_more_than_its_limit_and_may_give_up() {
    let sample = sample("memory-hog");
    assert_eq!(sample.tries[1], ["--input", "true"]);
    let report = went_well(tried("memory-hog"));
    assert_eq!(report["output"], json!({ "pages": 1024, "grown": 1023 }));
    let (gave_up, code) = run_in(&Workspace::new(), "memory-hog", &["--max-memory", "64MiB", "--input", "true"]);
    assert_eq!((code, &gave_up["outcome"]), (5, &json!("memory")));
    assert!(gave_up["error"]["message"].as_str().unwrap().contains("64 MiB"), "{}", gave_up["error"]);
    let whole = went_well(run_in(&Workspace::new(), "memory-hog", &[]));
    assert_eq!(whole["output"]["pages"], 8192, "the default limit");
}

#[test]
fn endless_recursion_exhausts_its_stack() {
    let (report, code) = tried("endless-recursion");
    assert_eq!((code, &report["outcome"], &report["error"]["kind"]), (1, &json!("trap"), &json!("stack-exhausted")));
    assert_eq!(report["usage"]["fuel_exact"], false);
}

#[test]
fn refused_tells_every_unknown_import_and_the_nearest_names() {
    let shown = for_people("refused", &[]);
    let told = &shown.expect(4).stderr;
    for word in
        ["cis.ai_promt", "cis.ai_prompt", "env.host_memory_put", "env.host_memory_set", "__wbindgen_throw", "wasm-bindgen"]
    {
        assert!(told.contains(word), "{word} is missing in\n{told}");
    }
    assert!(!told.contains("host_log"), "a known import is told as unknown:\n{told}");
    assert!(shown.stdout.is_empty(), "{}", shown.stdout);
}
