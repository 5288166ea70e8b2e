//! Cases are read with each key, and the schema knows the keys that the reader knows.

use crate::event::Failure;
use crate::skill::Manifest;
use crate::skill::cases::{CASES_SCHEMA_FILE, FuelBudget, Tolerance, cases_schema, cases_schema_text};
use serde_json::Value;
use std::path::Path;

/// The keys that the reader names where it finds an unknown one in this table of a case.
fn known_keys(table: &str) -> Vec<String> {
    let text = format!("[skill]\nname = 'a'\nmodule = 'a'\n[[case]]\nname = 'c'\n{table}\n");
    let error = Manifest::parse(Path::new("skill.toml"), &text).unwrap_err().to_string();
    let hints = error.split("known here: ").nth(1).map(str::to_owned);
    let hints = hints.or_else(|| Failure::from(Manifest::parse(Path::new("skill.toml"), &text).unwrap_err()).hint);
    let line = hints.unwrap().lines().next().unwrap().trim_start_matches("known here: ").to_owned();
    let mut keys: Vec<String> = line.split(", ").map(str::to_owned).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn the_keys_of_the_schema_are_those_that_the_reader_knows() {
    let schema = cases_schema();
    let case = "/properties/case/items/properties";
    for (table, pointer) in [
        ("qqqqqqqq = 1", ""),
        ("limits = { qqqqqqqq = 1 }", "/limits/properties"),
        ("permissions = { qqqqqqqq = 1 }", "/permissions/properties"),
        ("budget = { qqqqqqqq = 1 }", "/budget/properties"),
        ("ai = [{ reply = 'x', qqqqqqqq = 1 }]", "/ai/items/properties"),
        ("http = [{ reply = 'x', qqqqqqqq = 1 }]", "/http/items/properties"),
        ("assert = [{ equals = 1, qqqqqqqq = 1 }]", "/assert/items/properties"),
        ("calls = [{ call = 'ai', qqqqqqqq = 1 }]", "/calls/items/anyOf/1/properties"),
    ] {
        let found = schema.pointer(&format!("{case}{pointer}")).and_then(Value::as_object).unwrap();
        let mut keys: Vec<String> = found.keys().cloned().collect();
        keys.sort_unstable();
        assert_eq!(keys, known_keys(table), "{table}");
    }
}

#[test]
fn the_schema_that_is_checked_in_is_that_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(CASES_SCHEMA_FILE);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, cases_schema_text()).unwrap();
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(checked_in == cases_schema_text(), "{CASES_SCHEMA_FILE} is stale: UPDATE=1 cargo test --lib schema writes it anew");
}

#[test]
fn a_tolerance_is_a_share_or_units() {
    let budget = |tolerance| FuelBudget { accepted: Some(1000), tolerance };
    assert_eq!(budget(Tolerance::Units(5)).most(), Some(1005));
    assert_eq!(budget(Tolerance::Share(150)).most(), Some(1015));
    assert_eq!(FuelBudget { accepted: None, tolerance: Tolerance::Units(5) }.most(), None);
}
