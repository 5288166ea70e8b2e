//! The flags under "What to do".

use super::choices::ExportChoice;
use super::excluded::FROM_RECORD;
use clap::Args;
use clap::ValueHint;
use clap_complete::Shell;
use std::path::PathBuf;

/// What is done: without any of these, the workbench opens.
#[derive(Debug, Args)]
#[command(next_help_heading = "What to do")]
pub struct WhatToDo {
    /// Run one skill once
    ///
    /// NAME is a skill's name under the directories, or the path of a module, a skill directory or a skill.toml.
    #[arg(long, value_name = "NAME", groups = ["mode", "makes_runs", "can_be_swept"])]
    pub run: Option<String>,

    /// Run a recorded skill again, with the answers of its record in the place of everyone whom it asks
    ///
    /// The first of the DIRs may be the skill (a name, or the path of a module, a skill directory or a skill.toml), which has
    /// changed perhaps; without it, it is the recorded one. What the skill is given and may use comes from the record.
    #[arg(long, value_name = "FILE", groups = ["mode", "makes_runs"], conflicts_with_all = FROM_RECORD, value_hint = ValueHint::FilePath)]
    pub replay: Option<PathBuf>,

    /// Write a record in another format: skillscope --export FORMAT RECORD
    #[arg(long, value_enum, value_name = "FORMAT", group = "mode", requires = "directories", conflicts_with_all = FROM_RECORD)]
    pub export: Option<ExportChoice>,

    /// List the skills that are there, and why any is refused
    #[arg(long, group = "mode")]
    pub list: bool,

    /// Check a skill, or every skill of a directory, without running it
    #[arg(long, value_name = "NAME", group = "mode")]
    pub validate: Option<String>,

    /// Run the cases of the skills, and tell which do not hold
    ///
    /// Cases stand in skill.toml, as [[case]], and in cases/*.toml beside it. In a case nothing real is asked; clock and randomness are seeded.
    #[arg(long, groups = ["mode", "looks_at_cases", "can_be_swept"])]
    pub test: bool,

    /// List the cases that --test would run
    #[arg(long, groups = ["mode", "looks_at_cases"])]
    pub list_cases: bool,

    /// Empty the cache of compiled modules
    #[arg(long, group = "mode")]
    pub clear_cache: bool,

    /// Print a completion script for a shell
    #[arg(long, value_name = "SHELL", group = "mode")]
    pub completions: Option<Shell>,

    /// Print the JSON Schema of skill.toml, for editors
    #[arg(long, group = "mode")]
    pub manifest_schema: bool,

    /// Print the JSON Schema of cases/*.toml, for editors
    #[arg(long, group = "mode")]
    pub cases_schema: bool,
}
