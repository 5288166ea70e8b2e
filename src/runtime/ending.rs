//! How a run ends before its journey's end: what the engine or the host raised, as one of the contract's outcomes.

use super::code::Code;
use super::frames;
use super::trap;
use super::tunables::{MemoryWatch, RefusedBy, RefusedGrowth};
use crate::event::{Failure, JsonDocument, Limits, Outcome, OutputFault, Payload, Phase};
use crate::host::Stop;
use crate::module::ValidModule;
use std::sync::Arc;
use wasmer::{FrameInfo, RuntimeError};

/// What went wrong, before the guest's frames are put in the terms of the module as its author built it.
#[derive(Debug)]
pub(super) struct Ending {
    pub(super) outcome: Outcome,
    pub(super) failure: Failure,
    /// The output document, where there is one all the same.
    pub(super) output: Option<JsonDocument>,
    /// What was there instead of one.
    pub(super) output_text: Option<Payload>,
    /// Whether the count of fuel came through.
    pub(super) fuel_exact: bool,
    /// The status, where the skill ended the program itself.
    pub(super) exit_status: Option<i32>,
    /// Whether the message says where it happened.
    placed: bool,
    /// Whether it is a trap of the engine's, whose place tells what is owed.
    trapped: bool,
    trace: Vec<FrameInfo>,
}

/// What a step of a journey gives, or how the run ended there.
pub(super) type Step<T> = Result<T, Box<Ending>>;

impl Ending {
    /// An ending that tells all in its failure.
    pub(super) fn new(outcome: Outcome, failure: Failure) -> Box<Self> {
        Box::new(Self {
            outcome,
            failure,
            output: None,
            output_text: None,
            fuel_exact: true,
            exit_status: None,
            placed: false,
            trapped: false,
            trace: Vec::new(),
        })
    }

    /// An output that cannot be taken.
    pub(super) fn output_fault(fault: OutputFault, message: impl Into<String>) -> Box<Self> {
        Self::new(Outcome::Output, Failure::new(fault.word(), message))
    }

    #[must_use]
    pub(super) fn with_output(mut self: Box<Self>, output: Option<JsonDocument>) -> Box<Self> {
        self.output = output.or(self.output);
        self
    }

    /// Puts the guest's frames in terms of the original module, of which this code was run. Returns what fuel is to be added to the count, as
    /// it was owed where the guest trapped.
    pub(super) fn locate(&mut self, module: &ValidModule, code: &Code) -> i64 {
        let located = frames::locate(module, code, &std::mem::take(&mut self.trace));
        if self.failure.backtrace.is_empty() {
            self.failure.backtrace = located.frames;
        }
        if !self.trapped {
            return 0;
        }
        // Where the stack ends is no instruction's doing: what is owed at the one it is ascribed to says nothing.
        let owed = located.owed.filter(|_| self.fuel_exact);
        self.fuel_exact &= owed.is_some();
        owed.unwrap_or(0)
    }

    /// The failure for the report, once its frames are located.
    pub(super) fn into_failure(self, module: &ValidModule) -> Failure {
        let mut failure = self.failure;
        if self.placed
            && let Some(phase) = failure.phase
        {
            failure.message.push_str(&place(phase, &failure));
        }
        if module.leaves_start_uncalled && matches!(self.outcome, Outcome::Trap | Outcome::Exit) {
            failure = with_more_hint(failure, START_UNCALLED_HINT);
        }
        failure
    }
}

/// What a toolchain's runtime ends with that was never set up.
const START_UNCALLED_HINT: &str = "the module exports `_start`, which only a command is given a call of: what it would set up may be missing; \
     build a reactor, which exports `_initialize` (Go `-buildmode=c-shared`, AssemblyScript `--exportStart _initialize`, clang `-mexec-model=reactor`)";

fn with_more_hint(failure: Failure, more: &str) -> Failure {
    let hint = failure.hint.as_ref().map_or_else(|| more.to_owned(), |hint| format!("{hint}; {more}"));
    failure.with_hint(hint)
}

/// Where it happened, in words that go on from a message.
fn place(phase: Phase, failure: &Failure) -> String {
    let phase = match phase {
        Phase::Start => " in the start function".to_owned(),
        Phase::Output => " while the output was read".to_owned(),
        export => format!(" in `{export}`"),
    };
    let function = failure.backtrace.first().and_then(|frame| frame.function.as_ref());
    function.map_or_else(|| phase.clone(), |function| format!("{phase}, in the function `{function}`"))
}

/// What an ending is judged by.
pub(super) struct Circumstances<'a> {
    pub(super) phase: Phase,
    pub(super) limits: &'a Limits,
    pub(super) watch: Arc<MemoryWatch>,
    pub(super) fuel_used: u64,
}

