//! Words of which a flag takes one.

use clap::ValueEnum;
use skillscope::event::SweepKind;
use skillscope::runtime::Compiler;

/// A way to report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// One document.
    Json,
    /// A line for each event.
    Jsonl,
    /// JUnit's XML, of --test.
    Junit,
}

/// What is swept, as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SweepChoice {
    /// Each host call with each fault that can befall it: what the skill survives.
    Faults,
    /// The least memory with which it still ends well.
    Memory,
    /// The least fuel.
    Fuel,
    /// How far its deadline is from the time that it takes, as measured.
    Timeout,
}

impl From<SweepChoice> for SweepKind {
    fn from(choice: SweepChoice) -> Self {
        match choice {
            SweepChoice::Faults => Self::Faults,
            SweepChoice::Memory => Self::Memory,
            SweepChoice::Fuel => Self::Fuel,
            SweepChoice::Timeout => Self::Timeout,
        }
    }
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
