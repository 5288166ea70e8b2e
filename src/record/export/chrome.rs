//! The trace event format of Chrome and Perfetto: a slice for the run, each phase, each host call and each call of WASI, counters for fuel
//! and memory, marks for log lines and warnings. Times are microseconds from the run's start.

use super::writer::Elements;
use super::{Exporter, OpenCall, OpenCalls};
use crate::event::{CallFinished, CallId, Event, GaugeSample, Phase, RunEvent, ShadowAnswer, WasiCall};
use crate::record::RecordHeader;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io;

const PROCESS: u32 = 1;
/// The thread of the run.
const RUN: u32 = 1;

/// Makes trace events.
pub(super) struct Chrome {
    header: RecordHeader,
    open: OpenCalls,
    phase: Option<(Phase, u64)>,
    /// When AI calls began, for the answers beside them.
    asked: HashMap<CallId, u64>,
    /// How many answers beside the lead's there were.
    answers: u64,
    /// Where the last slice ended: slices of one thread lie side by side or within each other, never across.
    slice_end: u64,
    last_us: u64,
    has_ended: bool,
}

impl Chrome {
    pub(super) fn new(header: &RecordHeader) -> Self {
        Self {
            header: header.clone(),
            open: OpenCalls::default(),
            phase: None,
            asked: HashMap::new(),
            answers: 0,
            slice_end: 0,
            last_us: 0,
            has_ended: false,
        }
    }

    fn run_event(&mut self, at_us: u64, event: &RunEvent, out: &mut Elements<'_>) -> io::Result<()> {
        self.last_us = self.last_us.max(at_us);
        match event {
            RunEvent::Started(_) => self.names(out),
            RunEvent::PhaseStarted { phase } => {
                self.end_phase(at_us, out)?;
                self.phase = Some((*phase, at_us));
                Ok(())
            }
            RunEvent::HostCallStarted(call) => {
                if super::asks_an_ai(&call.name) {
                    self.asked.insert(call.id, at_us);
                }
                self.open.begin(at_us, call);
                Ok(())
            }
            RunEvent::HostCallFinished(finished) => match self.open.end(finished) {
                Some(open) => self.host_call(&open, at_us, Some(finished), out),
                None => Ok(()),
            },
            RunEvent::WasiCall(call) => self.wasi_call(at_us, call, out),
            RunEvent::Sample(sample) => counters(at_us, sample, out),
            RunEvent::Log { level, message } => mark(at_us, level.word(), "log", json!({ "message": message }), out),
            RunEvent::Warning { message } => mark(at_us, "warning", "warning", json!({ "message": message }), out),
            RunEvent::HostCallHeld { id } => mark(at_us, "held", "intercept", json!({ "call": id }), out),
            RunEvent::HostCallReleased { id, how, .. } => {
                mark(at_us, "released", "intercept", json!({ "call": id, "how": how }), out)
            }
            RunEvent::FaultInjected { fault, call } => {
                mark(at_us, "fault", "fault", json!({ "fault": fault, "call": call }), out)
            }
            RunEvent::Stdout { bytes } => mark(at_us, "stdout", "output", json!({ "bytes": bytes }), out),
            RunEvent::Stderr { bytes } => mark(at_us, "stderr", "output", json!({ "bytes": bytes }), out),
            RunEvent::Finished(finished) => {
                self.has_ended = true;
                self.end_phase(at_us, out)?;
                let usage = &finished.usage;
                let mut last = GaugeSample { fuel: usage.fuel, ..GaugeSample::default() };
                last.memory_bytes = usage.memory_bytes.unwrap_or_default();
                counters(at_us, &last, out)?;
                let args = json!({ "outcome": finished.outcome, "error": finished.error, "usage": usage });
                slice(&format!("run of {}", self.header.skill), "run", (0, at_us), &args, out)
            }
        }
    }

    /// What the viewer shows as process and threads.
    fn names(&self, out: &mut Elements<'_>) -> io::Result<()> {
        let process = format!("skillscope: {}", self.header.skill);
        for (name, what) in [("process_name", process.as_str()), ("thread_name", "run")] {
            out.push(&json!({ "ph": "M", "pid": PROCESS, "tid": RUN, "ts": 0, "name": name, "args": { "name": what } }))?;
        }
        Ok(())
    }

