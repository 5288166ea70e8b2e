//! The command line: what can be asked, how it is documented, and how typed words become requests.
//!
//! It knows `session`'s requests and `skill`'s units; what is done with them is `main`'s.

use clap::builder::styling::{AnsiColor, Styles};
use clap::{ArgGroup, Parser, ValueEnum, ValueHint};
use clap_complete::Shell;
use skillscope::runtime::Compiler;
use skillscope::skill::{
    DurationError, GuestPathError, parse_fuel, parse_guest_path, parse_http_grant, parse_key_pattern, parse_memory_limit,
    parse_module_limit, parse_timeout_ms,
};
use std::path::PathBuf;
use std::time::Duration;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Yellow.on_default().bold())
    .usage(AnsiColor::Yellow.on_default().bold())
    .literal(AnsiColor::Cyan.on_default())
    .placeholder(AnsiColor::Green.on_default());

/// What asks for something else than a run, so that flags of a run have no use there. (That a flag needs `--run` is not asked where
/// something else excludes it.)
const NO_RUN: [&str; 7] = ["list", "validate", "replay", "export", "clear_cache", "completions", "manifest_schema"];
/// The same of a report of a run, which a replay has too.
const NO_REPORT: [&str; 6] = ["list", "validate", "export", "clear_cache", "completions", "manifest_schema"];
/// What looks at no skill.
const NO_SKILL: [&str; 3] = ["clear_cache", "completions", "manifest_schema"];

/// What a replay has from its record, and an export has no use for.
const FROM_RECORD: [&str; 13] = [
    "max_memory",
    "timeout",
    "fuel",
    "allow_ai",
    "allow_http",
    "allow_memory",
    "config",
    "env",
    "dir",
    "no_wasi",
    "ai",
    "record",
    "keys",
];

const AFTER_HELP: &str = "\
Examples:
  skillscope ./my-skills
  skillscope --list sample-skills
  skillscope --run summarize sample-skills --input '{\"note\": \"Buy milk.\"}'
  skillscope --run ./my-skill --input @input.json --format json --timeout 2s
  skillscope --run build/skill.wasm --watch --ai both
  skillscope --run ./my-skill --record run.jsonl
  skillscope --replay run.jsonl
  skillscope --export chrome run.jsonl -o trace.json

Exit codes:
  0  ok                                   6  a host call ended the run
  1  the skill failed (trap, output,      7  a replay differs from its record
     exit, failed)                        8  a record ends before its run did
  2  wrong usage                         70  a fault of skillscope itself
  3  no such skill, or a wrong manifest 130  cancelled (Ctrl-C)
  4  the module was refused
  5  a limit ended the run (timeout, fuel, memory)";

