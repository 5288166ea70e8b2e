//! The flags under "Cases".

use super::choices::Format;
use super::words::parse_report;
use clap::Args;
use skillscope::event::filter::Filter;
use skillscope::session::CasePattern;
use skillscope::session::Shard;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Which cases run, and how.
#[derive(Debug, Args)]
#[command(next_help_heading = "Cases")]
pub struct CaseFlags {
    /// Run the cases that this names: SKILL, CASE or SKILL::CASE, with * and other wildcards; repeatable
    #[arg(long, requires = "looks_at_cases", value_name = "NAME", value_parser = CasePattern::parse)]
    pub select: Vec<CasePattern>,

    /// Run the cases with a reply or a foreseen call that this filter means, such as ~k http
    #[arg(long, requires = "looks_at_cases", value_name = "FILTER", value_parser = Filter::parse, allow_hyphen_values = true)]
    pub filter: Option<Filter>,

    /// Run the cases that failed when they were last run
    #[arg(long, requires = "looks_at_cases")]
    pub failed: bool,

    /// Run one of several parts of the cases, such as 1/4
    #[arg(long, requires = "looks_at_cases", value_name = "I/N")]
    pub shard: Option<Shard>,

    /// How many cases run at once [default: as many as there are processors]
    #[arg(long, requires = "test", value_name = "N")]
    pub jobs: Option<NonZeroUsize>,

    /// How often a case that fails is tried again; one that passes then is flaky
    #[arg(long, requires = "test", value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=100))]
    pub retries: u32,

    /// End at the first case that fails
    #[arg(long, requires = "test")]
    pub fail_fast: bool,

    /// Write the fuel, and the outputs that are snapshots, of cases in which all else holds
    #[arg(long, requires = "test")]
    pub accept: bool,

    /// Use the machine's clock and randomness, and ask servers for which a case has no reply
    #[arg(long, requires = "test", conflicts_with = "seed")]
    pub live: bool,

    /// Write a report to a file too: human, json, jsonl or junit; repeatable
    #[arg(long, requires = "looks_at_cases", value_name = "FORMAT=FILE", value_parser = parse_report)]
    pub report: Vec<(Format, PathBuf)>,
}
