//! What can be seen of a run from outside, in a form that compares: floats as bits, references as null or not.

pub use fuel_interpreter::{TrapKind, Used, Value};

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With these results.
    Returned(Vec<Value>),
    /// With a trap; the offset, where it is known, is that of the instruction in the original module.
    Trapped(TrapKind, Option<u64>),
    /// A host function ended it.
    ByHost,
    /// The fuel limit ended it.
    OutOfFuel,
    /// The native stack, or what stands for it.
    TooDeep,
}

impl Ended {
    /// The same without the place of a trap.
    pub fn without_place(&self) -> Self {
        match self {
            Self::Trapped(kind, _) => Self::Trapped(*kind, None),
            other => other.clone(),
        }
    }

    /// Whether nothing can be said of what comes after it.
    pub fn is_last(&self) -> bool {
        matches!(self, Self::OutOfFuel | Self::TooDeep)
    }
}

/// A reference to a function says only whether it is null: which function it is shows when it is called.
pub fn blurred(value: Value) -> Value {
    match value {
        Value::FuncRef(Some(_)) => Value::FuncRef(Some(0)),
        other => other,
    }
}

/// An instance as it stands: what it exports besides functions, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    pub globals: Vec<(String, Value)>,
    pub memories: Vec<(String, Vec<u8>)>,
    pub tables: Vec<(String, Vec<Value>)>,
}

impl State {
    /// The first difference from another one, in words; memories would fill a screen.
    pub fn difference(&self, other: &Self) -> Option<String> {
        if self.globals != other.globals {
            return Some(format!("globals {:?} and {:?}", self.globals, other.globals));
        }
        for ((name, one), (_, two)) in self.memories.iter().zip(&other.memories).filter(|(one, two)| one != two) {
            if one.len() != two.len() {
                return Some(format!("memory {name} of {} and of {} bytes", one.len(), two.len()));
            }
            if let Some(at) = one.iter().zip(two).position(|(one, two)| one != two) {
                return Some(format!("memory {name} at {at:#x}: {:#x} and {:#x}", one[at], two[at]));
            }
        }
        (self.tables != other.tables).then(|| format!("tables {:?} and {:?}", self.tables, other.tables))
    }
}

/// What one run of a script came to.
#[derive(Clone, Debug)]
pub struct Observed {
    /// How the instance's start and then each call ended; it ends early after the fuel limit or an exhausted stack.
    pub ends: Vec<Ended>,
    /// The fuel used after each of them; `None` where it is lost, and for bare modules.
    pub fuel: Vec<Option<u64>>,
    /// What was there at the end, where there is an instance.
    pub state: Option<State>,
    /// What each function had used at the end, imported ones first; where it was counted.
    pub functions: Option<Vec<Used>>,
}