/// The terminal workbench for WebAssembly skills of AI agents.
///
/// A skill is a small WebAssembly plugin: JSON in, JSON out, and a few host functions (ask an AI, read and write memory,
/// make an HTTP request, log). skillscope finds skills in directories, checks them, and runs them under limits that hold,
/// showing every host call as it happens.
///
/// Without --run, --list or --validate it opens the workbench, a screen for all of that.
#[derive(Debug, Parser)]
#[command(name = "skillscope", version, styles = STYLES, after_help = AFTER_HELP, max_term_width = 110, )]
#[command(group = ArgGroup::new("mode").multiple(false))]
#[command(group = ArgGroup::new("makes_runs").multiple(false))]
pub struct Cli {
    /// Directories in which skills are looked for
    ///
    /// A directory with a skill.toml is a skill; so is a bare .wasm or .wat file. Hidden directories, target and
    /// node_modules are passed over.
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with_all = NO_SKILL)]
    pub directories: Vec<PathBuf>,

    /// Run one skill once
    ///
    /// NAME is a skill's name under the directories, or the path of a module, a skill directory or a skill.toml.
    #[arg(long, value_name = "NAME", groups = ["mode", "makes_runs"], help_heading = "What to do")]
    pub run: Option<String>,

    /// Run a recorded skill again, with the answers of its record in the place of everyone whom it asks
    ///
    /// The first of the DIRs may be the skill (a name, or the path of a module, a skill directory or a skill.toml), which has
    /// changed perhaps; without it, it is the recorded one. What the skill is given and may use comes from the record.
    #[arg(long, value_name = "FILE", groups = ["mode", "makes_runs"], conflicts_with_all = FROM_RECORD, value_hint = ValueHint::FilePath, help_heading = "What to do")]
    pub replay: Option<PathBuf>,

    /// Write a record in another format: skillscope --export FORMAT RECORD
    #[arg(long, value_enum, value_name = "FORMAT", group = "mode", requires = "directories", conflicts_with_all = FROM_RECORD, help_heading = "What to do")]
    pub export: Option<ExportChoice>,

    /// List the skills that are there, and why any is refused
    #[arg(long, group = "mode", help_heading = "What to do")]
    pub list: bool,

    /// Check a skill, or every skill of a directory, without running it
    #[arg(long, value_name = "NAME", group = "mode", help_heading = "What to do")]
    pub validate: Option<String>,

    /// Empty the cache of compiled modules
    #[arg(long, group = "mode", help_heading = "What to do")]
    pub clear_cache: bool,

    /// Print a completion script for a shell
    #[arg(long, value_name = "SHELL", group = "mode", help_heading = "What to do")]
    pub completions: Option<Shell>,

    /// Print the JSON Schema of skill.toml, for editors
    #[arg(long, group = "mode", help_heading = "What to do")]
    pub manifest_schema: bool,

    /// The input document: JSON, @FILE, or - for standard input
    #[arg(long, value_name = "JSON", default_value = "null", conflicts_with_all = NO_RUN, allow_hyphen_values = true, help_heading = "Input")]
    pub input: String,

    /// A command's raw standard input instead of a document: text, @FILE, or -
    #[arg(long, requires = "run", value_name = "BYTES", conflicts_with = "input", conflicts_with_all = NO_RUN, allow_hyphen_values = true, help_heading = "Input")]
    pub stdin: Option<String>,

    /// The type of the event that a cis-sdk skill is given; the input is then its data
    #[arg(long, value_name = "TYPE", conflicts_with_all = NO_RUN, help_heading = "Input")]
    pub event: Option<String>,

    /// Run again each time the skill's files are saved, until Ctrl-C
    #[arg(long, requires = "run", conflicts_with_all = NO_RUN, help_heading = "Input")]
    pub watch: bool,

    /// How to report: for people, as one JSON document, or as a line of JSON for each event
    ///
    /// With `human` the output document goes to stdout and everything else to stderr.
    #[arg(long, value_enum, default_value_t = Format::Human, help_heading = "Output")]
    pub format: Format,

    /// How many host calls, and log lines, the report holds; the rest is counted
    #[arg(long, requires = "makes_runs", value_name = "N", default_value_t = 10_000, conflicts_with_all = NO_REPORT, help_heading = "Output")]
    pub max_trace: usize,

    /// Tell which functions the fuel went to: their own fuel, and how often each was called
    ///
    /// The fuel is the same as without; the run is slower, and so is compiling.
    #[arg(long, requires = "run", conflicts_with_all = NO_RUN, help_heading = "Output")]
    pub profile: bool,

    /// Record the run in a file, from which --replay makes it again
    ///
    /// A record that is there is replaced; any other file is left alone, and an error.
    #[arg(long, requires = "run", value_name = "FILE", conflicts_with_all = NO_RUN, value_hint = ValueHint::FilePath, help_heading = "Output")]
    pub record: Option<PathBuf>,

    /// Where --export writes to [default: standard output]
    #[arg(long, short, requires = "export", value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Output")]
    pub output: Option<PathBuf>,

    /// Memory that the skill may have, such as 64MiB
    #[arg(long, value_name = "SIZE", value_parser = parse_memory_limit, help_heading = "Limits (each wins over the manifest)")]
    pub max_memory: Option<u64>,

    /// Wall-clock time that the run may take, such as 2s or 500ms
    #[arg(long, value_name = "DURATION", value_parser = parse_timeout, help_heading = "Limits (each wins over the manifest)")]
    pub timeout: Option<Duration>,

    /// Fuel that the run may use: one unit an instruction, the same on every machine
    #[arg(long, value_name = "N", value_parser = parse_fuel, help_heading = "Limits (each wins over the manifest)")]
    pub fuel: Option<u64>,

    /// The largest module that is read [default: 100MiB, or the workspace's setting]
    #[arg(long, value_name = "SIZE", value_parser = parse_module_limit, help_heading = "Limits (each wins over the manifest)")]
    pub max_module: Option<u64>,

    /// Allow AI calls
    #[arg(long, help_heading = "Permissions (added to the manifest's)")]
    pub allow_ai: bool,

    /// Allow requests to a host, exactly: example.com, or 127.0.0.1:8080 with a port
    #[arg(long, value_name = "HOST", value_parser = parse_http_grant, help_heading = "Permissions (added to the manifest's)")]
    pub allow_http: Vec<String>,

    /// Allow reading and writing the keys that match; * stands for any characters
    #[arg(long, value_name = "PATTERN", value_parser = parse_key_pattern, help_heading = "Permissions (added to the manifest's)")]
    pub allow_memory: Vec<String>,

    /// A value for host_config_get
    #[arg(long, value_name = "K=V", value_parser = parse_pair, help_heading = "Surroundings (each wins over the manifest)")]
    pub config: Vec<(String, String)>,

    /// An environment variable of the skill (WASI); nothing else of the environment is shown to it
    #[arg(long, value_name = "K=V", value_parser = parse_pair, help_heading = "Surroundings (each wins over the manifest)")]
    pub env: Vec<(String, String)>,

    /// A directory for the skill (WASI), read-only unless it ends in :rw
    #[arg(long, value_name = "HOST::GUEST", value_parser = parse_directory, help_heading = "Surroundings (each wins over the manifest)")]
    pub dir: Vec<(PathBuf, String, bool)>,

    /// Switch WASI off: a module that imports it is refused
    #[arg(long, help_heading = "Surroundings (each wins over the manifest)")]
    pub no_wasi: bool,

    /// Make clock and randomness repeatable: a fixed start, advancing with fuel
    #[arg(long, value_name = "N", conflicts_with_all = NO_RUN, help_heading = "Surroundings (each wins over the manifest)")]
    pub seed: Option<u64>,

    /// Who answers AI calls: mock, real, both, the name of a provider in skillscope.toml, or replay:FILE, a record
    #[arg(long, value_name = "WHO", default_value = "mock", help_heading = "Services")]
    pub ai: String,

    /// A file that keeps the skill's memory between runs [default: an empty memory each time]
    #[arg(long, value_name = "PATH", conflicts_with_all = NO_RUN, value_hint = ValueHint::FilePath, help_heading = "Services")]
    pub store: Option<PathBuf>,

    /// A JSON file of keys and values that the skill finds in its memory
    #[arg(long, requires = "run", value_name = "FILE", conflicts_with_all = NO_RUN, value_hint = ValueHint::FilePath, help_heading = "Services")]
    pub store_in: Option<PathBuf>,

    /// Write the skill's memory to a JSON file after the run
    #[arg(long, requires = "run", value_name = "FILE", conflicts_with_all = NO_RUN, value_hint = ValueHint::FilePath, help_heading = "Services")]
    pub store_out: Option<PathBuf>,

    /// The compiler: cranelift runs faster, singlepass compiles faster, auto lets large modules and saved ones begin with singlepass; fuel is the same
    #[arg(long, value_enum, default_value_t = CompilerChoice::Auto, help_heading = "Engine")]
    pub compiler: CompilerChoice,

    /// Neither read nor write the cache of compiled modules
    #[arg(long, help_heading = "Engine")]
    pub no_cache: bool,

    /// The colours of the workbench [default: dark, or none where NO_COLOR is set]
    #[arg(long, value_enum, value_name = "THEME", help_heading = "Workbench")]
    pub theme: Option<ThemeChoice>,

    /// Use no other characters than those of ASCII for the workbench's lines and symbols
    #[arg(long, help_heading = "Workbench")]
    pub ascii: bool,

    /// A file of keys of your own [default: skillscope/keys.toml in your configuration directory]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Workbench")]
    pub keys: Option<PathBuf>,

    /// Do not run a skill again when it is saved; T switches it in the workbench
    #[arg(long, help_heading = "Workbench")]
    pub no_auto_run: bool,
}

