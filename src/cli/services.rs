//! The flags under "Services".

use super::excluded::{NO_ONE_RUN, NO_RUN, NO_SWEEP};
use super::words::parse_provider;
use clap::Args;
use clap::ValueHint;
use std::path::PathBuf;

/// Who answers a skill, and where its memory lies.
#[derive(Debug, Args)]
#[command(next_help_heading = "Services")]
pub struct ServiceFlags {
    /// Who answers AI calls: mock, real, both, the name of a provider in skillscope.toml, or replay:FILE, a record
    #[arg(long, value_name = "WHO", default_value = "mock")]
    pub ai: String,

    /// A file that keeps the skill's memory between runs [default: an empty memory each time]
    #[arg(long, value_name = "PATH", conflicts_with_all = NO_ONE_RUN, value_hint = ValueHint::FilePath)]
    pub store: Option<PathBuf>,

    /// A JSON file of keys and values that the skill finds in its memory
    #[arg(long, requires = "run", value_name = "FILE", conflicts_with_all = NO_RUN, value_hint = ValueHint::FilePath)]
    pub store_in: Option<PathBuf>,

    /// Write the skill's memory to a JSON file after the run
    #[arg(long, requires = "run", value_name = "FILE", conflicts_with_all = NO_RUN, value_hint = ValueHint::FilePath)]
    pub store_out: Option<PathBuf>,

    /// Run the skill, or each case, with several AI providers, and tell how often it passes, how long answers take, and tokens
    #[arg(long, requires = "can_be_swept", value_name = "WHO", value_delimiter = ',', value_parser = parse_provider, conflicts_with_all = NO_RUN, conflicts_with_all = NO_SWEEP, conflicts_with_all = ["sweep", "ai"])]
    pub ai_matrix: Vec<String>,

    /// How often each provider of --ai-matrix is tried
    #[arg(long, requires = "ai_matrix", value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000), conflicts_with_all = NO_RUN)]
    pub repeat: u32,
}
