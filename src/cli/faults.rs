//! The flags under "Faults".

use super::choices::SweepChoice;
use super::excluded::{NO_RUN, NO_SWEEP};
use clap::Args;
use skillscope::skill::FaultSpec;

/// What goes wrong on purpose.
#[derive(Debug, Args)]
#[command(next_help_heading = "Faults")]
pub struct FaultFlags {
    /// Let something go wrong, such as ai#2=error, http=status:503, store=full or memory=limit:2MiB; repeatable
    ///
    /// Whom it befalls, # which of them (each of them without it), = what happens. docs/faults.md has all of them.
    #[arg(long, requires = "can_be_swept", value_name = "SPEC", value_parser = FaultSpec::parse, conflicts_with_all = NO_RUN, allow_hyphen_values = true)]
    pub fault: Vec<FaultSpec>,

    /// Run the skill, or each case, again and again under changed conditions, and tell what it bears
    ///
    /// A run must end with `ok` as it is, a case must hold. Each run begins with the same memory, clock and randomness.
    #[arg(long, requires = "can_be_swept", value_enum, value_name = "WHAT", conflicts_with_all = NO_RUN, conflicts_with_all = NO_SWEEP)]
    pub sweep: Option<SweepChoice>,
}
