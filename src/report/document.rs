//! The one JSON document of a run (`docs/running.md` lists its fields).

use crate::event::{
    CallRecord, CallRequest, Failure, Frame, FunctionFuel, JsonDocument, Limits, LogRecord, Outcome, Payload, Profile,
    ReplayReport, RunSummary, ShadowAnswer, Tokens, Usage,
};
use serde::Serialize;

/// A finished run, as `--format json` prints it.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    skill: &'a str,
    profile: Option<Profile>,
    module_sha256: Option<&'a str>,
    outcome: Outcome,
    output: Option<&'a JsonDocument>,
    output_text: Option<&'a Payload>,
    error: Option<ErrorDocument<'a>>,
    warnings: &'a [String],
    usage: &'a Usage,
    #[serde(skip_serializing_if = "Option::is_none")]
    functions: Option<&'a [FunctionFuel]>,
    fuel_rule: u32,
    seed: Option<u64>,
    limits: &'a Limits,
    host_calls: Vec<CallDocument<'a>>,
    host_call_count: u64,
    host_calls_left_out: u64,
    logs: &'a [LogRecord],
    logs_left_out: u64,
    stdout: Payload,
    stderr: Payload,
    stdout_bytes: u64,
    stderr_bytes: u64,
    replay: Option<&'a ReplayReport>,
}

#[derive(Debug, Serialize)]
struct ErrorDocument<'a> {
    kind: &'a str,
    message: &'a str,
    hint: Option<&'a str>,
    phase: Option<&'static str>,
    backtrace: &'a [Frame],
}

impl<'a> From<&'a Failure> for ErrorDocument<'a> {
    fn from(failure: &'a Failure) -> Self {
        Self {
            kind: &failure.kind,
            message: &failure.message,
            hint: failure.hint.as_deref(),
            phase: failure.phase.map(crate::event::Phase::name),
            backtrace: &failure.backtrace,
        }
    }
}

#[derive(Debug, Serialize)]
struct CallDocument<'a> {
    id: u64,
    name: &'a str,
    at_us: u64,
    request: &'a CallRequest,
    response: Option<&'a Payload>,
    result: Option<i64>,
    truncated: bool,
    held: bool,
    elapsed_us: Option<u64>,
    provider: Option<&'a str>,
    tokens: Option<Tokens>,
    error: Option<&'a str>,
    others: &'a [ShadowAnswer],
}

impl<'a> From<&'a CallRecord> for CallDocument<'a> {
    fn from(call: &'a CallRecord) -> Self {
        let finished = call.finished.as_ref();
        Self {
            id: call.id.0,
            name: &call.name,
            at_us: call.at_us,
            request: &call.request,
            response: finished.and_then(|finished| finished.response.as_ref()),
            result: finished.and_then(|finished| finished.result),
            truncated: finished.is_some_and(|finished| finished.truncated),
            held: finished.is_some_and(|finished| finished.held),
            elapsed_us: finished.map(|finished| finished.elapsed_us),
            provider: finished.and_then(|finished| finished.provider.as_deref()),
            tokens: finished.and_then(|finished| finished.tokens),
            error: finished.and_then(|finished| finished.error.as_deref()),
            others: &call.others,
        }
    }
}

/// The document of a finished run; `None` while it runs.
pub fn document(summary: &RunSummary) -> Option<Document<'_>> {
    let (started, finished) = (summary.started.as_ref()?, summary.finished.as_ref()?);
    Some(Document {
        skill: &started.skill,
        profile: started.profile,
        module_sha256: started.module_sha256.as_deref(),
        outcome: finished.outcome,
        output: finished.output.as_ref(),
        output_text: finished.output_text.as_ref(),
        error: finished.error.as_ref().map(ErrorDocument::from),
        warnings: &summary.warnings,
        usage: &finished.usage,
        functions: finished.functions.as_deref(),
        fuel_rule: started.fuel_rule,
        seed: started.seed,
        limits: &started.limits,
        host_calls: summary.calls.iter().map(CallDocument::from).collect(),
        host_call_count: summary.call_count,
        host_calls_left_out: summary.call_count.saturating_sub(summary.calls.len() as u64),
        logs: &summary.logs,
        logs_left_out: summary.log_count.saturating_sub(summary.logs.len() as u64),
        stdout: Payload::from(summary.stdout.as_slice()),
        stderr: Payload::from(summary.stderr.as_slice()),
        stdout_bytes: summary.stdout_bytes,
        stderr_bytes: summary.stderr_bytes,
        replay: summary.replay.as_ref(),
    })
}
