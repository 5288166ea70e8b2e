//! The flags under "Input".

use super::excluded::{NO_ONE_RUN, NO_RUN};
use clap::Args;

/// What a run is given.
#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
pub struct InputFlags {
    /// The input document: JSON, @FILE, or - for standard input
    #[arg(long, value_name = "JSON", default_value = "null", conflicts_with_all = NO_ONE_RUN, allow_hyphen_values = true)]
    pub input: String,

    /// A command's raw standard input instead of a document: text, @FILE, or -
    #[arg(long, requires = "run", value_name = "BYTES", conflicts_with = "input", conflicts_with_all = NO_RUN, allow_hyphen_values = true)]
    pub stdin: Option<String>,

    /// The type of the event that a cis-sdk skill is given; the input is then its data
    #[arg(long, value_name = "TYPE", conflicts_with_all = NO_ONE_RUN)]
    pub event: Option<String>,

    /// Run again each time the skill's files are saved, until Ctrl-C
    #[arg(long, requires = "run", conflicts_with_all = NO_RUN)]
    pub watch: bool,
}
