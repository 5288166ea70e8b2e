//! The JSON Schema of cases: a part of the manifest's, and of one for the files `cases/*.toml`.

use super::{HOST_CALL_NAMES, JsonType, REQUEST_FIELDS};
use crate::event::Outcome;
use crate::event::filter::EntryKind;
use crate::skill::schema::{DURATION_PATTERN, SIZE_PATTERN};
use serde_json::{Map, Value, json};

/// Where the schema of `cases/*.toml` is checked in, relative to the project's root.
pub const CASES_SCHEMA_FILE: &str = "docs/cases.schema.json";

/// The schema of a file of cases.
pub fn cases_schema() -> Value {
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "cases/*.toml",
        "description": "Cases of a skill.",
        "type": "object",
        "additionalProperties": false,
        "required": ["case"],
        "properties": { "case": case_list_schema() },
    })
}

/// The schema's text as it is checked in.
pub fn cases_schema_text() -> String {
    format!("{:#}\n", cases_schema())
}

/// The schema of the key `case`.
pub(in crate::skill) fn case_list_schema() -> Value {
    json!({
        "description": "What the skill is given, and what must come of it: docs/cases.md.",
        "type": "array",
        "items": table(&["name"], case_keys()),
    })
}

fn case_keys() -> Vec<(&'static str, Value)> {
    let seconds = [given_keys(), output_keys(), expected_keys()].concat();
    let firsts = vec![
        (
            "name",
            described("The case's name, unique in its skill.", json!({ "type": "string", "minLength": 1, "maxLength": 200 })),
        ),
        ("description", described("What the case shows.", text())),
        ("skip", described("Why the case is not run.", text())),
        ("input", described("The input document, as TOML.", json!({}))),
        ("input_json", described("The input document, as JSON text.", text())),
        ("input_file", described("A file with the input document.", path())),
        ("event", described("The event's type, for the cis-sdk profile.", text())),
        ("stdin", described("Raw standard input of a command.", text())),
        ("stdin_file", described("A file with raw standard input of a command.", path())),
    ];
    [firsts, seconds].concat()
}

fn given_keys() -> Vec<(&'static str, Value)> {
    let strings = json!({ "type": "object", "additionalProperties": { "type": "string" } });
    let string_list = json!({ "type": "array", "items": { "type": "string", "minLength": 1 } });
    let limits = table(&[], vec![("memory", size()), ("timeout", duration()), ("fuel", quantity(1))]);
    let permissions =
        table(&[], vec![("ai", json!({ "type": "boolean" })), ("memory", string_list.clone()), ("http", string_list)]);
    let stored = any_of(vec![text(), table(&[], vec![("json", json!({})), ("base64", text()), ("file", path())])]);
    let ai = table(
        &[],
        vec![("prompt", text_match()), ("call", ordinal()), ("reply", text()), ("error", text()), ("delay", duration())],
    );
    let http = table(
        &[],
        vec![
            ("url", text_match()),
            ("method", json!({ "enum": ["GET", "POST"] })),
            ("body", text_match()),
            ("call", ordinal()),
            ("status", json!({ "type": "integer", "minimum": 200, "maximum": 599 })),
            ("headers", strings.clone()),
            ("reply", text()),
            ("reply_json", json!({})),
            ("reply_file", path()),
            ("reply_base64", text()),
            ("error", text()),
            ("delay", duration()),
        ],
    );
    vec![
        ("seed", described("The seed of clock and randomness.", quantity(0))),
        ("config", described("Values of [config] that differ from the manifest's.", strings.clone())),
        ("env", described("Environment variables (WASI) beside the manifest's.", strings)),
        ("limits", described("Limits in the place of the manifest's.", limits)),
        ("permissions", described("All that the skill may do, in the place of the manifest's.", permissions)),
        ("store", described("What the skill finds in its memory.", map_of(stored))),
        ("ai", described("What the AI says; the first that fits counts.", list(ai))),
        ("http", described("What servers say; the first that fits counts.", list(http))),
    ]
}

fn output_keys() -> Vec<(&'static str, Value)> {
    let assertion = table(
        &[],
        vec![
            ("at", json!({ "type": "string", "pattern": "^(/|$)" })),
            ("exists", json!({ "type": "boolean" })),
            ("equals", json!({})),
            ("differs", json!({})),
            ("includes", json!({})),
            ("contains", json!({})),
            ("matches", text()),
            ("type", json!({ "enum": JsonType::ALL.map(JsonType::word) })),
            ("length", quantity(0)),
            ("min", json!({ "type": "number" })),
            ("max", json!({ "type": "number" })),
        ],
    );
    vec![
        ("output", described("What the output is, as TOML.", json!({}))),
        ("output_json", described("What the output is, as JSON text.", text())),
        ("output_file", described("A file with what the output is.", path())),
        ("output_includes", described("What the output has in it, at each depth.", json!({}))),
        ("output_text", described("What the output's text is.", text_match())),
        ("output_schema", described("The JSON Schema that the output is valid by.", json!({ "type": "object" }))),
        ("output_schema_file", described("A file with that schema.", path())),
        ("output_snapshot", described("Whether the output is what --accept wrote down.", json!({ "type": "boolean" }))),
        ("assert", described("What holds of parts of the output.", list(assertion))),
    ]
}

