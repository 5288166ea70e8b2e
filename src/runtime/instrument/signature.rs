//! Function types as far as the rewriter needs them: how many parameters, which are the same, and which can carry the counter.
//!
//! Functions of a type that *carries* take the counter as one more parameter, behind their own, and return it as one more result, so that
//! it stays in a register across calls. A type whose results an engine would then hand over in memory does not carry, nor one that
//! has no room: its functions find the counter in the global, as the host does.

use super::InstrumentError;
use super::instruction::index;
use std::collections::{HashMap, HashSet};
use wasmparser::{CompositeInnerType, FuncType, TypeSectionReader, ValType};

/// The engine's bound on the parameters of a function.
const MAX_PARAMETERS: usize = 1000;

/// The module's function types.
#[derive(Debug, Default)]
pub(super) struct Signatures {
    types: Vec<Signature>,
    classes: Vec<Class>,
    /// The classes that got a type with the counter behind the module's own.
    added: Vec<usize>,
}

#[derive(Clone, Copy, Debug)]
struct Signature {
    parameters: u32,
    /// Whether the rewritten module has the type with the counter in its place, as nothing needs it as it was.
    replaced: bool,
    /// The same for types that are written alike: a `call_indirect` through one reaches functions of the other.
    class: usize,
}

/// Types that are written alike.
#[derive(Debug)]
struct Class {
    function: FuncType,
    carries: bool,
    /// The index of the type with the counter, in the rewritten module, where one is needed.
    carrying_type: Option<u32>,
}

impl Signatures {
    pub(super) fn read(section: Option<&TypeSectionReader<'_>>) -> Result<Self, InstrumentError> {
        let mut signatures = Self::default();
        let mut known: HashMap<FuncType, usize> = HashMap::new();
        for group in section.cloned().into_iter().flatten() {
            let group = group?;
            if group.is_explicit_rec_group() {
                return Err(InstrumentError::Unsupported { what: "a recursive type", offset: 0 });
            }
            for (offset, sub_type) in group.into_types_and_offsets() {
                let CompositeInnerType::Func(function) = sub_type.composite_type.inner else {
                    return Err(InstrumentError::Unsupported { what: "a type that is not a function's", offset });
                };
                let parameters = u32::try_from(function.params().len()).unwrap_or(u32::MAX);
                let class = *known.entry(function.clone()).or_insert(signatures.classes.len());
                if class == signatures.classes.len() {
                    signatures.classes.push(Class { carries: can_carry(&function), function, carrying_type: None });
                }
                signatures.types.push(Signature { parameters, replaced: false, class });
            }
        }
        Ok(signatures)
    }

    /// The index of the checkpoint's type, the first that is added.
    pub(super) fn checkpoint(&self) -> u32 {
        u32::try_from(self.types.len()).unwrap_or(u32::MAX)
    }

    /// The index of the type of the function that calls the checkpoint, the second that is added.
    pub(super) fn next_slice(&self) -> u32 {
        self.checkpoint().saturating_add(1)
    }

    /// How many different types there are.
    pub(super) fn classes(&self) -> usize {
        self.classes.len()
    }

    /// The number of parameters of a type; 0 where there is no such type.
    pub(super) fn parameters(&self, type_index: u32) -> u32 {
        self.types.get(index(type_index)).map_or(0, |signature| signature.parameters)
    }

    /// Which of the different types it is.
    pub(super) fn class(&self, type_index: u32) -> Option<usize> {
        self.types.get(index(type_index)).map(|signature| signature.class)
    }

    /// Whether functions of this type carry the counter.
    pub(super) fn carries(&self, type_index: u32) -> bool {
        self.class_of(type_index).is_some_and(|class| class.carries)
    }

    /// The only result of a type that carries, if it has one.
    pub(super) fn result(&self, type_index: u32) -> Option<ValType> {
        self.class_of(type_index).and_then(|class| class.function.results().first().copied())
    }

    /// Functions of this type have no room for the counter.
    pub(super) fn must_not_carry(&mut self, type_index: u32) {
        if let Some(class) = self.class(type_index).and_then(|class| self.classes.get_mut(class)) {
            class.carries = false;
        }
    }

    /// No type carries.
    pub(super) fn none_carries(&mut self) {
        self.classes.iter_mut().for_each(|class| class.carries = false);
    }

    /// Gives each of these types that carries a type with the counter, by index in the rewritten module: in its own place, where it is not
    /// one of those that are `kept` as they are, and else behind the two others that are added. An engine makes code for each type.
    pub(super) fn add_carrying_types(&mut self, used: impl Iterator<Item = u32>, kept: &HashSet<u32>) {
        let first = self.next_slice().saturating_add(1);
        for type_index in used {
            let next = first.saturating_add(self.added_count());
            if let Some(signature) = self.types.get_mut(index(type_index))
                && let Some(class) = self.classes.get_mut(signature.class)
                && class.carries
                && class.carrying_type.is_none()
            {
                signature.replaced = !kept.contains(&type_index);
                if signature.replaced {
                    class.carrying_type = Some(type_index);
                } else {
                    class.carrying_type = Some(next);
                    self.added.push(signature.class);
                }
            }
        }
    }

    /// The module's own types, each with whether the counter comes to it in its place.
    pub(super) fn own(&self) -> impl Iterator<Item = (&FuncType, bool)> {
        let function = |signature: &Signature| Some((&self.classes.get(signature.class)?.function, signature.replaced));
        self.types.iter().filter_map(function)
    }

    /// The types that got one with the counter behind the module's own, in the order of its index.
    pub(super) fn added(&self) -> impl Iterator<Item = &FuncType> {
        self.added.iter().filter_map(|class| self.classes.get(*class)).map(|class| &class.function)
    }

    /// How many types got one with the counter behind the module's own.
    pub(super) fn added_count(&self) -> u32 {
        u32::try_from(self.added.len()).unwrap_or(u32::MAX)
    }

    /// The type of functions of this type in the rewritten module.
    pub(super) fn rewritten(&self, type_index: u32) -> u32 {
        self.class_of(type_index).and_then(|class| class.carrying_type).unwrap_or(type_index)
    }

    fn class_of(&self, type_index: u32) -> Option<&Class> {
        self.class(type_index).and_then(|class| self.classes.get(class))
    }
}

/// Two results of at most 64 bits come back in registers.
fn can_carry(function: &FuncType) -> bool {
    let in_a_register = |of_type: &ValType| *of_type != ValType::V128;
    function.params().len() < MAX_PARAMETERS && function.results().len() <= 1 && function.results().iter().all(in_a_register)
}
