//! The program: arguments in, a choice of reader, an exit code out. The only place that turns errors into text and codes.

mod cli;
mod exit;
mod export;
mod fault;
mod input;
mod interrupt;
mod panic_report;
mod recording;
mod replay;
mod setup;
mod suite;
mod sweep;
mod workbench;

use clap::{CommandFactory, Parser};
use cli::{Cli, Format};
use exit::Exit;
use fault::Fault;
use interrupt::Interrupts;
use skillscope::event::{Event, RunEvent, RunId, sanitize_text};
use skillscope::host::store::{self, MemoryStore, RedbStore, ValueStore};
use skillscope::report::{HumanListing, HumanReport, JsonLinesReport, JsonListing, JsonReport, Report, Streams};
use skillscope::runtime::default_cache_dir;
use skillscope::session::{Command, Gathering, Session};
use skillscope::skill::cases::cases_schema_text;
use skillscope::skill::manifest_schema;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// How often a moving line is drawn.
const TICK: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    panic_report::install();
    let cli = Cli::parse();
    // The panic hook has told what happened; what is left is the code.
    let exit = std::panic::catch_unwind(|| dispatch(cli)).unwrap_or(Ok(Exit::Internal));
    match exit {
        Ok(exit) => exit.into(),
        Err(error) => {
            let (exit, mut text) = (error.exit(), format!("error: {error}\n"));
            if let Some(hint) = error.hint() {
                text.push_str(&format!("  hint: {hint}\n"));
            }
            // Where stderr is closed, the exit code has to do.
            let _ = std::io::stderr().write_all(sanitize_text(&text).as_bytes());
            exit.into()
        }
    }
}

fn dispatch(cli: Cli) -> Result<Exit, Fault> {
    if let Some(shell) = cli.what.completions {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Cli::command(), "skillscope", &mut script);
        Streams::of_the_process().write_out(&script)?;
        return Ok(Exit::Ok);
    }
    if cli.what.manifest_schema {
        let schema = serde_json::to_string_pretty(&manifest_schema()).map_err(std::io::Error::other)?;
        Streams::of_the_process().write_out(format!("{schema}\n").as_bytes())?;
        return Ok(Exit::Ok);
    }
    if cli.what.cases_schema {
        Streams::of_the_process().write_out(cases_schema_text().as_bytes())?;
        return Ok(Exit::Ok);
    }
    if cli.what.clear_cache {
        return clear_cache();
    }
    if let Some(record) = &cli.what.replay {
        return replay::run(&cli, record);
    }
    if let Some(format) = cli.what.export {
        return export::run(&cli, format.into());
    }
    if let Some(work) = sweep::work(&cli) {
        return sweep::run(&cli, work);
    }
    if cli.what.test || cli.what.list_cases {
        return suite::run(&cli);
    }
    if cli.told.format == Format::Junit {
        let message = "--format junit is the report of a suite of cases; use it with --test";
        Cli::command().error(clap::error::ErrorKind::ArgumentConflict, message).exit();
    }
    match &cli.what.run {
        Some(word) => run(&cli, word),
        None if cli.what.list || cli.what.validate.is_some() => check(&cli),
        None => workbench::run(&cli),
    }
}

fn clear_cache() -> Result<Exit, Fault> {
    let directory = default_cache_dir().ok_or(Fault::NoCacheDirectory)?;
    let removed =
        skillscope::runtime::clear_cache(&directory).map_err(|error| Fault::CacheDirectory { path: directory.clone(), error })?;
    let told = format!("removed {removed} compiled modules from {}\n", directory.display());
    Streams::of_the_process().write_err(&told)?;
    Ok(Exit::Ok)
}

/// `--list` and `--validate`.
fn check(cli: &Cli) -> Result<Exit, Fault> {
    let target = cli.what.validate.as_deref().map(|word| setup::target(word, cli));
    input::check_directories(&cli.around.dir)?;
    let mut report: Box<dyn Report> = match cli.told.format {
        Format::Human => Box::new(HumanListing::new(Streams::of_the_process())),
        Format::Json => Box::new(JsonListing::new(Streams::of_the_process())),
        // There is no report of JUnit for it: that was refused before.
        Format::Jsonl | Format::Junit => Box::new(JsonLinesReport::new(Streams::of_the_process())),
    };
    let validating = target.is_some();
    let session = Session::start(setup::session_config(cli, target.as_ref(), Arc::new(MemoryStore::new())))?;
    let overrides = Box::new(setup::overrides(cli));
    session.commander().send(match target {
        Some(target) => Command::Validate { target, overrides },
        None => Command::List { overrides },
    });
    let mut exit = Exit::Ok;
    loop {
        // A session that ends before the checks do has failed inside.
        let Ok(event) = session.events().recv() else { return Ok(Exit::Internal) };
        report.event(&event)?;
        match event {
            // A list shows what is refused and is no worse for it, but a directory must be there to be listed.
            Event::Rejected { outcome, failure, .. }
                if exit == Exit::Ok && (validating || failure.kind == "no-such-directory") =>
            {
                exit = Exit::of(outcome, Some(&failure));
            }
            Event::ChecksDone => return Ok(exit),
            _ => {}
        }
    }
}

