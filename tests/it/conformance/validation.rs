//! The suite's valid modules pass skillscope's own validation, and its invalid and malformed ones are refused by it. What a module imports and
//! exports, and how large a valid one may be, is another matter: no module of the suite is a skill.

use super::steps::{Action, Expected, Step};
use skillscope::module::{LoadOptions, ModuleFault, load};
use skillscope::runtime::instrument::{TrapPlaces, instrument};

/// What is wrong with the validation of a step's module, where it has one.
pub fn fault(step: &Step) -> Option<String> {
    match (&step.action, &step.expected) {
        (Action::Module { bytes, .. }, _) => {
            let faults = faults(bytes);
            let refused = faults.iter().find(|fault| !is_about_skills(fault) && !is_about_size(fault));
            refused.map(|fault| format!("a valid module is refused: {fault}"))
        }
        (Action::Validate { content }, Expected::Refused) => {
            // Whatever it is, the rewriter must survive it.
            drop(instrument(content, TrapPlaces::Told));
            let faults = faults(content);
            faults.iter().all(is_about_skills).then(|| format!("it passes validation: {faults:?}"))
        }
        _ => None,
    }
}

/// All that is wrong with a module.
pub fn faults(content: &[u8]) -> Vec<ModuleFault> {
    load("suite", content.to_vec(), &LoadOptions::default()).map_or_else(|error| error.faults, |_| Vec::new())
}

/// Whether a fault is that a size is above skillscope's limits.
fn is_about_size(fault: &ModuleFault) -> bool {
    matches!(fault, ModuleFault::MemoryTooLarge { .. } | ModuleFault::TooManyTables | ModuleFault::TableTooLarge { .. })
}

/// Whether a fault is one of imports and exports, and says nothing on validity.
pub fn is_about_skills(fault: &ModuleFault) -> bool {
    match fault {
        ModuleFault::Imports(_) | ModuleFault::TwoProfiles | ModuleFault::NoProfile { .. } | ModuleFault::Exports { .. } => true,
        ModuleFault::Empty
        | ModuleFault::NotWasm { .. }
        | ModuleFault::TooLarge { .. }
        | ModuleFault::Version { .. }
        | ModuleFault::Component { .. }
        | ModuleFault::Truncated { .. }
        | ModuleFault::Text(_)
        | ModuleFault::Malformed { .. }
        | ModuleFault::Features(_)
        | ModuleFault::MemoryTooLarge { .. }
        | ModuleFault::TooManyTables
        | ModuleFault::TableTooLarge { .. } => false,
    }
}
