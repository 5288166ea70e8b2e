//! The benches: one command, one table, each figure beside its peer in the same run. See `benches/README.md`.

mod engine;
mod host_calls;
mod inputs;
mod many_runs;
mod ours;
mod programs;
mod running;
mod samples;
mod starting;
mod suites;
mod table;
mod wasi;
mod wasmer_peer;
mod wasmtime_peer;

use std::path::PathBuf;
use table::Table;

const HELP: &str = "benches/run [--quick] [--runs N] [--wasmtime PATH] [PROGRAM]...

  --quick          little work and few samples, to see that it works: the figures say nothing
  --samples N      how often each program runs in each variant (7)
  --compiles N     how often each program is compiled in each variant (5)
  --runs N         how many runs are made to see what memory they leave (10000)
  --wasmtime PATH  the wasmtime to compare `--run` and `--test` with (wasmtime in the PATH)
  --only-suites    measure a suite of 1,000 cases beside 1,000 starts of wasmtime, and nothing else
  --only-calls     measure host calls, and nothing else
  PROGRAM          measure the run and compile time of these programs alone, and nothing else";

/// What was asked for.
pub struct Options {
    pub quick: bool,
    pub runs: u64,
    samples: Option<usize>,
    compiles: Option<usize>,
    pub wasmtime: PathBuf,
    pub skillscope: PathBuf,
    only_suites: bool,
    only_calls: bool,
    names: Vec<String>,
}

impl Options {
    fn parse() -> Self {
        let skillscope = programs::repository().join("target/release/skillscope");
        let mut options = Self {
            quick: false,
            runs: 0,
            samples: None,
            compiles: None,
            wasmtime: "wasmtime".into(),
            skillscope,
            only_suites: false,
            only_calls: false,
            names: Vec::new(),
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().unwrap_or_else(|| panic!("{argument} takes a value"));
            match argument.as_str() {
                "--only-suites" => options.only_suites = true,
                "--only-calls" => options.only_calls = true,
                "--quick" => options.quick = true,
                "--runs" => options.runs = value().parse().expect("a number"),
                "--samples" => options.samples = Some(value().parse().expect("a number")),
                "--compiles" => options.compiles = Some(value().parse().expect("a number")),
                "--wasmtime" => options.wasmtime = value().into(),
                "--skillscope" => options.skillscope = value().into(),
                "--only-memory" => {
                    many_runs::grow(value().parse().expect("a number"));
                    std::process::exit(0);
                }
                "--help" | "-h" => {
                    println!("{HELP}");
                    std::process::exit(0);
                }
                name => options.names.push(name.to_owned()),
            }
        }
        if options.runs == 0 {
            options.runs = if options.quick { 300 } else { 10_000 };
        }
        options
    }

    /// Whether there is a wasmtime to compare with.
    pub fn has_wasmtime(&self) -> bool {
        std::process::Command::new(&self.wasmtime).arg("--version").output().is_ok()
    }
}

fn main() {
    let options = Options::parse();
    if options.only_suites || options.only_calls {
        let mut table = Table::new(&["figure", "measured", "to reach", "samples"]);
        if options.only_suites {
            suites::rows(&mut table, &options);
        }
        if options.only_calls {
            host_calls::rows(&mut table, options.quick);
        }
        println!("{}\n\n{table}", machine());
        return;
    }
    let mut programs = programs::all(options.quick);
    let everything = options.names.is_empty();
    if !everything {
        let known: Vec<_> = programs.iter().map(|program| program.name).collect();
        let unknown: Vec<_> = options.names.iter().filter(|name| !known.contains(&name.as_str())).collect();
        assert!(unknown.is_empty(), "no program {unknown:?}; there are {known:?}");
        programs.retain(|program| options.names.iter().any(|name| name == program.name));
    }
    let (runs, compiles) = if options.quick { (1, 1) } else { (7, 5) };
    let (runs, compiles) = (options.samples.unwrap_or(runs).max(1), options.compiles.unwrap_or(compiles).max(1));
    let mut table = Table::new(&["figure", "measured", "to reach", "samples"]);
    let mut rest = Table::headless();
    // The short ones first: what is wrong with them shows before minutes have gone by.
    if everything {
        eprintln!("process starts");
        starting::rows(&mut rest, &options);
        eprintln!("suites");
        suites::rows(&mut rest, &options);
        eprintln!("host calls");
        host_calls::rows(&mut rest, options.quick);
        eprintln!("runs a second");
        many_runs::rates(&mut rest, options.quick);
        eprintln!("memory");
        many_runs::memory(&mut rest, &options);
    }
    let measured: Vec<_> = programs.iter().map(|program| running::measure(program, runs, compiles)).collect();
    running::rows(&mut table, &measured);
    println!("{}", machine());
    println!("Ratios of the shortest samples, over programs as geometric means; medians beside them.\n");
    println!("{table}{rest}\n{}", running::each(&measured));
}

/// The machine and what was compared.
fn machine() -> String {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let model = model.trim_start_matches([' ', '\t', ':']);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{model}, {cores} cores; wasmer 7.4.2, wasmtime {} as a library.", wasmtime_version())
}

/// The version in the lock file.
fn wasmtime_version() -> &'static str {
    let lock = include_str!("../Cargo.lock");
    let after = lock.split("name = \"wasmtime\"\nversion = \"").nth(1).unwrap_or_default();
    after.split('"').next().unwrap_or_default()
}
