//! The JSON Schema of the settings, by which editors complete and check them.

use super::{AiSettings, MockRule, PANELS, PROVIDER_KINDS};
use crate::event::OnSave;
use crate::skill::schema::{DURATION_PATTERN, SIZE_PATTERN, drop_nulls};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;
use std::borrow::Cow;

/// Where the schema is checked in, relative to the project's root.
pub const SETTINGS_SCHEMA_FILE: &str = "docs/settings.schema.json";

/// A stand-in for the whole file, whose one limit has a table of its own.
struct SettingsFile;

impl JsonSchema for SettingsFile {
    fn schema_name() -> Cow<'static, str> {
        "Settings".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The settings of a workspace, `skillscope.toml`.",
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "ai": generator.subschema_for::<AiSettings>(),
                "limits": {
                    "description": "Limits of the workspace.",
                    "type": "object",
                    "additionalProperties": false,
                    "properties": {
                        "max_module": {
                            "description": "The largest module file that is read; 100MiB by default.",
                            "anyOf": [{ "type": "string", "pattern": SIZE_PATTERN }, { "type": "integer", "minimum": 1 }],
                            "examples": ["100MiB"],
                        },
                    },
                },
                "workbench": workbench(),
            },
        })
    }
}

fn workbench() -> Schema {
    json_schema!({
        "description": "What the workbench begins with; flags win over it.",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "auto_run": { "description": "Whether a skill is run again when it is saved; true by default.", "type": "boolean" },
            "on_save": {
                "description": "What becomes of a run that goes on when its skill is saved: it is cancelled (the default), or waited for.",
                "type": "string",
                "enum": OnSave::ALL.map(OnSave::word),
            },
            "theme": {
                "description": "The colours; the terminal decides by default.",
                "type": "string",
                "enum": ["auto", "dark", "light", "none"],
            },
            "ascii": { "description": "Whether only ASCII is used for lines and symbols.", "type": "boolean" },
            "panel": { "description": "The panel that is shown first; trace by default.", "type": "string", "enum": PANELS },
            "trace_entries": {
                "description": "How many entries of a trace the screen keeps; 50000 by default. All of them are on disk.",
                "type": "integer",
                "minimum": 100,
                "maximum": 1_000_000,
            },
            "trace_bytes": {
                "description": "How much of requests and responses the screen keeps of a run; 96MiB by default.",
                "anyOf": [{ "type": "string", "pattern": SIZE_PATTERN }, { "type": "integer", "minimum": 1_048_576 }],
                "examples": ["96MiB"],
            },
        },
    })
}

impl JsonSchema for MockRule {
    fn schema_name() -> Cow<'static, str> {
        "MockRule".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An answer of the mock; the first rule that fits a prompt counts.",
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "contains": {
                    "description": "Fits prompts that contain this text; upper and lower case are different.",
                    "type": "string",
                },
                "regex": {
                    "description": "Fits prompts in which this regular expression matches somewhere.",
                    "type": "string",
                },
                "reply": { "description": "The answer.", "type": "string" },
                "error": { "description": "The message of a failure, instead of an answer.", "type": "string" },
                "delay": { "description": "How long the answer takes.", "type": "string", "pattern": DURATION_PATTERN, "examples": ["2s"] },
            },
            "allOf": [
                { "oneOf": [{ "required": ["contains"] }, { "required": ["regex"] }] },
                { "oneOf": [{ "required": ["reply"] }, { "required": ["error"] }] },
            ],
        })
    }
}

/// The schema of [`super::ProviderSettings::kind`].
pub(super) fn kind(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": PROVIDER_KINDS })
}

/// The schema of [`super::ProviderSettings::base_url`].
pub(super) fn base_url(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": "^\\s*[Hh][Tt][Tt][Pp][Ss]?://", "examples": ["http://127.0.0.1:11434/v1"] })
}

/// The schema of [`super::ProviderSettings::api_key_env`].
pub(super) fn variable(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "examples": ["LOCAL_KEY"] })
}

/// The schema as a JSON document.
pub fn settings_schema() -> Value {
    let settings = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<SettingsFile>().to_value();
    drop_nulls(&mut schema);
    schema
}

/// The schema's text as it is checked in.
pub fn settings_schema_text() -> String {
    format!("{:#}\n", settings_schema())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Failure;
    use std::path::Path;

    #[test]
    fn the_schema_that_is_checked_in_is_that_of_the_code() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(SETTINGS_SCHEMA_FILE);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, settings_schema_text()).unwrap();
        }
        let checked_in = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        let stale = format!("{SETTINGS_SCHEMA_FILE} is stale: UPDATE=1 cargo test --lib schema writes it anew");
        assert!(checked_in == settings_schema_text(), "{stale}");
    }

    #[test]
    fn the_keys_of_the_schema_are_those_that_the_reader_knows() {
        let schema = settings_schema();
        for (header, rest, pointer) in [
            ("", "", ""),
            ("[ai]", "", "/properties/ai"),
            ("[limits]", "", "/properties/limits"),
            ("[workbench]", "", "/properties/workbench"),
            ("[[ai.mock]]", "contains = ''\nreply = ''", "/properties/ai/properties/mock/items"),
            ("[ai.providers.x]", "kind = 'xai'\nmodel = 'm'", "/properties/ai/properties/providers/additionalProperties"),
        ] {
            let text = format!("{header}\n{rest}\nqqqqqqqq = 1\n");
            let failure = Failure::from(super::super::read::settings(Path::new("s.toml"), &text).unwrap_err());
            let hint = failure.hint.unwrap();
            let mut known: Vec<&str> = hint.strip_prefix("known here: ").unwrap().split(", ").collect();
            let table = schema.pointer(pointer).unwrap();
            let mut keys: Vec<&str> = table["properties"].as_object().unwrap().keys().map(String::as_str).collect();
            known.sort_unstable();
            keys.sort_unstable();
            assert_eq!(keys, known, "{header}");
            assert_eq!(table["additionalProperties"], false, "{header}");
        }
    }
}
