//! The flags under "Workbench".

use super::choices::ThemeChoice;
use clap::Args;
use clap::ValueHint;
use std::path::PathBuf;

/// How the workbench looks and acts.
#[derive(Debug, Args)]
#[command(next_help_heading = "Workbench")]
pub struct WorkbenchFlags {
    /// The colours of the workbench [default: dark, or none where NO_COLOR is set]
    #[arg(long, value_enum, value_name = "THEME")]
    pub theme: Option<ThemeChoice>,

    /// Use no other characters than those of ASCII for the workbench's lines and symbols
    #[arg(long)]
    pub ascii: bool,

    /// A file of keys of your own [default: skillscope/keys.toml in your configuration directory]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub keys: Option<PathBuf>,

    /// Do not run a skill again when it is saved; T switches it in the workbench
    #[arg(long)]
    pub no_auto_run: bool,
}
