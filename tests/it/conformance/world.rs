//! Where a file's modules live: linked with each other and with the suite's own module, `spectest`.

use super::outcome::Outcome;
use super::steps::Action;
use crate::proof::observed::Value;

/// A place where modules are instantiated, linked and called.
pub trait World<'a> {
    /// Instantiates a module, which passed validation; it becomes the current one, and gets the name.
    fn instantiate(&mut self, name: Option<&str>, bytes: &'a [u8]) -> Outcome;
    /// Offers a module under a name.
    fn register(&mut self, module: Option<&str>, offered_as: &str) -> Outcome;
    fn invoke(&mut self, module: Option<&str>, export: &str, arguments: &[Value]) -> Outcome;
    fn get(&mut self, module: Option<&str>, export: &str) -> Outcome;
    /// Whether it refuses imports of the wrong type.
    fn checks_links(&self) -> bool;
    /// The fuel used so far by all modules together; `None` where it is not counted, or was lost.
    fn fuel(&mut self) -> Option<u64>;
}

/// Does a step.
pub fn act<'a>(world: &mut dyn World<'a>, action: &'a Action) -> Outcome {
    match action {
        Action::Module { name, bytes } => world.instantiate(name.as_deref(), bytes),
        Action::Register { module, offered_as } => world.register(module.as_deref(), offered_as),
        Action::Invoke { module, export, arguments } => world.invoke(module.as_deref(), export, arguments),
        Action::Get { module, export } => world.get(module.as_deref(), export),
        Action::Validate { .. } => Outcome::Impossible("validation needs no world".into()),
        Action::Unknown(what) => Outcome::Impossible((*what).to_owned()),
    }
}

/// The current module and those with names, as indices of whatever the world keeps.
#[derive(Default)]
pub struct Names {
    current: Option<usize>,
    named: std::collections::HashMap<String, usize>,
}

impl Names {
    pub fn add(&mut self, name: Option<&str>, index: usize) {
        self.current = Some(index);
        if let Some(name) = name {
            self.named.insert(name.to_owned(), index);
        }
    }

    pub fn find(&self, name: Option<&str>) -> Option<usize> {
        name.map_or(self.current, |name| self.named.get(name).copied())
    }
}
