//! The command line: what can be asked, how it is documented, and how typed words become requests.
//!
//! It knows `session`'s requests and `skill`'s units; what is done with them is `main`'s.

mod cases;
mod choices;
mod engine;
mod excluded;
mod faults;
mod input;
mod limits;
mod output;
mod permissions;
mod services;
mod surroundings;
mod task;
mod words;
mod workbench;

pub use choices::{CompilerChoice, ExportChoice, Format, ThemeChoice};

use cases::CaseFlags;
use clap::builder::styling::{AnsiColor, Styles};
use clap::{ArgGroup, Parser, ValueHint};
use engine::EngineFlags;
use excluded::NO_SKILL;
use faults::FaultFlags;
use input::InputFlags;
use limits::LimitFlags;
use output::OutputFlags;
use permissions::PermissionFlags;
use services::ServiceFlags;
use std::path::PathBuf;
use surroundings::SurroundingFlags;
use task::WhatToDo;
use workbench::WorkbenchFlags;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Yellow.on_default().bold())
    .usage(AnsiColor::Yellow.on_default().bold())
    .literal(AnsiColor::Cyan.on_default())
    .placeholder(AnsiColor::Green.on_default());

const AFTER_HELP: &str = "\
Examples:
  skillscope ./my-skills
  skillscope --list sample-skills
  skillscope --run summarize sample-skills --input '{\"note\": \"Buy milk.\"}'
  skillscope --run ./my-skill --input @input.json --format json --timeout 2s
  skillscope --run build/skill.wasm --watch --ai both
  skillscope --run ./my-skill --record run.jsonl
  skillscope --replay run.jsonl
  skillscope --export chrome run.jsonl -o trace.json
  skillscope --test sample-skills --select summarize

Exit codes:
  0  ok                                   6  a host call ended the run
  1  the skill failed (trap, output,      7  a replay differs from its record
     exit, failed)                        8  a record ends before its run did
  2  wrong usage                         70  a fault of skillscope itself
  3  no such skill, or a wrong manifest 100  a case does not hold
  4  the module was refused             101  no case was run
  5  a limit ended the run (timeout,    130  cancelled (Ctrl-C)
     fuel, memory)";

/// The terminal workbench for WebAssembly skills of AI agents.
///
/// A skill is a small WebAssembly plugin: JSON in, JSON out, and a few host functions (ask an AI, read and write memory,
/// make an HTTP request, log). skillscope finds skills in directories, checks them, and runs them under limits that hold,
/// showing every host call as it happens.
///
/// Without --run, --list or --validate it opens the workbench, a screen for all of that.
#[derive(Debug, Parser)]
#[command(name = "skillscope", version, styles = STYLES, after_help = AFTER_HELP, max_term_width = 110, )]
#[command(group = ArgGroup::new("mode").multiple(false))]
#[command(group = ArgGroup::new("makes_runs").multiple(false))]
#[command(group = ArgGroup::new("looks_at_cases").multiple(false))]
#[command(group = ArgGroup::new("can_be_swept").multiple(false))]
pub struct Cli {
    /// Directories in which skills are looked for
    ///
    /// A directory with a skill.toml is a skill; so is a bare .wasm or .wat file. Hidden directories, target and
    /// node_modules are passed over.
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with_all = NO_SKILL)]
    pub directories: Vec<PathBuf>,

    #[command(flatten)]
    pub what: WhatToDo,
    #[command(flatten)]
    pub given: InputFlags,
    #[command(flatten)]
    pub told: OutputFlags,
    #[command(flatten)]
    pub cases: CaseFlags,
    #[command(flatten)]
    pub limits: LimitFlags,
    #[command(flatten)]
    pub permissions: PermissionFlags,
    #[command(flatten)]
    pub around: SurroundingFlags,
    #[command(flatten)]
    pub services: ServiceFlags,
    #[command(flatten)]
    pub faults: FaultFlags,
    #[command(flatten)]
    pub engine: EngineFlags,
    #[command(flatten)]
    pub screen: WorkbenchFlags,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
