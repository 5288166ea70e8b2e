//! The locals that a function declares, and room among them for those of the rewriter.

use super::InstrumentError;
use super::instruction::{index, offset};
use super::scan::offset32;
use super::sequence::write_u32;

/// The engine's bound on the locals of a function, parameters included.
const MAX_LOCALS: u64 = 50_000;

/// How many locals a function gets at most.
const MAX_ADDED: u64 = 3;

/// Declarations as they are; offsets are those of the original module.
#[derive(Clone, Copy, Debug)]
pub(super) struct DeclaredLocals {
    groups: u32,
    /// How many there are, parameters included.
    count: u32,
    /// Where the groups begin, behind their count.
    start: u32,
    /// Where the code begins.
    pub(super) end: u32,
    first: Option<Group>,
}

/// The first group that declares anything.
#[derive(Clone, Copy, Debug)]
struct Group {
    start: u32,
    locals: u32,
    type_start: u32,
    end: u32,
}

impl DeclaredLocals {
    /// Reads the declarations at the beginning of the body `start..end` of a function with so many parameters.
    pub(super) fn read(module: &[u8], (start, end): (usize, usize), parameters: u32) -> Result<Self, InstrumentError> {
        let mut reader = wasmparser::BinaryReader::new(module.get(start..end).unwrap_or_default(), offset(start));
        let groups = reader.read_var_u32()?;
        let position = |reader: &wasmparser::BinaryReader<'_>| offset32(start.saturating_add(reader.current_position()));
        let groups_start = position(&reader)?;
        let mut count = u64::from(parameters);
        let mut first = None;
        for _ in 0..groups {
            let group_start = position(&reader)?;
            let locals = reader.read_var_u32()?;
            let type_start = position(&reader)?;
            reader.read::<wasmparser::ValType>()?;
            count = count.saturating_add(u64::from(locals));
            if first.is_none() && locals > 0 {
                first = Some(Group { start: group_start, locals, type_start, end: position(&reader)? });
            }
        }
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        Ok(Self { groups, count, start: groups_start, end: position(&reader)?, first })
    }

    /// How many locals there are, parameters included.
    pub(super) const fn count(&self) -> u32 {
        self.count
    }

    /// Whether the rewriter may add as many as it likes.
    pub(super) fn has_room(&self) -> bool {
        u64::from(self.count).saturating_add(MAX_ADDED) <= MAX_LOCALS
    }

    /// Whether any are declared.
    pub(super) const fn any(&self) -> bool {
        self.first.is_some()
    }

    /// Writes them with more behind them: the first one, where another parameter takes its index, and those of these types.
    pub(super) fn write(&self, module: &[u8], moves_first: bool, added: &[u8], out: &mut Vec<u8>) {
        let moved = self.first.filter(|_| moves_first);
        let bytes = |start: u32, end: u32| module.get(index(start)..index(end)).unwrap_or_default();
        let added_groups = added.len().saturating_add(usize::from(moved.is_some()));
        write_u32(out, self.groups.saturating_add(u32::try_from(added_groups).unwrap_or(u32::MAX)));
        const ONE_LOCAL: u8 = 1;
        if let Some(group) = moved {
            out.extend_from_slice(bytes(self.start, group.start));
            write_u32(out, group.locals.saturating_sub(1));
            out.extend_from_slice(bytes(group.type_start, self.end));
            out.push(ONE_LOCAL);
            out.extend_from_slice(bytes(group.type_start, group.end));
        } else {
            out.extend_from_slice(bytes(self.start, self.end));
        }
        for of_type in added {
            out.extend([ONE_LOCAL, *of_type]);
        }
    }
}
