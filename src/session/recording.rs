//! What a run's record begins with: the skill, its module, and all that a replay is set up with.

use super::command::RunRequest;
use super::config::SettingsInForce;
use super::prepare::{self, Checked, Known};
use crate::event::{Payload, RunId};
use crate::record::{RecordHeader, RecordedAi, RecordedDirectory, RecordedWasi, RunSettings};
use crate::runtime::Compiled;
use crate::runtime::instrument::FUEL_RULE;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

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

/// The first line of the record of a run that was refused.
pub fn header_of_refused(run: RunId, known: &Known) -> RecordHeader {
    RecordHeader { profile: known.profile, ..RecordHeader::new(run, known.skill.clone(), FUEL_RULE) }
}

/// The second line of such a record: what is known of the skill, and what it would have been given.
pub fn settings_of_refused(request: &RunRequest, known: &Known, in_force: &SettingsInForce) -> RunSettings {
    let manifest =
        known.path.as_ref().map(|path| if path.is_dir() { path.join(crate::skill::MANIFEST_FILE) } else { path.clone() });
    let is_manifest = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "toml");
    RunSettings {
        skill_path: known.path.as_deref().map(shown),
        module_path: known.module.as_deref().map(shown),
        manifest: manifest.filter(is_manifest).and_then(|path| crate::skill::read_text(&path).ok()),
        event_type: request.input.event.clone(),
        raw_stdin: request.input.raw_stdin,
        config: request.overrides.config.iter().cloned().collect(),
        stored: stored(request),
        compiler: request.compiler.word().to_owned(),
        ai: ai(in_force),
        wasi: (!request.overrides.no_wasi).then(RecordedWasi::default),
        ..RunSettings::default()
    }
}

fn stored(request: &RunRequest) -> BTreeMap<String, Payload> {
    request.stored.iter().map(|(key, value)| (key.clone(), Payload::from(value.as_slice()))).collect()
}

fn ai(in_force: &SettingsInForce) -> RecordedAi {
    RecordedAi { lead: in_force.ai.lead.label(), shadows: in_force.ai.shadows.iter().map(|shadow| shadow.label()).collect() }
}

/// The second line.
pub fn settings(request: &RunRequest, checked: &Checked, compiled: &Compiled, in_force: &SettingsInForce) -> RunSettings {
    let skill = &checked.skill;
    let mut config = skill.config();
    config.extend(request.overrides.config.iter().cloned());
    RunSettings {
        skill_path: Some(shown(&skill.info().path)),
        module_path: Some(shown(&skill.module_path)),
        manifest: skill.manifest_path.as_ref().and_then(|path| crate::skill::read_text(path).ok()),
        event_type: request.input.event.clone(),
        raw_stdin: request.input.raw_stdin,
        permissions: prepare::permissions(skill, &request.overrides),
        config,
        stored: stored(request),
        compiler: compiled.compiler.word().to_owned(),
        ai: ai(in_force),
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

/// Absolute: a replay may be made from elsewhere.
fn shown(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}
