//! The first two lines of a record: what a list shows, and what a replay is set up with.

use super::{RECORD_FORMAT, Timestamp};
use crate::event::{Payload, Profile, RunId};
use crate::skill::Permissions;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The first line: small, so that a list of records is read quickly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordHeader {
    /// [`RECORD_FORMAT`] of whoever wrote it.
    pub format: u32,
    /// The version of skillscope that wrote it.
    pub skillscope: String,
    /// The run's number in the session that ran it: the lines of events bear it.
    pub run: RunId,
    /// When it began.
    pub started_at: Timestamp,
    /// The skill's name.
    pub skill: String,
    /// The skill's own version, where its manifest tells.
    pub skill_version: Option<String>,
    /// The profile, where the module was good enough to tell.
    pub profile: Option<Profile>,
    /// SHA-256 of the binary module in lower-case hex, where it was accepted.
    pub module_sha256: Option<String>,
    /// Size of the binary module, in bytes, where it was accepted.
    pub module_bytes: Option<u64>,
    /// The version of the fuel rule that the figures follow.
    pub fuel_rule: u32,
}

impl RecordHeader {
    /// The header of a run that begins now, with nothing known of its module.
    pub fn new(run: RunId, skill: impl Into<String>, fuel_rule: u32) -> Self {
        Self {
            format: RECORD_FORMAT,
            skillscope: env!("CARGO_PKG_VERSION").to_owned(),
            run,
            started_at: Timestamp::now(),
            skill: skill.into(),
            skill_version: None,
            profile: None,
            module_sha256: None,
            module_bytes: None,
            fuel_rule,
        }
    }
}

/// The second line: what a replay needs beside the header, and beside the event `started`, which has the input, the limits and the seed.
///
/// Paths are texts, with what is not UTF-8 replaced. There are no keys of providers here: see [`RecordedAi`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunSettings {
    /// The skill's directory, or the bare module's file.
    pub skill_path: Option<String>,
    /// The module's file.
    pub module_path: Option<String>,
    /// The text of the manifest, where there is one.
    pub manifest: Option<String>,
    /// The event's type, where the caller named it (profile `cis-sdk`).
    pub event_type: Option<String>,
    /// Whether the input is raw stdin that need not be JSON.
    pub raw_stdin: bool,
    /// What the skill may do.
    pub permissions: Permissions,
    /// What `host_config_get` answers.
    pub config: BTreeMap<String, String>,
    /// Values that were put into the store before the run, by key.
    pub stored: BTreeMap<String, Payload>,
    /// The compiler's name.
    pub compiler: String,
    /// Who answers prompts.
    pub ai: RecordedAi,
    /// What WASI shows, where it is on.
    pub wasi: Option<RecordedWasi>,
    /// The faults that were to befall it, as they were written.
    pub faults: Vec<String>,
}

/// Who answers prompts: names and models alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecordedAi {
    /// Who answers the skill, as [`crate::event::CallFinished::provider`] names it.
    pub lead: String,
    /// Who is asked beside it, for comparison.
    pub shadows: Vec<String>,
}

/// What WASI shows to the skill. `args[0]` is the skill's name, and stdin of a command is its input.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecordedWasi {
    /// The environment.
    pub environment: Vec<(String, String)>,
    /// The directories.
    pub directories: Vec<RecordedDirectory>,
}

/// A directory that WASI shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedDirectory {
    /// Its path on the host.
    pub host: String,
    /// Its path in the guest.
    pub guest: String,
    /// Whether the guest may write there.
    pub writable: bool,
}
