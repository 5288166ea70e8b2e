//! The flags under "Limits (each wins over the manifest)".

use super::words::parse_timeout;
use clap::Args;
use skillscope::skill::parse_fuel;
use skillscope::skill::parse_memory_limit;
use skillscope::skill::parse_module_limit;
use std::time::Duration;

/// Limits of the command line.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits (each wins over the manifest)")]
pub struct LimitFlags {
    /// Memory that the skill may have, such as 64MiB
    #[arg(long, value_name = "SIZE", value_parser = parse_memory_limit)]
    pub max_memory: Option<u64>,

    /// Wall-clock time that the run may take, such as 2s or 500ms
    #[arg(long, value_name = "DURATION", value_parser = parse_timeout)]
    pub timeout: Option<Duration>,

    /// Fuel that the run may use: one unit an instruction, the same on every machine
    #[arg(long, value_name = "N", value_parser = parse_fuel)]
    pub fuel: Option<u64>,

    /// The largest module that is read [default: 100MiB, or the workspace's setting]
    #[arg(long, value_name = "SIZE", value_parser = parse_module_limit)]
    pub max_module: Option<u64>,
}