    fn end_phase(&mut self, at_us: u64, out: &mut Elements<'_>) -> io::Result<()> {
        match self.phase.take() {
            Some((phase, since)) => slice(phase.name(), "phase", (since, at_us), &json!({}), out),
            None => Ok(()),
        }
    }

    fn host_call(
        &mut self,
        open: &OpenCall,
        at_us: u64,
        finished: Option<&CallFinished>,
        out: &mut Elements<'_>,
    ) -> io::Result<()> {
        self.slice_end = at_us;
        let args = json!({ "id": open.call.id, "request": open.call.request, "finished": finished });
        slice(&open.call.name, "host", (open.at_us, at_us), &args, out)
    }

    /// It is told when it is over.
    fn wasi_call(&mut self, at_us: u64, call: &WasiCall, out: &mut Elements<'_>) -> io::Result<()> {
        let phase_began = self.phase.map_or(0, |(_, began)| began);
        let call_began = self.open.0.last().map_or(0, |open| open.at_us);
        let began = at_us.saturating_sub(call.elapsed_us).max(self.slice_end).max(phase_began).max(call_began).min(at_us);
        self.slice_end = at_us;
        let args = json!({ "arguments": call.arguments, "errno": call.errno });
        slice(&call.name, "wasi", (began, at_us), &args, out)
    }

    /// Answers beside a run overlap each other and the run, so they have a row of their own each.
    fn shadow(&mut self, call: CallId, answer: &ShadowAnswer, out: &mut Elements<'_>) -> io::Result<()> {
        let began = self.asked.get(&call).copied().unwrap_or_default();
        // A number: not every reader takes a text.
        self.answers += 1;
        let id = self.answers;
        for (ph, ts) in [("b", began), ("e", began.saturating_add(answer.elapsed_us))] {
            let args = if ph == "b" { json!({ "call": call, "answer": answer }) } else { json!({}) };
            let name = &answer.provider;
            out.push(
                &json!({ "ph": ph, "cat": "beside", "id": id, "pid": PROCESS, "tid": RUN, "ts": ts, "name": name, "args": args }),
            )?;
        }
        Ok(())
    }
}

impl Exporter for Chrome {
    fn prefix(&self) -> String {
        let RecordHeader { skillscope, skill, started_at, module_sha256, .. } = &self.header;
        let about = json!({ "skillscope": skillscope, "skill": skill, "started_at": started_at, "module_sha256": module_sha256 });
        format!("{{\"displayTimeUnit\":\"ms\",\"otherData\":{about},\"traceEvents\":[")
    }

    fn event(&mut self, event: &Event, out: &mut Elements<'_>) -> io::Result<()> {
        match event {
            Event::Run { at_us, what, .. } => self.run_event(*at_us, what, out),
            Event::ShadowAnswered { call, answer, .. } => self.shadow(*call, answer, out),
            _ => Ok(()),
        }
    }

    fn end(&mut self, out: &mut Elements<'_>) -> io::Result<()> {
        let last = self.last_us;
        // What went on when the record ended is shown up to there.
        while let Some(open) = self.open.0.pop() {
            self.host_call(&open, last, None, out)?;
        }
        self.end_phase(last, out)?;
        if self.has_ended {
            return Ok(());
        }
        slice(&format!("run of {}", self.header.skill), "run", (0, last), &json!({ "outcome": null }), out)
    }

    fn suffix(&self) -> &'static str {
        "\n]}\n"
    }
}

fn slice(name: &str, cat: &str, (from, to): (u64, u64), args: &Value, out: &mut Elements<'_>) -> io::Result<()> {
    let dur = to.saturating_sub(from);
    out.push(&json!({ "ph": "X", "cat": cat, "name": name, "pid": PROCESS, "tid": RUN, "ts": from, "dur": dur, "args": args }))
}

fn mark(at_us: u64, name: &str, cat: &str, args: Value, out: &mut Elements<'_>) -> io::Result<()> {
    out.push(&json!({ "ph": "i", "s": "t", "cat": cat, "name": name, "pid": PROCESS, "tid": RUN, "ts": at_us, "args": args }))
}

fn counters(at_us: u64, sample: &GaugeSample, out: &mut Elements<'_>) -> io::Result<()> {
    for (name, unit, value) in [("fuel", "units", sample.fuel), ("memory", "bytes", sample.memory_bytes)] {
        out.push(&json!({ "ph": "C", "name": name, "pid": PROCESS, "tid": RUN, "ts": at_us, "args": { unit: value } }))?;
    }
    Ok(())
}
