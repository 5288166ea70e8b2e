//! Recorded runs made again. Records are read on threads of their own, since that takes its time; the run itself is the actor's.

use super::Workbench;
use super::records::tell;
use crate::event::WorkbenchEvent;
use crate::host::replay::RecordedRun;
use crate::runtime::Compiler;
use crate::session::command::{Command, ReplayRequest, Target};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::Builder;

impl Workbench {
    /// Reads a record and asks the actor for its run.
    pub(super) fn replay(&self, path: PathBuf) {
        let paths =
            self.skills.iter().filter_map(|(name, known)| Some((name.clone(), known.entry.skill.as_ref().ok()?.info().path)));
        let paths: BTreeMap<String, PathBuf> = paths.collect();
        let (shared, commands, events) = (Arc::clone(&self.shared), self.commands.clone(), self.events.clone());
        let work = move || match read(&path, &paths) {
            Ok(request) => {
                // A session that has ended replays nothing any more.
                let _ = commands.send(Command::Replay { run: shared.next_run(), request: Box::new(request) });
            }
            Err(failure) => tell(&events, WorkbenchEvent::Refused { failure }),
        };
        // Without a thread nothing is replayed, and nothing changes.
        drop(Builder::new().name("skillscope-replay".into()).spawn(work));
    }
}

fn read(path: &Path, paths: &BTreeMap<String, PathBuf>) -> Result<ReplayRequest, crate::event::Failure> {
    let recorded = RecordedRun::read(path)?;
    let settings = &recorded.settings;
    let as_recorded = settings.skill_path.as_ref().or(settings.module_path.as_ref()).map(PathBuf::from);
    let target = match paths.get(&recorded.header.skill).cloned().or(as_recorded) {
        Some(path) => Target::Path(path),
        None => Target::Name(recorded.header.skill.clone()),
    };
    Ok(ReplayRequest { recorded: Arc::new(recorded), target, compiler: Compiler::Cranelift, quick_from_bytes: None })
}
