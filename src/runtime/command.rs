//! The journey of profile `command`: a WASI command, input on stdin, output from stdout.

use super::ending::Step;
use super::instance::Live;
use crate::event::{JsonDocument, Phase};

/// Runs `_start`; gives the JSON document on stdout, or else its text as a JSON string.
pub(super) fn run(live: &mut Live<'_>) -> Step<JsonDocument> {
    live.enter(Phase::Command);
    match live.call("_start", &[]) {
        Ok(_) => Ok(output(live)),
        Err(ending) if ending.exit_status.is_some() => {
            let written = !live.state().stdout.is_empty();
            let output = output(live);
            if ending.exit_status == Some(0) { Ok(output) } else { Err(ending.with_output(written.then_some(output))) }
        }
        Err(ending) => Err(ending),
    }
}

fn output(live: &mut Live<'_>) -> JsonDocument {
    let bytes = std::mem::take(&mut live.state().stdout);
    if let Ok(document) = JsonDocument::parse(&bytes) {
        return document;
    }
    match String::from_utf8(bytes) {
        Ok(text) => JsonDocument::string(&text),
        Err(bytes) => {
            live.warn("stdout is not UTF-8; in the output, the bytes that are not text are replaced");
            JsonDocument::string(&String::from_utf8_lossy(bytes.as_bytes()))
        }
    }
}
