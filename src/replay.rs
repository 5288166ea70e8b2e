//! `--replay`: a record is read, and its run is made again with its answers.

use crate::cli::Cli;
use crate::exit::Exit;
use crate::fault::Fault;
use crate::interrupt::Interrupts;
use crate::{follow, run_report, setup};
use skillscope::event::Event;
use skillscope::host::replay::RecordedRun;
use skillscope::host::store::MemoryStore;
use skillscope::session::{Command, ReplayRequest, Session, Target};
use skillscope::skill::Catalog;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Makes a recorded run again.
///
/// # Errors
/// Where there is no record that can be replayed, or no session can be started.
pub fn run(cli: &Cli, record: &Path) -> Result<Exit, Fault> {
    let recorded = Arc::new(RecordedRun::read(record)?);
    let (target, directories) = skill(cli, &recorded)?;
    let mut config = setup::session_config(cli, Some(&target), Arc::new(MemoryStore::new()));
    if !directories.is_empty() {
        config.directories = directories;
    }
    let session = Session::start(config)?;
    let commander = session.commander();
    let interrupts = Interrupts::catch(move || commander.send(Command::CancelAll)).map_err(std::io::Error::other)?;
    let mut report = run_report(cli);
    if let Some(damage) = recorded.integrity.damage.first() {
        report.event(&Event::Notice { message: format!("{}: {damage}", record.display()) })?;
    }
    let quick_from_bytes = setup::quick_from_bytes(cli);
    session.commander().replay(ReplayRequest { recorded, target, compiler: cli.engine.compiler.into(), quick_from_bytes });
    if interrupts.any() {
        // That came before there was a run to cancel.
        session.commander().send(Command::CancelAll);
    }
    follow(&session, report, false, &interrupts, |_| Ok(()))
}

/// The skill that is meant, and the directories in which it is looked for by name: the first word names it, unless that is a directory of
/// skills. Without a word it is the recorded one, where it was then.
fn skill(cli: &Cli, recorded: &RecordedRun) -> Result<(Target, Vec<PathBuf>), Fault> {
    let Some((first, rest)) = cli.directories.split_first() else {
        let settings = &recorded.settings;
        let path = settings.skill_path.as_ref().or(settings.module_path.as_ref());
        let path = path.ok_or_else(|| Fault::NoSkill { path: recorded.path.clone() })?;
        let path = PathBuf::from(path);
        let directory = if path.is_dir() { path.clone() } else { path.parent().map(Path::to_owned).unwrap_or_default() };
        return Ok((Target::Path(path), vec![directory]));
    };
    if Catalog::is_directory_of_skills(first) {
        return Ok((Target::Name(recorded.header.skill.clone()), cli.directories.clone()));
    }
    let target = setup::target_in(&first.to_string_lossy(), rest);
    let directories = match (&target, rest) {
        (Target::Path(path), []) if path.is_dir() => vec![path.clone()],
        (Target::Path(path), []) => vec![path.parent().map(Path::to_owned).unwrap_or_default()],
        (Target::Name(_), []) => vec![PathBuf::from(".")],
        _ => rest.to_vec(),
    };
    Ok((target, directories))
}
