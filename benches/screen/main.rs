//! The workbench's screen, measured: the program in a pseudo-terminal before a terminal emulator, and frames drawn without one.
//!
//! `benches/screen/run` builds it in the release profile. Figures stand beside those that are to be reached; a figure that misses its own is
//! marked, and is no failure: machines differ.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a bench that cannot go on ends"
)]

mod frames;
mod idle;
mod keys;
mod logs;
mod million;
#[path = "../../tests/it/screen/pty.rs"]
mod pty;
mod reload;
mod table;
mod workspace;

use table::Row;
use workspace::Effort;

/// A part of the benches: its name, what it measures, and how.
type Part = (&'static str, &'static str, fn(Effort) -> Vec<Row>);

const PARTS: [Part; 6] = [
    ("idle", "what the workbench uses while nothing happens", idle::measure),
    ("frames", "the time of a frame with a full trace, and how fast events are taken in", frames::measure),
    ("keys", "a key answered while a skill calls its host without a pause", keys::measure),
    ("reload", "from a saved module to its result on the screen", reload::measure),
    ("million", "a skill that makes a million host calls", million::measure),
    ("logs", "a skill that logs a million lines", logs::measure),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments.iter().any(|argument| argument == "--help") {
        println!(
            "benches/screen/run [--quick] [PART]...\n\n  --quick  little work: shows that it works, and its figures say nothing\n"
        );
        for (name, about, _) in PARTS {
            println!("  {name:<8} {about}");
        }
        return;
    }
    let effort = if arguments.iter().any(|argument| argument == "--quick") { Effort::Little } else { Effort::Full };
    let wanted: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with("--")).collect();
    let mut rows = Vec::new();
    for (name, about, measure) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|word| *word == name) {
            eprintln!("{name}: {about}");
            rows.extend(measure(effort));
        }
    }
    if cfg!(debug_assertions) {
        println!("This is not the release profile: the figures say nothing.\n");
    }
    println!("{}", table::table(&rows));
}
