//! `--test` and `--list-cases`: from the command line to a suite, from its events to reports and an exit code.

use crate::cli::{Cli, Format};
use crate::exit::Exit;
use crate::fault::Fault;
use crate::interrupt::Interrupts;
use crate::{TICK, input, setup};
use skillscope::event::{Event, SuiteEvent};
use skillscope::host::store::MemoryStore;
use skillscope::report::{
    GithubAnnotations, GithubSummary, HumanSuite, JsonLinesSuite, JsonSuite, JunitSuite, Streams, SuiteReport,
};
use skillscope::session::{CaseChoice, CaseTerms, Command, Seeding, Session, SuiteRequest};
use std::fs::{File, OpenOptions};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

/// The seed of clock and randomness where nobody gives one.
const DEFAULT_SEED: u64 = 0;

/// Runs, or lists, the cases.
pub fn run(cli: &Cli) -> Result<Exit, Fault> {
    input::check_directories(&cli.around.dir)?;
    let mut reports = reports(cli)?;
    let session = Session::start(setup::session_config(cli, None, Arc::new(MemoryStore::new())))?;
    let commander = session.commander();
    let interrupts = Interrupts::catch(move || commander.send(Command::CancelAll)).map_err(std::io::Error::other)?;
    session.commander().send(Command::RunSuite(Box::new(request(cli))));
    if interrupts.any() {
        // That came before there was a suite to cancel.
        session.commander().send(Command::CancelAll);
    }
    let ticks = crossbeam_channel::tick(TICK);
    loop {
        let event = crossbeam_channel::select! {
            recv(session.events()) -> event => event,
            recv(ticks) -> _ => {
                reports.iter_mut().try_for_each(|report| report.tick())?;
                continue;
            }
        };
        // A session that ends before its suite does has failed inside.
        let Ok(event) = event else { return Ok(Exit::Internal) };
        match event {
            Event::Suite(event) => {
                reports.iter_mut().try_for_each(|report| report.event(&event))?;
                if let SuiteEvent::Finished(totals) = event {
                    return Ok(if cli.what.list_cases { Exit::of_list(&totals) } else { Exit::of_suite(&totals) });
                }
            }
            Event::Notice { message } => reports.iter_mut().try_for_each(|report| report.notice(&message))?,
            _ => {}
        }
    }
}

/// The suite that the command line asks for.
pub fn request(cli: &Cli) -> SuiteRequest {
    let seed = match (cli.cases.live, cli.around.seed) {
        (true, _) => Seeding::Live,
        (false, Some(seed)) => Seeding::Fixed(seed),
        (false, None) => Seeding::Default(DEFAULT_SEED),
    };
    let processors = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    SuiteRequest {
        choice: CaseChoice {
            select: cli.cases.select.clone(),
            filter: cli.cases.filter.clone(),
            failed: cli.cases.failed,
            shard: cli.cases.shard,
        },
        list_only: cli.what.list_cases,
        jobs: cli.cases.jobs.unwrap_or(processors),
        retries: cli.cases.retries,
        fail_fast: cli.cases.fail_fast,
        accept: cli.cases.accept,
        terms: CaseTerms {
            seed,
            live_http: cli.cases.live,
            compiler: cli.engine.compiler.into(),
            overrides: setup::overrides(cli),
        },
    }
}

/// The report on stdout, those to files, and what GitHub shows.
fn reports(cli: &Cli) -> Result<Vec<Box<dyn SuiteReport>>, Fault> {
    let mut reports = vec![report(cli.told.format, Streams::of_the_process(), cli.what.list_cases)];
    for (format, path) in &cli.cases.report {
        reports.push(report(*format, to_file(path)?, cli.what.list_cases));
    }
    let is_on_github = std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true");
    if is_on_github && !cli.what.list_cases {
        reports.push(Box::new(GithubAnnotations::new(Streams::of_the_process())));
        if let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()).map(PathBuf::from) {
            let file = OpenOptions::new().append(true).create(true).open(&path);
            let file = file.map_err(|error| Fault::Unwritable { path, error })?;
            reports.push(Box::new(GithubSummary::new(Streams::plain(file, std::io::sink()))));
        }
    }
    Ok(reports)
}

fn to_file(path: &PathBuf) -> Result<Streams, Fault> {
    let made = path.parent().filter(|parent| !parent.as_os_str().is_empty()).map_or(Ok(()), std::fs::create_dir_all);
    let file = made.and_then(|()| File::create(path)).map_err(|error| Fault::Unwritable { path: path.clone(), error })?;
    Ok(Streams::plain(file, std::io::sink()))
}

fn report(format: Format, streams: Streams, list_only: bool) -> Box<dyn SuiteReport> {
    match format {
        Format::Human => Box::new(HumanSuite::new(streams, list_only)),
        Format::Json => Box::new(JsonSuite::new(streams, list_only)),
        Format::Jsonl => Box::new(JsonLinesSuite::new(streams)),
        Format::Junit => Box::new(JunitSuite::new(streams)),
    }
}