impl Circumstances<'_> {
    /// The ending that something raised inside the guest or under it makes.
    pub(super) fn judge(&self, error: &RuntimeError) -> Box<Ending> {
        let mut ending = match error.downcast_ref::<Stop>() {
            Some(stop) => self.stopped(stop),
            None => self.trapped(error),
        };
        ending.trace = error.trace().to_vec();
        ending
    }

    /// The ending that the host makes.
    pub(super) fn stopped(&self, stop: &Stop) -> Box<Ending> {
        let mut ending = self.stopped_by(stop);
        if let Stop::Exit(status) = stop {
            ending.exit_status = Some(*status);
        }
        ending
    }

    fn stopped_by(&self, stop: &Stop) -> Box<Ending> {
        let (outcome, failure, placed) = match stop {
            Stop::Cancelled => (Outcome::Cancelled, Failure::new("cancelled", "the run was cancelled"), true),
            Stop::Timeout => (Outcome::Timeout, self.timeout(), true),
            Stop::Fuel => (Outcome::Fuel, self.fuel(), true),
            Stop::Host(failure) => (Outcome::Host, failure.clone(), false),
            Stop::Trap(failure) if failure.kind == "abort" => return self.gave_up(Outcome::Trap, failure.clone(), false),
            Stop::Trap(failure) => (Outcome::Trap, self.noted(failure.clone()), false),
            Stop::OutputLimit(failure) => (Outcome::Memory, failure.clone(), false),
            Stop::Exit(0) => (Outcome::Exit, Failure::new("exit", "the skill ended the program, so it gave no output"), true),
            Stop::Exit(status) => {
                let failure = Failure::new("exit", format!("the skill ended with exit status {status}"));
                return self.gave_up(Outcome::Exit, failure, true);
            }
        };
        self.ending(outcome, failure, placed)
    }

    fn trapped(&self, error: &RuntimeError) -> Box<Ending> {
        let trap = trap::describe(error, self.watch.size());
        let exact = trap.fuel_exact;
        let mut ending = if trap.gives_up {
            self.gave_up(Outcome::Trap, trap.failure, true)
        } else {
            self.ending(Outcome::Trap, self.noted(trap.failure), true)
        };
        ending.fuel_exact = exact;
        ending.trapped = error.clone().to_trap().is_some();
        ending
    }

    /// A skill that gives up: for want of memory, where a growth was refused and none succeeded since.
    fn gave_up(&self, outcome: Outcome, failure: Failure, placed: bool) -> Box<Ending> {
        match self.watch.refused() {
            Some(refused) => {
                let message = format!("{}; the skill then gave up: {}", refusal(&refused), failure.message);
                let failure = Failure { kind: "memory".into(), message, ..failure };
                self.ending(Outcome::Memory, failure.with_hint(memory_hint(&refused)), placed)
            }
            None => self.ending(outcome, failure, placed),
        }
    }

    /// A null from the skill's allocator.
    pub(super) fn allocator_gave_null(&self, allocator: &str, bytes: u64) -> Box<Ending> {
        let null = format!("`{allocator}` returned null for {bytes} bytes: the skill is out of memory");
        let limit = size_in_words(self.limits.memory_bytes);
        let failure = match self.watch.refused() {
            Some(refused) => Failure::new("memory", format!("{null}; {}", refusal(&refused))).with_hint(memory_hint(&refused)),
            None => Failure::new("memory", format!("{null}, though no growth of its memory was refused (the limit is {limit})"))
                .with_hint("look at the skill's own allocator: a fixed heap that is full, or an error path that returns 0"),
        };
        self.ending(Outcome::Memory, failure, false)
    }

    fn timeout(&self) -> Failure {
        let limit = humantime::format_duration(self.limits.timeout());
        Failure::new("timeout", format!("the time limit of {limit} was reached"))
            .with_hint("raise it with --timeout, or with `timeout` under [limits] in the skill.toml")
    }

    fn fuel(&self) -> Failure {
        let limit = self.limits.fuel.unwrap_or(u64::MAX);
        Failure::new("fuel", format!("the fuel limit of {limit} was reached ({} used)", self.fuel_used))
            .with_hint("raise it with --fuel, or with `fuel` under [limits] in the skill.toml")
    }

    /// The failure, with a note on a growth that was refused before.
    fn noted(&self, failure: Failure) -> Failure {
        let Some(refused) = self.watch.refused() else { return failure };
        let note = format!("{}; perhaps the skill did not look whether it got the memory that it asked for", refusal(&refused));
        with_more_hint(failure, &note)
    }

    fn ending(&self, outcome: Outcome, failure: Failure, placed: bool) -> Box<Ending> {
        let phase = failure.phase.unwrap_or(self.phase);
        let mut ending = Ending::new(outcome, failure.in_phase(phase));
        ending.placed = placed;
        ending
    }
}

/// A refused growth in words: the limit, and the size that was refused.
fn refusal(refused: &RefusedGrowth) -> String {
    let (from, to) = (size_in_words(refused.size), size_in_words(refused.requested));
    match &refused.by {
        RefusedBy::Limit(limit) => format!("the memory limit of {} refused a growth from {from} to {to}", size_in_words(*limit)),
        RefusedBy::Fault(fault) => format!("the fault {fault} refused a growth of memory from {from} to {to}"),
        RefusedBy::Declared(maximum) => {
            format!(
                "the maximum of {} that the module declares refused a growth of memory from {from} to {to}",
                size_in_words(*maximum)
            )
        }
        RefusedBy::System => format!("the system refused a growth of memory from {from} to {to}"),
    }
}

fn memory_hint(refused: &RefusedGrowth) -> &'static str {
    match &refused.by {
        RefusedBy::Fault(_) => "the fault was asked for; without it the skill may have its memory",
        RefusedBy::Limit(_) => "raise it with --max-memory, or with `memory` under [limits] in the skill.toml",
        RefusedBy::Declared(_) => "build the module with a larger maximum memory",
        RefusedBy::System => "the machine is out of memory or of address space",
    }
}

/// A number of bytes as people write it, where it is a round one.
pub(super) fn size_in_words(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let round = UNITS.iter().find(|(unit, _)| bytes > 0 && bytes.is_multiple_of(*unit));
    round.map_or_else(|| format!("{bytes} bytes"), |(unit, word)| format!("{} {word}", bytes / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_sizes_have_units_and_others_are_exact() {
        let words = [0, 1, 1024, 65_536, 65_537, 512 << 20, 3 << 30].map(size_in_words);
        assert_eq!(words, ["0 bytes", "1 bytes", "1 KiB", "64 KiB", "65537 bytes", "512 MiB", "3 GiB"]);
    }
}