fn expected_keys() -> Vec<(&'static str, Value)> {
    let request = json!({ "type": "object", "propertyNames": { "enum": REQUEST_FIELDS }, "additionalProperties": text_match() });
    let kinds = [EntryKind::Ai, EntryKind::Memory, EntryKind::Http].map(EntryKind::word);
    let names: Vec<&str> = HOST_CALL_NAMES.into_iter().chain(kinds).collect();
    let name = json!({ "type": "string", "examples": names });
    let call = table(
        &["call"],
        vec![
            ("call", name.clone()),
            ("request", request),
            ("times", quantity(0)),
            ("min", quantity(0)),
            ("max", quantity(0)),
            ("result", json!({ "type": ["integer", "string"] })),
            ("response", text_match()),
        ],
    );
    let stored = any_of(vec![
        text_match(),
        table(&[], vec![("json", json!({}))]),
        table(&[], vec![("base64", text())]),
        table(&[], vec![("file", path())]),
    ]);
    let budget = table(&[], vec![("fuel", quantity(0)), ("memory", size()), ("time", duration()), ("calls", quantity(0))]);
    let boolean = json!({ "type": "boolean" });
    vec![
        ("outcome", described("How the run ends; ok by default.", json!({ "enum": Outcome::ALL.map(Outcome::word) }))),
        ("error", described("The message of the run's error.", text_match())),
        ("error_kind", described("The kind of the run's error.", text())),
        ("stdout", described("What goes to standard output.", text_match())),
        ("stderr", described("What goes to standard error.", text_match())),
        ("calls", described("The host calls that are foreseen.", list(any_of(vec![name, call])))),
        ("strict", described("Whether a call that is not foreseen is a fault; true by default.", boolean.clone())),
        ("ordered", described("Whether the order of the calls counts; true by default.", boolean)),
        ("store_after", described("All that the memory holds afterwards.", map_of(stored.clone()))),
        ("store_after_includes", described("What the memory holds among others.", map_of(stored))),
        ("store_after_lacks", described("Keys without a value.", list(text()))),
        ("budget", described("What may be used at most.", budget)),
        (
            "fuel",
            described(
                "The accepted fuel; the word accept where it is still to be written.",
                any_of(vec![quantity(0), json!({ "const": "accept" })]),
            ),
        ),
        (
            "fuel_tolerance",
            described(
                "How much more fuel is taken: units, or a share.",
                any_of(vec![quantity(0), json!({ "type": "string", "pattern": r"^[0-9.]+\s*%$" })]),
            ),
        ),
    ]
}

fn described(words: &str, mut schema: Value) -> Value {
    if let Value::Object(entries) = &mut schema {
        entries.insert("description".to_owned(), words.into());
    }
    schema
}

fn table(required: &[&str], keys: Vec<(&'static str, Value)>) -> Value {
    let keys: Map<String, Value> = keys.into_iter().map(|(key, schema)| (key.to_owned(), schema)).collect();
    let mut schema = json!({ "type": "object", "additionalProperties": false, "properties": keys });
    if let (Value::Object(entries), false) = (&mut schema, required.is_empty()) {
        entries.insert("required".to_owned(), json!(required));
    }
    schema
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn path() -> Value {
    json!({ "type": "string", "pattern": "^[^/]" })
}

fn duration() -> Value {
    json!({ "type": "string", "pattern": DURATION_PATTERN })
}

fn size() -> Value {
    any_of(vec![json!({ "type": "string", "pattern": SIZE_PATTERN }), json!({ "type": "integer", "minimum": 1 })])
}

fn ordinal() -> Value {
    quantity(1)
}

fn quantity(minimum: u64) -> Value {
    any_of(vec![json!({ "type": "integer", "minimum": minimum }), json!({ "type": "string", "pattern": "^[0-9_]+$" })])
}

fn text_match() -> Value {
    any_of(vec![text(), table(&[], vec![("equals", text()), ("contains", text()), ("matches", text())])])
}

fn any_of(schemas: Vec<Value>) -> Value {
    json!({ "anyOf": schemas })
}

fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

fn map_of(values: Value) -> Value {
    json!({ "type": "object", "additionalProperties": values })
}
