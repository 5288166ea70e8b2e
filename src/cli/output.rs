//! The flags under "Output".

use super::choices::Format;
use super::excluded::{NO_REPORT, NO_RUN};
use clap::Args;
use clap::ValueHint;
use std::path::PathBuf;

/// What is told of it, and where.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputFlags {
    /// How to report: for people, as one JSON document, as a line of JSON for each event, or (--test) as JUnit's XML
    ///
    /// With `human` the output document goes to stdout and everything else to stderr.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,

    /// How many host calls, and log lines, the report holds; the rest is counted
    #[arg(long, requires = "makes_runs", value_name = "N", default_value_t = 10_000, conflicts_with_all = NO_REPORT)]
    pub max_trace: usize,

    /// Record the run in a file, from which --replay makes it again
    ///
    /// A record that is there is replaced; any other file is left alone, and an error.
    #[arg(long, requires = "run", value_name = "FILE", conflicts_with_all = NO_RUN, value_hint = ValueHint::FilePath)]
    pub record: Option<PathBuf>,

    /// Where --export writes to [default: standard output]
    #[arg(long, short, requires = "export", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,

    /// Tell which functions the fuel went to: their own fuel, and how often each was called
    ///
    /// The fuel is the same as without; the run is slower, and so is compiling.
    #[arg(long, requires = "run", conflicts_with_all = NO_RUN)]
    pub profile: bool,
}
