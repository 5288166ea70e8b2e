//! The flags under "Engine".

use super::choices::CompilerChoice;
use clap::Args;

/// How code is made.
#[derive(Debug, Args)]
#[command(next_help_heading = "Engine")]
pub struct EngineFlags {
    /// The compiler: cranelift runs faster, singlepass compiles faster, auto lets large modules and saved ones begin with singlepass; fuel is the same
    #[arg(long, value_enum, default_value_t = CompilerChoice::Auto)]
    pub compiler: CompilerChoice,

    /// Neither read nor write the cache of compiled modules
    #[arg(long)]
    pub no_cache: bool,
}
