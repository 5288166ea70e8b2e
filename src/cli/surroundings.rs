//! The flags under "Surroundings (each wins over the manifest)".

use super::excluded::NO_RUN;
use super::words::{parse_directory, parse_pair};
use clap::Args;
use std::path::PathBuf;

/// What a skill sees around it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Surroundings (each wins over the manifest)")]
pub struct SurroundingFlags {
    /// A value for host_config_get
    #[arg(long, value_name = "K=V", value_parser = parse_pair)]
    pub config: Vec<(String, String)>,

    /// An environment variable of the skill (WASI); nothing else of the environment is shown to it
    #[arg(long, value_name = "K=V", value_parser = parse_pair)]
    pub env: Vec<(String, String)>,

    /// A directory for the skill (WASI), read-only unless it ends in :rw
    #[arg(long, value_name = "HOST::GUEST", value_parser = parse_directory)]
    pub dir: Vec<(PathBuf, String, bool)>,

    /// Switch WASI off: a module that imports it is refused
    #[arg(long)]
    pub no_wasi: bool,

    /// Make clock and randomness repeatable: a fixed start, advancing with fuel
    #[arg(long, value_name = "N", conflicts_with_all = NO_RUN)]
    pub seed: Option<u64>,
}
