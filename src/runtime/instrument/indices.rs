//! The functions of the rewritten module: the original's, behind the checkpoint, and the wrappers behind them.
//!
//! The host knows nothing of the counter that functions carry: an export, and the start function, is a wrapper that takes the counter from
//! the global and puts it back. An imported function that may get into a table, where its callers hand over the counter, is one too, the
//! other way round.

use super::instruction::index;
use super::sequence::{Added, write_u32};
use super::signature::Signatures;

const CALL: u8 = 0x10;
const LOCAL_GET: u8 = 0x20;
const LOCAL_TEE: u8 = 0x22;
const GLOBAL_GET: u8 = 0x23;
const GLOBAL_SET: u8 = 0x24;
const I64_ADD: u8 = 0x7c;
const I64_SUB: u8 = 0x7d;
const REF_FUNC: u8 = 0xd2;

/// Where functions are in the rewritten module.
#[derive(Debug)]
pub(super) struct Indices {
    imported: u32,
    own: u32,
    /// Functions of the original module that need a wrapper, in the order of the wrappers: ascending.
    wrapped: Vec<Wrapped>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Wrapped {
    function: u32,
    type_index: u32,
}

impl Indices {
    /// Of a module with functions of these types, imported ones first, of which the host calls some, and some imported ones may get
    /// into tables.
    pub(super) fn new(
        imported_types: &[u32],
        own_types: &[u32],
        called_by_host: impl Iterator<Item = u32>,
        referred_imports: impl Iterator<Item = u32>,
        signatures: &Signatures,
    ) -> Self {
        let imported = u32::try_from(imported_types.len()).unwrap_or(u32::MAX);
        let own = u32::try_from(own_types.len()).unwrap_or(u32::MAX);
        let own_ones = called_by_host.filter(|function| *function >= imported);
        let mut wrapped: Vec<Wrapped> = own_ones
            .chain(referred_imports)
            .filter_map(|function| {
                let position = index(function);
                let own_type = || own_types.get(position.checked_sub(imported_types.len())?);
                let type_index = *imported_types.get(position).or_else(own_type)?;
                signatures.carries(type_index).then_some(Wrapped { function, type_index })
            })
            .collect();
        wrapped.sort_unstable();
        wrapped.dedup();
        Self { imported, own, wrapped }
    }

    /// How many functions of its own the original module has.
    pub(super) const fn own(&self) -> u32 {
        self.own
    }

    /// How many functions of its own the rewritten module has.
    pub(super) fn bodies(&self) -> u32 {
        self.own.saturating_add(u32::try_from(self.wrapped.len()).unwrap_or(u32::MAX)).saturating_add(1)
    }

    /// The function, behind all others, that calls the checkpoint.
    pub(super) fn next_slice(&self) -> u32 {
        self.imported.saturating_add(self.bodies())
    }

    /// The index of a function of the original module.
    pub(super) const fn moved(&self, function: u32) -> u32 {
        if function < self.imported { function } else { function.saturating_add(1) }
    }

    /// The index of what the host calls for a function of the original module.
    pub(super) fn for_the_host(&self, function: u32) -> u32 {
        self.wrapper(function).filter(|_| function >= self.imported).unwrap_or_else(|| self.moved(function))
    }

    /// The index of what a reference to a function of the original module refers to.
    pub(super) fn for_a_reference(&self, function: u32) -> u32 {
        self.wrapper(function).filter(|_| function < self.imported).unwrap_or_else(|| self.moved(function))
    }

    /// Writes a reference to a function of the original module.
    pub(super) fn ref_func(&self, function: u32, out: &mut Vec<u8>) {
        op(out, REF_FUNC, self.for_a_reference(function));
    }

    fn wrapper(&self, function: u32) -> Option<u32> {
        let position = self.wrapped.binary_search_by_key(&function, |wrapped| wrapped.function).ok()?;
        let first = self.imported.saturating_add(1).saturating_add(self.own);
        u32::try_from(position).ok().map(|position| first.saturating_add(position))
    }

    /// The types of the wrappers in the rewritten module.
    pub(super) fn wrapper_types(&self, signatures: &Signatures) -> impl Iterator<Item = u32> {
        let type_index = |wrapped: &Wrapped| {
            if wrapped.function < self.imported { signatures.rewritten(wrapped.type_index) } else { wrapped.type_index }
        };
        self.wrapped.iter().map(type_index).chain([signatures.next_slice()])
    }

    /// The original types of the functions that have wrappers.
    pub(super) fn wrapped_types(&self) -> impl Iterator<Item = u32> {
        self.wrapped.iter().map(|wrapped| wrapped.type_index)
    }

    /// The code of the wrappers, without their `end`.
    pub(super) fn wrappers(&self, added: Added, signatures: &Signatures) -> impl Iterator<Item = impl FnOnce(&mut Vec<u8>)> {
        self.wrapped.iter().map(move |wrapped| {
            let parameters = signatures.parameters(wrapped.type_index);
            let function = self.moved(wrapped.function);
            let is_import = wrapped.function < self.imported;
            move |out: &mut Vec<u8>| {
                if is_import {
                    op(out, LOCAL_GET, parameters);
                    op(out, GLOBAL_SET, added.fuel);
                }
                for parameter in 0..parameters {
                    op(out, LOCAL_GET, parameter);
                }
                if !is_import {
                    op(out, GLOBAL_GET, added.fuel);
                }
                op(out, CALL, function);
                op(out, if is_import { GLOBAL_GET } else { GLOBAL_SET }, added.fuel);
            }
        })
    }
}

/// The code of the function that calls the checkpoint, without its `end`.
pub(super) fn write_next_slice(added: Added, out: &mut Vec<u8>) {
    const COUNT: u32 = 0;
    const OWED: u32 = 1;
    op(out, LOCAL_GET, COUNT);
    op(out, LOCAL_GET, OWED);
    out.push(I64_SUB);
    op(out, LOCAL_TEE, COUNT);
    op(out, GLOBAL_SET, added.fuel);
    op(out, LOCAL_GET, COUNT);
    op(out, CALL, added.checkpoint);
    op(out, LOCAL_GET, OWED);
    out.push(I64_ADD);
    op(out, LOCAL_TEE, COUNT);
    op(out, GLOBAL_SET, added.fuel);
    op(out, LOCAL_GET, COUNT);
}

fn op(out: &mut Vec<u8>, code: u8, operand: u32) {
    out.push(code);
    write_u32(out, operand);
}
