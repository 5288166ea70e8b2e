//! Where a run's fuel went: what each function of the module used itself.

use serde::{Deserialize, Serialize};

/// What one function of a module used in a profiled run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionFuel {
    /// The function's name, demangled, where the module names it.
    pub function: Option<String>,
    /// The function's index in the function index space of the module as its author built it.
    pub function_index: u32,
    /// The fuel that its own instructions used, its callees' left out.
    pub fuel: u64,
    /// How often it was entered.
    pub calls: u64,
}

impl FunctionFuel {
    /// Puts functions in the order of reports: those that used most first, and of equals the one with the lower index.
    pub fn sort(functions: &mut [Self]) {
        functions.sort_unstable_by_key(|function| (std::cmp::Reverse(function.fuel), function.function_index));
    }
}

impl std::fmt::Display for FunctionFuel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.function {
            Some(name) => f.write_str(name),
            None => write!(f, "function {}", self.function_index),
        }
    }
}