fn run(cli: &Cli, word: &str) -> Result<Exit, Fault> {
    let target = setup::target(word, cli);
    let request = setup::run_request(cli, target.clone())?;
    if let Some(file) = &cli.told.record {
        recording::check(file)?;
    }
    let store: Arc<dyn ValueStore> = match &cli.services.store {
        Some(path) => Arc::new(RedbStore::open(path)?),
        None => Arc::new(MemoryStore::new()),
    };
    let session = Session::start(setup::session_config(cli, Some(&target), store.clone()))?;
    let (commander, watch) = (session.commander(), cli.given.watch);
    let first = move || commander.send(if watch { Command::Shutdown } else { Command::CancelAll });
    let interrupts = Interrupts::catch(first).map_err(std::io::Error::other)?;
    let report = run_report(cli);
    if let Some(file) = &cli.told.record {
        session.commander().send(Command::RecordTo(file.clone()));
    }
    session.commander().run(request);
    if interrupts.any() {
        // That came before there was a run to cancel.
        session.commander().send(Command::CancelAll);
    }
    follow(&session, report, cli.given.watch, &interrupts, |skill| match &cli.services.store_out {
        Some(path) => write_store(store.as_ref(), skill, path),
        None => Ok(()),
    })
}

/// Hands the session's events to the report until the run is over; with `watch`, until the user ends it.
fn follow(
    session: &Session,
    mut report: Box<dyn Report>,
    watch: bool,
    interrupts: &Interrupts,
    after_run: impl Fn(&str) -> Result<(), Fault>,
) -> Result<Exit, Fault> {
    let mut current = RunId(0);
    let mut skill = String::new();
    let mut exit = Exit::Internal;
    // Ticks come also while events stream in.
    let ticks = crossbeam_channel::tick(TICK);
    let mut gathering = Gathering::default();
    loop {
        gathering.before_wait(session.events());
        let event = crossbeam_channel::select! {
            recv(session.events()) -> event => event,
            recv(ticks) -> _ => {
                report.tick()?;
                continue;
            }
        };
        // A session that is watching ends when the user ends it, once all is told.
        let Ok(event) = event else { return Ok(if interrupts.any() { Exit::Cancelled } else { exit }) };
        report.event(&event)?;
        match event {
            Event::Run { run, what: RunEvent::Started(started), .. } => (current, skill) = (run, started.skill),
            Event::Run { run, what: RunEvent::Finished(finished), .. } if run == current => {
                exit = Exit::of(finished.outcome, finished.error.as_ref());
            }
            Event::Replayed { run, replay } if run == current && !interrupts.any() => {
                exit = Exit::of_replay(replay.verdict, exit);
            }
            Event::ShadowsDone { run } if run == current => {
                report.run_done(run)?;
                after_run(&skill)?;
                // A pipe whose reader has gone would be written for ever.
                if !watch || report.has_lost_its_reader() {
                    return Ok(exit);
                }
            }
            _ => {}
        }
    }
}

fn run_report(cli: &Cli) -> Box<dyn Report> {
    let streams = Streams::of_the_process();
    match cli.told.format {
        Format::Human => Box::new(HumanReport::new(streams, cli.told.max_trace)),
        Format::Json => Box::new(JsonReport::new(streams, cli.told.max_trace)),
        // There is no report of JUnit for a run: that was refused before.
        Format::Jsonl | Format::Junit => Box::new(JsonLinesReport::new(streams)),
    }
}

fn write_store(store: &dyn ValueStore, skill: &str, path: &Path) -> Result<(), Fault> {
    let values = store::to_json(store, skill)?;
    let json = serde_json::to_string_pretty(&values).map_err(std::io::Error::other)?;
    std::fs::write(path, format!("{json}\n")).map_err(|error| Fault::Unwritable { path: path.to_owned(), error })
}
