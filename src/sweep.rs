//! `--sweep` and `--ai-matrix`: a run made many times, told as tables.

use crate::cli::{Cli, Format};
use crate::exit::Exit;
use crate::fault::Fault;
use crate::interrupt::Interrupts;
use crate::{TICK, setup};
use skillscope::event::{Event, SweepEvent};
use skillscope::host::store::MemoryStore;
use skillscope::report::{HumanSweep, JsonLinesReport, JsonSweep, Report, Streams};
use skillscope::session::{Command, Session, SweepOf, SweepRequest, SweepWork};
use std::sync::Arc;

/// The seed of a sweep where the command line has none.
const SEED: u64 = 0;

/// What the command line asks for, where it asks for such a thing.
pub fn work(cli: &Cli) -> Option<SweepWork> {
    if let Some(kind) = cli.sweep {
        return Some(SweepWork::Sweep(kind.into()));
    }
    let providers = cli.ai_matrix.clone();
    (!cli.ai_matrix.is_empty()).then_some(SweepWork::Compare { providers, repeat: cli.repeat })
}

/// Does it, for the run that the command line describes.
pub fn run(cli: &Cli, word: &str, work: SweepWork) -> Result<Exit, Fault> {
    let target = setup::target(word, cli);
    let mut request = setup::run_request(cli, target.clone())?;
    if let SweepWork::Sweep(_) = work {
        // What a run is, it must be each time.
        request.seed = request.seed.or(Some(SEED));
    }
    // Each run begins with an empty store, so that they are all the same.
    let session = Session::start(setup::session_config(cli, Some(&target), Arc::new(MemoryStore::new())))?;
    let commander = session.commander();
    let interrupts = Interrupts::catch(move || commander.send(Command::CancelAll)).map_err(std::io::Error::other)?;
    let streams = Streams::of_the_process();
    let report: Box<dyn Report> = match cli.format {
        Format::Human => Box::new(HumanSweep::new(streams)),
        Format::Json => Box::new(JsonSweep::new(streams)),
        Format::Jsonl => Box::new(JsonLinesReport::new(streams)),
    };
    session.commander().send(Command::Sweep(Box::new(SweepRequest { work, of: SweepOf::Run(Box::new(request)) })));
    if interrupts.any() {
        // That came before there was anything to cancel.
        session.commander().send(Command::CancelAll);
    }
    follow(&session, report)
}

/// Hands the session's events to the report until the sweep is over; the code follows from what was found.
fn follow(session: &Session, mut report: Box<dyn Report>) -> Result<Exit, Fault> {
    let mut exit = Exit::Ok;
    let ticks = crossbeam_channel::tick(TICK);
    loop {
        let event = crossbeam_channel::select! {
            recv(session.events()) -> event => event,
            recv(ticks) -> _ => {
                report.tick()?;
                continue;
            }
        };
        // A session that ends before the sweep does has failed inside.
        let Ok(event) = event else { return Ok(Exit::Internal) };
        report.event(&event)?;
        match event {
            Event::Sweep(SweepEvent::Refused { failure }) => return Err(Fault::Refused(failure)),
            Event::Sweep(SweepEvent::Done { cancelled: true }) => return Ok(Exit::Cancelled),
            Event::Sweep(SweepEvent::Done { cancelled: false }) => return Ok(exit),
            Event::Sweep(event) if is_bad(&event) => exit = Exit::Skill,
            _ => {}
        }
    }
}

/// Whether a row is one that the skill, or a provider, is to blame for.
fn is_bad(event: &SweepEvent) -> bool {
    match event {
        SweepEvent::Skipped { failed, .. } => *failed,
        SweepEvent::FaultTried { trial, .. } => trial.survival.is_fatal(),
        SweepEvent::Compared { result, .. } => result.passed < result.runs,
        SweepEvent::Started { .. }
        | SweepEvent::Refused { .. }
        | SweepEvent::LeastFound { .. }
        | SweepEvent::MarginMeasured { .. }
        | SweepEvent::Done { .. } => false,
    }
}
