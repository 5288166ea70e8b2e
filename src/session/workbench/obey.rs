//! What a workbench tells the session to do.

use super::read_back::Wanted;
use super::records::Change;
use super::{Todo, Workbench, asking, compare, inspect, records, saving, terms};
use crate::event::{Failure, KeptInput, WorkbenchEvent};
use crate::session::command::SweepWork;
use crate::session::config::SettingsInForce;
use crate::session::workbench_command::{TermChange, WorkbenchCommand};
use crate::skill::{add_mock_rule, write_terms};
use std::sync::Arc;

impl Workbench {
    /// Does it, or says why not.
    pub fn obey(&mut self, command: WorkbenchCommand) -> Vec<Todo> {
        match command {
            WorkbenchCommand::Run { skill, input } => {
                if let Some(input) = input {
                    self.keep_input(&skill, input);
                }
                return self.run(&skill);
            }
            WorkbenchCommand::KeepInput { skill, input } => self.keep_input(&skill, input),
            WorkbenchCommand::SetAutoRun(on) => {
                self.auto_run = on;
                self.tell_workbench(WorkbenchEvent::AutoRun { on });
            }
            WorkbenchCommand::SetOnSave(what) => {
                self.on_save = what;
                self.tell_workbench(WorkbenchEvent::OnSave { on_save: what });
            }
            WorkbenchCommand::SetAiMode(mode) => self.choose_ai(mode, self.ai_lead.clone()),
            WorkbenchCommand::SetAiLead(lead) => self.choose_ai(crate::host::ai::BOTH.to_owned(), Some(lead)),
            WorkbenchCommand::Ask { run, call, prompt, all } => {
                if let Err(failure) = asking::ask(&self.shared, &self.settings, &self.events, (run, call), &prompt, all) {
                    self.refuse(failure);
                }
            }
            WorkbenchCommand::CompareProviders { skill, providers, repeat, on } => {
                return self.compare_providers(&skill, SweepWork::Compare { providers, repeat }, on);
            }
            WorkbenchCommand::Replay(path) => self.replay(path),
            WorkbenchCommand::SaveMockRule { contains, reply } => {
                let settings = self.workspace.settings_path.clone();
                match add_mock_rule(settings.as_deref(), &self.workspace.root, &contains, &reply) {
                    Ok(path) => self.notice(format!("the mock answers so from now on: {}", path.display())),
                    Err(error) => self.refuse(error.into()),
                }
            }
            WorkbenchCommand::SetIntercept { filter, on } => match self.rules.set(filter, on) {
                Ok(()) => self.tell_intercept(),
                Err(error) => self.refuse(Failure::new("filter", error.to_string())),
            },
            WorkbenchCommand::Release { run, call, decision, keep } => {
                if !self.rules.release(run, call, decision, keep) {
                    self.notice("that call is held no longer".to_owned());
                }
                self.tell_intercept();
            }
            WorkbenchCommand::ReleaseAll => self.rules.release_all(),
            WorkbenchCommand::ForgetDecisions => {
                self.rules.forget();
                self.tell_intercept();
            }
            WorkbenchCommand::Inspect(skill) => self.inspect(&skill),
            WorkbenchCommand::ListHistory => records::list(&self.shared, &self.workspace, &self.events, Change::None),
            WorkbenchCommand::PinRecord { path, is_pinned } => {
                records::list(&self.shared, &self.workspace, &self.events, Change::Pin(path, is_pinned));
            }
            WorkbenchCommand::DeleteRecord(path) => {
                records::list(&self.shared, &self.workspace, &self.events, Change::Delete(path));
            }
            WorkbenchCommand::ReadBack { run, record, first, count } => {
                self.read_back.ask(Wanted { run, record, first, count }, &self.events);
            }
            WorkbenchCommand::Save { what, to, overwrite } => saving::save(what, to, overwrite, &self.events),
            WorkbenchCommand::OpenRecord(path) => records::open(path, self.shared.next_run(), &self.events),
            WorkbenchCommand::CompareRecords { before, after } => compare::compare(before, after, &self.events),
            WorkbenchCommand::SetTerm { skill, change } => self.set_term(&skill, change),
            WorkbenchCommand::WriteManifest(skill) => self.write_manifest(&skill),
        }
        Vec::new()
    }

    fn keep_input(&mut self, skill: &str, input: KeptInput) {
        if let Err(error) = self.inputs.keep(skill, input) {
            self.refuse(error.into());
        }
        self.tell_inputs(skill);
    }

    /// Who answers from now on; what cannot be served changes nothing.
    fn choose_ai(&mut self, mode: String, lead: Option<String>) {
        match SettingsInForce::read_as(&self.shared.config, &mode, lead.as_deref()) {
            Ok(settings) => {
                self.settings = Arc::new(settings);
                self.ai_mode = mode;
                self.ai_lead = lead;
                self.tell_workbench(WorkbenchEvent::Ai(self.ai_state()));
            }
            Err(error) => {
                self.refuse(error.into());
                // Whoever thought it done is told how things stand.
                self.tell_workbench(WorkbenchEvent::Ai(self.ai_state()));
            }
        }
    }

    fn inspect(&self, skill: &str) {
        let Some(known) = self.skills.get(skill) else { return };
        let (shared, settings) = (Arc::clone(&self.shared), Arc::clone(&self.settings));
        inspect::inspect(shared, known.entry.clone(), self.overrides_of(skill), settings, self.events.clone());
    }

    fn set_term(&mut self, skill: &str, change: TermChange) {
        let Some(known) = self.skills.get_mut(skill) else { return };
        known.overrides = terms::changed(&known.overrides, &self.start.overrides, change);
        self.tell_terms(skill);
    }

    fn write_manifest(&mut self, skill: &str) {
        let Some(known) = self.skills.get_mut(skill) else { return };
        let Ok(found) = &known.entry.skill else { return };
        let now = terms::terms(found, &known.overrides);
        let (limits, permissions) = terms::differing(found, &now);
        match write_terms(found, limits.as_ref(), permissions.as_ref()) {
            Ok(path) => {
                // The manifest says it now.
                known.overrides = terms::without_terms(&known.overrides);
                self.notice(format!("written: {}", path.display()));
            }
            Err(error) => self.refuse(error.into()),
        }
    }

    fn tell_intercept(&self) {
        let (filter, on, standing) = self.rules.in_force();
        self.tell_workbench(WorkbenchEvent::Intercept { filter, on, standing });
    }

    fn notice(&self, message: String) {
        self.tell(crate::event::Event::Notice { message });
    }
}
