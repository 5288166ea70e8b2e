//! A JSON Schema for an output: it refers to itself alone, so that a case reads nothing but the skill's own files.

use serde_json::Value;

/// A JSON Schema that was found to be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedSchema(Value);

impl CheckedSchema {
    /// Takes a schema, once it is found to be one. It may refer to itself, not to other documents.
    ///
    /// # Errors
    /// Where it is none.
    pub fn new(schema: Value) -> Result<Self, SchemaError> {
        let checked = Self(schema);
        checked.validator().map(drop)?;
        Ok(checked)
    }

    /// What is wrong with a value by this schema: one line for each fault.
    ///
    /// # Errors
    /// Where the schema is none.
    pub fn faults(&self, value: &Value) -> Result<Vec<String>, SchemaError> {
        let (schemas, index) = self.validator()?;
        Ok(match schemas.validate(value, index) {
            Ok(()) => Vec::new(),
            Err(error) => {
                let told = error.to_string();
                let lines: Vec<String> =
                    told.lines().skip(1).map(|line| line.trim().trim_start_matches("- ").to_owned()).collect();
                if lines.is_empty() { vec![told] } else { lines }
            }
        })
    }

    fn validator(&self) -> Result<(boon::Schemas, boon::SchemaIndex), SchemaError> {
        let mut compiler = boon::Compiler::new();
        compiler.use_loader(Box::new(NoOtherDocuments));
        compiler.enable_format_assertions();
        let fault = |error: boon::CompileError| SchemaError(format!("{error:#}").lines().collect::<Vec<_>>().join(" "));
        compiler.add_resource(SCHEMA_URL, self.0.clone()).map_err(fault)?;
        let mut schemas = boon::Schemas::new();
        let index = compiler.compile(SCHEMA_URL, &mut schemas).map_err(fault)?;
        Ok((schemas, index))
    }
}

const SCHEMA_URL: &str = "http://case.invalid/schema.json";

/// Why a value is no JSON Schema.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a JSON Schema: {0}")]
pub struct SchemaError(String);

/// A case reads nothing but the skill's own files.
struct NoOtherDocuments;

impl boon::UrlLoader for NoOtherDocuments {
    fn load(&self, url: &str) -> Result<Value, Box<dyn std::error::Error>> {
        Err(format!("{url} is another document, and a schema here refers to itself alone").into())
    }
}