/// A way to report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// One document.
    Json,
    /// A line for each event.
    Jsonl,
}

/// A format that a record is written in, as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportChoice {
    /// The trace event format, for Perfetto and chrome://tracing.
    Chrome,
    /// HTTP Archive 1.2, of HTTP calls alone.
    Har,
    /// OpenTelemetry traces in the JSON of OTLP, with the conventions for generative AI.
    Otlp,
    /// A test case of the skill, as TOML.
    Case,
}

/// The colours of the workbench, as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ThemeChoice {
    /// For a dark background.
    Dark,
    /// For a light background.
    Light,
    /// No colours.
    None,
}

/// A compiler, as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CompilerChoice {
    /// Singlepass at once and Cranelift behind it, where that pays; else Cranelift.
    Auto,
    /// Optimizes.
    Cranelift,
    /// Compiles in one pass.
    Singlepass,
}

impl From<CompilerChoice> for Compiler {
    fn from(choice: CompilerChoice) -> Self {
        match choice {
            CompilerChoice::Auto | CompilerChoice::Cranelift => Self::Cranelift,
            CompilerChoice::Singlepass => Self::Singlepass,
        }
    }
}

/// Why a typed word is not understood; clap adds the argument's name.
#[derive(Debug, thiserror::Error)]
pub enum WordError {
    /// No `=`.
    #[error("expected NAME=VALUE")]
    Pair,
    /// No `::`.
    #[error("expected HOST::GUEST, such as fixtures::/data, or fixtures::/data:rw to let the skill write")]
    Directory,
    /// The guest path is none.
    #[error(transparent)]
    GuestPath(#[from] GuestPathError),
}

fn parse_timeout(word: &str) -> Result<Duration, DurationError> {
    parse_timeout_ms(word).map(Duration::from_millis)
}

fn parse_pair(word: &str) -> Result<(String, String), WordError> {
    let (name, value) = word.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or(WordError::Pair)?;
    Ok((name.to_owned(), value.to_owned()))
}

fn parse_directory(word: &str) -> Result<(PathBuf, String, bool), WordError> {
    let (host, guest) = word.rsplit_once("::").filter(|(host, _)| !host.is_empty()).ok_or(WordError::Directory)?;
    let (guest, writable) = guest.strip_suffix(":rw").map_or((guest, false), |guest| (guest, true));
    Ok((PathBuf::from(host), parse_guest_path(guest)?, writable))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn directories_are_read_only_unless_they_say_so() {
        assert_eq!(parse_directory("a::/b").unwrap(), ("a".into(), "/b".into(), false));
        assert_eq!(parse_directory("C:\\x::/b:rw").unwrap(), ("C:\\x".into(), "/b".into(), true));
        assert_eq!(parse_directory("a::/b/").unwrap(), ("a".into(), "/b".into(), false));
        assert!(parse_directory("a:/b").is_err() && parse_directory("::/b").is_err() && parse_directory("a::b").is_err());
    }
}
