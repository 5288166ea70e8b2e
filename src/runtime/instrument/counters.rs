//! What a profiled module tells besides its fuel: for each function of its own, the fuel that it used itself, and how often it was entered.
//!
//! These are two globals for each function. Unlike the fuel counter they are never in a local and never owed: each segment pays into its
//! function's global as it begins, so that they are right wherever the fuel counter is, on traps too.

use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::ops::Range;

/// How the names of the exports begin, where no export of the module does.
const NAME: &str = "skillscope.function";
/// How many globals a function has.
const GLOBALS: u32 = 2;

/// The names under which a profiled module exports its functions' counters: mutable `i64` globals that count up from 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionCounters {
    prefix: String,
    imported: u32,
    own: u32,
}

impl FunctionCounters {
    /// Of a module with so many imported functions and functions of its own, which has exports of these names.
    pub(super) fn new(imported: u32, own: u32, taken: &[&str]) -> Self {
        let numbered = |name: &&str| name.strip_prefix(NAME)?.split_once('.').map(|(number, _)| number.to_owned());
        let numbers: HashSet<String> = taken.iter().filter_map(numbered).collect();
        let free = (2_u32..).map(|number| number.to_string());
        let number = std::iter::once(String::new()).chain(free).find(|number| !numbers.contains(number)).unwrap_or_default();
        Self { prefix: format!("{NAME}{number}"), imported, own }
    }

    /// The functions that have counters: the indices of the module's own.
    pub const fn functions(&self) -> Range<u32> {
        self.imported..self.imported.saturating_add(self.own)
    }

    /// The export that tells how much fuel a function used, its callees left out.
    pub fn fuel(&self, function: u32) -> String {
        format!("{}.{function}.fuel", self.prefix)
    }

    /// The export that tells how often a function was entered.
    pub fn calls(&self, function: u32) -> String {
        format!("{}.{function}.calls", self.prefix)
    }

    /// How many globals there are.
    pub(super) const fn globals(&self) -> u32 {
        self.own.saturating_mul(GLOBALS)
    }

    /// All exports, with how many globals of counters stand before each of theirs.
    pub(super) fn exports(&self) -> impl Iterator<Item = (String, u32)> {
        self.functions().zip(0..).flat_map(|(function, position)| {
            let globals = Globals::of(0, position);
            [(self.fuel(function), globals.fuel), (self.calls(function), globals.calls)]
        })
    }
}

/// The globals of one function, by index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Globals {
    pub(super) fuel: u32,
    pub(super) calls: u32,
}

impl Globals {
    /// Of the function at this position among the module's own, where the globals of all begin at `first`.
    pub(super) const fn of(first: u32, position: u32) -> Self {
        let fuel = first.saturating_add(position.saturating_mul(GLOBALS));
        Self { fuel, calls: fuel.saturating_add(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_no_export_of_the_module_has() {
        let counters =
            FunctionCounters::new(2, 1, &["a", "skillscope.function", "skillscope.function.2.fuel", "skillscope.function2."]);
        assert_eq!(counters.functions(), 2..3);
        assert_eq!(
            (counters.fuel(2).as_str(), counters.calls(2).as_str()),
            ("skillscope.function3.2.fuel", "skillscope.function3.2.calls")
        );
        assert_eq!(counters.exports().collect::<Vec<_>>(), [(counters.fuel(2), 0), (counters.calls(2), 1)]);
        assert_eq!(FunctionCounters::new(0, 1, &["skillscope.function9"]).fuel(0), "skillscope.function.0.fuel");
    }
}
