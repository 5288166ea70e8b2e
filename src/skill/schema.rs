//! The JSON Schema of the manifest, by which editors complete and check it.

use super::Manifest;
use super::cases::case_list_schema;
use crate::event::{DEFAULT_MEMORY_BYTES, DEFAULT_TIMEOUT, PAGE_BYTES, Profile};
use crate::skill::{MAX_MEMORY_BYTES, format_bytes, format_duration};
use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

/// Where the schema is checked in, relative to the project's root.
pub const MANIFEST_SCHEMA_FILE: &str = "docs/skill.schema.json";

/// A size with a unit; the range is checked when the manifest is read.
pub(super) const SIZE_PATTERN: &str = r"^\s*[0-9][0-9_]*(\.[0-9_]+)?\s*([Bb]|[KMGTkmgt][Ii]?[Bb])?\s*$";
/// A duration with units.
pub(super) const DURATION_PATTERN: &str = r"^\s*([0-9][0-9_]*(\.[0-9_]+)?\s*[a-zµ]+\s*)+$";

/// A path that leads upwards.
const PARENT_PATTERN: &str = r"(^|/)\.\.(/|$)";

/// The schema as a JSON document.
pub fn manifest_schema() -> Value {
    let settings = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<Manifest>().to_value();
    drop_nulls(&mut schema);
    for (pointer, key, value) in [
        ("/properties", "case", case_list_schema()),
        ("/properties", "build", json!({ "description": "Reserved for how the module is built." })),
        // What the patterns of the fields cannot say.
        ("/properties/skill/properties/name", "not", json!({ "enum": [".", ".."] })),
        ("/properties/skill/properties/module", "not", json!({ "pattern": PARENT_PATTERN })),
        ("/properties/wasi/properties/env", "propertyNames", json!({ "pattern": "^[^=]+$" })),
        ("/properties/limits/properties/memory", "default", json!(format_bytes(DEFAULT_MEMORY_BYTES))),
        ("/properties/limits/properties/timeout", "default", json!(format_duration(DEFAULT_TIMEOUT))),
        ("/properties/permissions/properties/memory/items", "minLength", json!(1)),
        ("/properties/permissions/properties/http/items", "pattern", json!(r"^[^/*\s@]+$")),
    ] {
        if let Some(Value::Object(place)) = schema.pointer_mut(pointer) {
            place.insert(key.to_owned(), value);
        }
    }
    schema
}

/// TOML has no null: a key that may be left out is one that is not required, and nothing else.
pub(super) fn drop_nulls(schema: &mut Value) {
    match schema {
        Value::Object(entries) => {
            entries.retain(|key, value| !(key == "default" && value.is_null()));
            if let Some(Value::Array(types)) = entries.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    entries.insert("type".to_owned(), only);
                }
            }
            entries.values_mut().for_each(drop_nulls);
        }
        Value::Array(elements) => elements.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// The schema's text as it is checked in.
pub fn manifest_schema_text() -> String {
    format!("{:#}\n", manifest_schema())
}

pub(super) fn memory(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "anyOf": [
            { "type": "string", "pattern": SIZE_PATTERN },
            { "type": "integer", "minimum": PAGE_BYTES, "maximum": MAX_MEMORY_BYTES },
        ],
        "examples": ["512MiB", "64 KiB", 1_000_000],
    })
}

pub(super) fn timeout(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": DURATION_PATTERN, "examples": ["30s", "500ms", "1m30s"] })
}

pub(super) fn fuel(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "anyOf": [{ "type": "integer", "minimum": 1 }, { "type": "string", "pattern": "^\\s*[0-9_]*[1-9][0-9_]*\\s*$" }],
        "examples": [10_000_000_000_u64],
    })
}

pub(super) fn directories(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "propertyNames": { "pattern": "^/", "not": { "pattern": r"/\.\.?(/|$)" } },
        "additionalProperties": { "type": "string", "pattern": "^[^/]", "not": { "pattern": r"^:rw$|(^|/)\.\.(/|:rw$|$)" } },
    })
}

pub(super) fn profile(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": Profile::ALL.map(Profile::word) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Failure;
    use crate::skill::{parse_bytes, parse_duration};
    use std::path::Path;

    #[test]
    fn the_schema_that_is_checked_in_is_that_of_the_code() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(MANIFEST_SCHEMA_FILE);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, manifest_schema_text()).unwrap();
        }
        let checked_in = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        assert!(
            checked_in == manifest_schema_text(),
            "{MANIFEST_SCHEMA_FILE} is stale: UPDATE=1 cargo test --lib schema writes it anew"
        );
    }

    #[test]
    fn the_keys_of_the_schema_are_those_that_the_reader_knows() {
        let schema = manifest_schema();
        for (table, pointer) in [
            ("", "/properties"),
            ("skill", "/properties/skill/properties"),
            ("limits", "/properties/limits/properties"),
            ("permissions", "/properties/permissions/properties"),
            ("wasi", "/properties/wasi/properties"),
        ] {
            let known = known_keys(table);
            let mut known: Vec<_> = known.split(", ").collect();
            let mut keys: Vec<_> = schema.pointer(pointer).unwrap().as_object().unwrap().keys().map(String::as_str).collect();
            known.sort_unstable();
            keys.sort_unstable();
            assert_eq!(keys, known, "[{table}]");
        }
    }

    /// The keys that the reader names where it finds an unknown one, in a table that is right otherwise.
    fn known_keys(table: &str) -> String {
        let text = match table {
            "" => "qqqqqqqq = 1\n[skill]\nname = 'a'\nmodule = 'a'".to_owned(),
            "skill" => "[skill]\nname = 'a'\nmodule = 'a'\nqqqqqqqq = 1".to_owned(),
            table => format!("[skill]\nname = 'a'\nmodule = 'a'\n[{table}]\nqqqqqqqq = 1"),
        };
        let hint = Failure::from(Manifest::parse(Path::new("skill.toml"), &text).unwrap_err()).hint.unwrap();
        hint.strip_prefix("known here: ").unwrap().to_owned()
    }

    #[test]
    fn no_key_but_the_known_ones_passes_the_schema() {
        let schema = manifest_schema();
        for pointer in ["", "/properties/skill", "/properties/limits", "/properties/permissions", "/properties/wasi"] {
            assert_eq!(schema.pointer(&format!("{pointer}/additionalProperties")), Some(&Value::Bool(false)), "{pointer}");
        }
        assert_eq!(schema.pointer("/properties/skill/required"), Some(&json!(["name", "module"])));
        assert_eq!(schema.pointer("/required"), Some(&json!(["skill"])));
        for table in ["limits", "permissions", "wasi"] {
            assert_eq!(schema.pointer(&format!("/properties/{table}/required")), None, "{table}");
        }
    }

    #[test]
    fn the_patterns_take_what_the_reader_takes() {
        let size = regex::Regex::new(SIZE_PATTERN).unwrap();
        for text in ["512MiB", "64 KiB", "1.5GB", "1_000", "7 b", "64M", "", "-1", "1.", "big"] {
            assert_eq!(size.is_match(text), parse_bytes(text).is_ok(), "{text}");
        }
        let duration = regex::Regex::new(DURATION_PATTERN).unwrap();
        for text in ["30s", "500ms", "1m30s", "1m 30s", "2h", "1_500ms", "1.5s", "30", "", "-5s", "soon", "2M"] {
            assert_eq!(duration.is_match(text), parse_duration(text).is_ok(), "{text}");
        }
    }
}
