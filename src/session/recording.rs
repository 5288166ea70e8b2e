//! What a run's record begins with: the skill, its module, and all that a replay is set up with.

use super::command::RunRequest;
use super::config::SettingsInForce;
use super::prepare::{self, Checked};
use crate::event::{Payload, RunId};
use crate::record::{RecordHeader, RecordedAi, RecordedDirectory, RecordedWasi, RunSettings};
use crate::runtime::Compiled;
use crate::runtime::instrument::FUEL_RULE;
use std::path::Path;

/// The first line of a run's record.
pub fn header(run: RunId, checked: &Checked) -> RecordHeader {
    RecordHeader {
        skill_version: checked.skill.info().version,
        profile: Some(checked.module.profile),
        module_sha256: Some(checked.module.sha256_hex()),
        module_bytes: Some(checked.module.bytes.len() as u64),
        ..RecordHeader::new(run, checked.skill.name.clone(), FUEL_RULE)
    }
}

/// The second line.
pub fn settings(request: &RunRequest, checked: &Checked, compiled: &Compiled, in_force: &SettingsInForce) -> RunSettings {
    let skill = &checked.skill;
    let mut config = skill.config();
    config.extend(request.overrides.config.iter().cloned());
    let stored = request.stored.iter().map(|(key, value)| (key.clone(), Payload::from(value.as_slice())));
    RunSettings {
        skill_path: Some(shown(&skill.info().path)),
        module_path: Some(shown(&skill.module_path)),
        manifest: skill.manifest_path.as_ref().and_then(|path| crate::skill::read_text(path).ok()),
        event_type: request.input.event.clone(),
        raw_stdin: request.input.raw_stdin,
        permissions: prepare::permissions(skill, &request.overrides),
        config,
        stored: stored.collect(),
        compiler: compiled.compiler.word().to_owned(),
        ai: RecordedAi {
            lead: in_force.ai.lead.label(),
            shadows: in_force.ai.shadows.iter().map(|shadow| shadow.label()).collect(),
        },
        faults: request.overrides.faults.iter().map(ToString::to_string).collect(),
        wasi: checked.wasi.as_ref().map(|wasi| RecordedWasi {
            environment: wasi.environment.clone(),
            directories: wasi
                .directories
                .iter()
                .map(|directory| RecordedDirectory {
                    host: shown(&directory.host),
                    guest: directory.guest.clone(),
                    writable: directory.writable,
                })
                .collect(),
        }),
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
