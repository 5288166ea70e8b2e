//! Files were saved: the catalog is read anew, and the skills that they touch are made ready again.

use super::known::Known;
use super::loader::LoadJob;
use super::{Todo, Workbench};
use crate::event::{Event, Failure, WorkbenchEvent};
use crate::session::config::SettingsInForce;
use crate::skill::{CatalogEntry, Workspace};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

impl Workbench {
    /// Takes in what the watcher says.
    pub fn files_saved(&mut self, files: &BTreeSet<PathBuf>) -> Vec<Todo> {
        let candidates = Workspace::settings_candidates(&self.shared.config.directories);
        let is_settings = |file: &PathBuf| {
            let absolute = std::path::absolute(file).unwrap_or_else(|_| file.clone());
            candidates.iter().any(|candidate| std::path::absolute(candidate).is_ok_and(|candidate| candidate == absolute))
        };
        if files.iter().any(is_settings) {
            self.settings_saved();
        }
        let saved: Vec<PathBuf> = files.iter().filter(|file| !is_settings(file)).cloned().collect();
        if !saved.is_empty() {
            self.read_catalog(&saved);
        }
        Vec::new()
    }

    /// The settings were saved; those before stay in force where the new ones are wrong.
    fn settings_saved(&mut self) {
        match SettingsInForce::read_as(&self.shared.config, &self.ai_mode, self.ai_lead.as_deref()) {
            Ok(settings) => {
                let before = std::mem::replace(&mut self.settings, Arc::new(settings));
                self.take_workbench_settings(&before);
                self.workspace = Workspace::find(&self.shared.config.directories);
                self.tell_workbench(WorkbenchEvent::Ai(self.ai_state()));
            }
            Err(error) => {
                let mut failure = Failure::from(error);
                failure.message = format!("the settings before stay in force: {}", failure.message);
                self.refuse(failure);
            }
        }
    }

    /// What was changed in the file counts; what the user switched since stays where the file says what it said.
    fn take_workbench_settings(&mut self, before: &SettingsInForce) {
        let (before, now) = (&before.workbench, self.settings.workbench.clone());
        if before.auto_run != now.auto_run {
            self.auto_run = now.auto_run;
            self.tell_workbench(WorkbenchEvent::AutoRun { on: self.auto_run });
        }
        if before.on_save != now.on_save {
            self.on_save = now.on_save;
            self.tell_workbench(WorkbenchEvent::OnSave { on_save: self.on_save });
        }
    }

    /// Reads the catalog; new skills, and those that the saved files touch, are made ready.
    pub(super) fn read_catalog(&mut self, saved: &[PathBuf]) {
        let catalog = self.scan_and_watch();
        for note in catalog.notes() {
            self.tell(Event::Notice { message: note.to_string() });
        }
        let touched: BTreeSet<String> = saved.iter().flat_map(|file| catalog.touched_by(file)).map(str::to_owned).collect();
        let entries = with_names_of_their_own(catalog.entries());
        self.tell(Event::Skills { skills: entries.iter().map(|(_, entry)| entry.info.clone()).collect() });
        let mut before = std::mem::take(&mut self.skills);
        let mut jobs = Vec::new();
        for (name_there, entry) in entries {
            let name = entry.info.name.clone();
            let is_touched = touched.contains(name_there);
            let (known, is_to_load) = self.known(entry.clone(), before.remove(&name), is_touched, !saved.is_empty());
            if is_to_load {
                jobs.push(LoadJob {
                    entry,
                    overrides: known.overrides.clone(),
                    settings: Arc::clone(&self.settings),
                    version: known.version,
                    saved: !saved.is_empty(),
                });
            }
            self.skills.insert(name, known);
        }
        self.keep_running(before);
        for job in jobs {
            let name = job.entry.info.name.clone();
            if job.saved {
                self.tell(Event::Changed { skill: name.clone(), files: saved.to_vec() });
            }
            self.tell_inputs(&name);
            self.tell_terms(&name);
            self.loader.load(job);
        }
    }

    /// What is known of a skill now, and whether it is to be made ready.
    fn known(&mut self, entry: CatalogEntry, before: Option<Known>, is_touched: bool, is_saved: bool) -> (Known, bool) {
        let Some(mut known) = before.filter(|known| !known.is_gone) else {
            self.versions += 1;
            let run_when_loaded = is_saved && self.auto_run;
            let overrides = self.start.overrides.clone();
            let (version, ready, run) = (self.versions, None, None);
            return (Known { entry, version, ready, overrides, run, waits: false, run_when_loaded, is_gone: false }, true);
        };
        let is_to_load = is_touched || known.entry != entry;
        known.entry = entry;
        if is_to_load {
            self.versions += 1;
            known.version = self.versions;
            known.run_when_loaded = self.auto_run;
        }
        (known, is_to_load)
    }

    /// Skills that vanished are kept as long as their runs go on.
    fn keep_running(&mut self, before: BTreeMap<String, Known>) {
        for (name, known) in before {
            if known.run.is_some() {
                self.skills.entry(name).or_insert(Known { is_gone: true, waits: false, run_when_loaded: false, ..known });
            }
        }
    }
}

/// The entries of a catalog with their names there: a skill whose manifest cannot be read has the name of its directory, and where that is
/// another skill's name, its path is added.
fn with_names_of_their_own(entries: &[CatalogEntry]) -> Vec<(&str, CatalogEntry)> {
    let mut taken = BTreeSet::new();
    // Those that can be run come first to their names.
    let (sound, broken): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| entry.skill.is_ok());
    taken.extend(sound.iter().map(|entry| entry.info.name.clone()));
    let named = broken.into_iter().map(|entry| {
        let mut named = entry.clone();
        if !taken.insert(named.info.name.clone()) {
            named.info.name = format!("{} ({})", named.info.name, named.info.path.display());
            taken.insert(named.info.name.clone());
        }
        (entry.info.name.as_str(), named)
    });
    let mut all: Vec<_> = named.collect();
    all.extend(sound.into_iter().map(|entry| (entry.info.name.as_str(), entry.clone())));
    all.sort_by(|(_, left), (_, right)| left.info.name.cmp(&right.info.name));
    all
}
