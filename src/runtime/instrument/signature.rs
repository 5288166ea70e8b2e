//! Function types as far as the rewriter needs them: how many parameters, and which are the same.

use super::InstrumentError;
use super::instruction::index;
use std::collections::HashMap;
use wasmparser::{CompositeInnerType, FuncType, TypeSectionReader};

/// The module's function types.
#[derive(Debug, Default)]
pub(super) struct Signatures {
    types: Vec<Signature>,
    classes: usize,
}

#[derive(Clone, Copy, Debug)]
struct Signature {
    parameters: u32,
    /// The same for types that are written alike: a `call_indirect` through one reaches functions of the other.
    class: usize,
}

impl Signatures {
    pub(super) fn read(section: Option<&TypeSectionReader<'_>>) -> Result<Self, InstrumentError> {
        let mut types = Vec::new();
        let mut classes: HashMap<FuncType, usize> = HashMap::new();
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
                let next_class = classes.len();
                let class = *classes.entry(function).or_insert(next_class);
                types.push(Signature { parameters, class });
            }
        }
        Ok(Self { types, classes: classes.len() })
    }

    /// How many types there are: the index of the next one.
    pub(super) fn count(&self) -> usize {
        self.types.len()
    }

    /// How many different types there are.
    pub(super) const fn classes(&self) -> usize {
        self.classes
    }

    /// The number of parameters of a type; 0 where there is no such type.
    pub(super) fn parameters(&self, type_index: u32) -> u32 {
        self.types.get(index(type_index)).map_or(0, |signature| signature.parameters)
    }

    /// Which of the different types it is.
    pub(super) fn class(&self, type_index: u32) -> Option<usize> {
        self.types.get(index(type_index)).map(|signature| signature.class)
    }
}
