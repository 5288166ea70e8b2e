//! Where in guest memory each function of WASI writes its answer, and what it wrote there: with that, a replay answers without the system.
//!
//! Ranges are told before a call, from its arguments, since the call may overwrite the list that names them; their content is taken after
//! it. A range may be larger than what was written: memory is then recorded as it was, which changes nothing when it is written again.

use super::WasiState;
use super::bounded::MAX_BUFFERS;
use crate::event::{GuestWrite, Payload};
use wasi_common::snapshots::preview_1::types::Errno;

/// The most bytes that are kept of one call; what wrote more cannot be replayed.
pub(super) const MAX_KEPT_BYTES: usize = 64 << 20;

/// One output of a function; numbers are those of its arguments, from 0.
#[derive(Clone, Copy, Debug)]
pub(super) enum Output {
    /// So many bytes at this pointer.
    Fixed(usize, u32),
    /// A buffer, by pointer and length.
    Buffer(usize, usize),
    /// The beginning of a buffer (pointer, length), as long as the cell at the third pointer says.
    Begun(usize, usize, usize),
    /// As before, of a function that may fail after it wrote a part.
    BegunPartly(usize, usize, usize),
    /// The buffers of a list (pointer, count), one after another, as many bytes as the cell at the third pointer says.
    Buffers(usize, usize, usize),
    /// Events at this pointer, as many as the cell at the third says, at most as many as the second argument.
    Events(usize, usize, usize),
    /// The pointers and the texts of the arguments.
    Arguments(usize, usize),
    /// The pointers and the texts of the environment.
    Environment(usize, usize),
    /// A directory's name, by pointer and length.
    DirectoryName(usize, usize),
}

use Output::{Arguments, Begun, BegunPartly, Buffer, Buffers, DirectoryName, Environment, Events, Fixed};

const SIZE: u32 = 4;
const TIMESTAMP: u32 = 8;
const FDSTAT: u32 = 24;
const FILESTAT: u32 = 64;
const EVENT: u32 = 32;

/// Every function of WASI preview 1, with what it writes.
const OUTPUTS: &[(&str, &[Output])] = &[
    ("args_get", &[Arguments(0, 1)]),
    ("args_sizes_get", &[Fixed(0, SIZE), Fixed(1, SIZE)]),
    ("environ_get", &[Environment(0, 1)]),
    ("environ_sizes_get", &[Fixed(0, SIZE), Fixed(1, SIZE)]),
    ("clock_res_get", &[Fixed(1, TIMESTAMP)]),
    ("clock_time_get", &[Fixed(2, TIMESTAMP)]),
    ("fd_advise", &[]),
    ("fd_allocate", &[]),
    ("fd_close", &[]),
    ("fd_datasync", &[]),
    ("fd_fdstat_get", &[Fixed(1, FDSTAT)]),
    ("fd_fdstat_set_flags", &[]),
    ("fd_fdstat_set_rights", &[]),
    ("fd_filestat_get", &[Fixed(1, FILESTAT)]),
    ("fd_filestat_set_size", &[]),
    ("fd_filestat_set_times", &[]),
    ("fd_pread", &[Buffers(1, 2, 4), Fixed(4, SIZE)]),
    ("fd_prestat_get", &[Fixed(1, 8)]),
    ("fd_prestat_dir_name", &[DirectoryName(1, 2)]),
    ("fd_pwrite", &[Fixed(4, SIZE)]),
    ("fd_read", &[Buffers(1, 2, 3), Fixed(3, SIZE)]),
    ("fd_readdir", &[BegunPartly(1, 2, 4), Fixed(4, SIZE)]),
    ("fd_renumber", &[]),
    ("fd_seek", &[Fixed(3, 8)]),
    ("fd_sync", &[]),
    ("fd_tell", &[Fixed(1, 8)]),
    ("fd_write", &[Fixed(3, SIZE)]),
    ("path_create_directory", &[]),
    ("path_filestat_get", &[Fixed(4, FILESTAT)]),
    ("path_filestat_set_times", &[]),
    ("path_link", &[]),
    ("path_open", &[Fixed(8, 4)]),
    ("path_readlink", &[Begun(3, 4, 5), Fixed(5, SIZE)]),
    ("path_remove_directory", &[]),
    ("path_rename", &[]),
    ("path_symlink", &[]),
    ("path_unlink_file", &[]),
    ("poll_oneoff", &[Events(1, 2, 3), Fixed(3, SIZE)]),
    ("proc_exit", &[]),
    ("proc_raise", &[]),
    ("sched_yield", &[]),
    ("random_get", &[Buffer(0, 1)]),
    ("sock_accept", &[Fixed(2, 4)]),
    ("sock_recv", &[Buffers(1, 2, 4), Fixed(4, SIZE), Fixed(5, 2)]),
    ("sock_send", &[Fixed(4, SIZE)]),
    ("sock_shutdown", &[]),
];

/// The ranges that a call may write, told before it.
#[derive(Debug, Default)]
pub(super) struct Plan {
    parts: Vec<Part>,
}

/// Ranges that are filled one after another.
#[derive(Debug)]
struct Part {
    /// Pointers and lengths.
    ranges: Vec<(u32, u32)>,
    /// The cell that says how far they were filled, and the bytes of one such unit; all of them without it.
    filled: Option<(u32, u32)>,
    may_fail_partly: bool,
}

/// A call that wrote more than is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMuch {
    pub(super) bytes: usize,
}

/// What a function writes.
pub(super) fn outputs_of(name: &str) -> &'static [Output] {
    OUTPUTS.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, outputs)| outputs)
}

impl Plan {
    /// What a call with these arguments may write.
    pub(super) fn new(name: &str, arguments: &[i64], memory: &[u8], state: &WasiState) -> Self {
        let outputs = outputs_of(name);
        let arguments = Arguments32(arguments);
        Self { parts: outputs.iter().flat_map(|output| arguments.parts(*output, memory, state)).collect() }
    }

    /// What the ranges hold after a call that returned this errno.
    ///
    /// A call that failed wrote nothing, with two exceptions: one whose ranges lie partly outside memory may have written the others,
    /// and a few may fail on their way. Of those all ranges are taken, as far as they are memory.
    pub(super) fn gather(&self, errno: i32, memory: &[u8]) -> Result<Vec<GuestWrite>, TooMuch> {
        let succeeded = errno == super::errno::number(Errno::Success);
        let faulted = errno == super::errno::number(Errno::Fault);
        let mut pieces = Vec::new();
        for part in self.parts.iter().filter(|part| succeeded || faulted || part.may_fail_partly) {
            let cell = part.filled.filter(|_| succeeded);
            let mut left =
                cell.map_or(usize::MAX, |(cell, unit)| read_u32(memory, cell).map_or(usize::MAX, |n| size(n) * size(unit)));
            for (ptr, length) in &part.ranges {
                let length = size(*length).min(left).min(memory.len().saturating_sub(size(*ptr)));
                left -= length;
                if let Some(piece) = memory.get(size(*ptr)..size(*ptr).saturating_add(length)).filter(|piece| !piece.is_empty()) {
                    pieces.push((*ptr, piece));
                }
            }
        }
        let bytes = pieces.iter().map(|(_, piece)| piece.len()).fold(0, usize::saturating_add);
        if bytes > MAX_KEPT_BYTES {
            return Err(TooMuch { bytes });
        }
        Ok(pieces.into_iter().map(|(ptr, piece)| GuestWrite { ptr, bytes: Payload::from(piece) }).collect())
    }
}

/// The arguments of a call, as the 32-bit numbers that pointers and lengths are.
#[derive(Clone, Copy)]
pub(super) struct Arguments32<'a>(pub(super) &'a [i64]);

impl Arguments32<'_> {
    pub(super) fn get(self, number: usize) -> u32 {
        let argument = self.0.get(number).copied().unwrap_or_default();
        // An i32 was widened with its sign.
        u32::try_from(argument & i64::from(u32::MAX)).unwrap_or_default()
    }

    fn parts(self, output: Output, memory: &[u8], state: &WasiState) -> Vec<Part> {
        let part = |ranges, filled, may_fail_partly| vec![Part { ranges, filled, may_fail_partly }];
        let whole = |ptr, length| part(vec![(ptr, length)], None, false);
        let begun = |ptr, length, cell, partly| part(vec![(self.get(ptr), self.get(length))], Some((self.get(cell), 1)), partly);
        match output {
            Fixed(ptr, length) => whole(self.get(ptr), length),
            Buffer(ptr, length) => whole(self.get(ptr), self.get(length)),
            DirectoryName(ptr, length) => whole(self.get(ptr), self.get(length).min(state.longest_directory_name)),
            Begun(ptr, length, cell) => begun(ptr, length, cell, false),
            BegunPartly(ptr, length, cell) => begun(ptr, length, cell, true),
            Buffers(list, count, cell) => {
                let ranges = buffers(memory, self.get(list), self.get(count)).collect();
                part(ranges, Some((self.get(cell), 1)), false)
            }
            Events(ptr, count, cell) => {
                let ranges = vec![(self.get(ptr), self.get(count).saturating_mul(EVENT))];
                part(ranges, Some((self.get(cell), EVENT)), false)
            }
            Arguments(pointers, texts) => {
                let (count, bytes) = (state.context.args.number_elements(), state.context.args.cumulative_size());
                part(vec![(self.get(pointers), count.saturating_mul(4)), (self.get(texts), bytes)], None, false)
            }
            Environment(pointers, texts) => {
                let (count, bytes) = (state.context.env.number_elements(), state.context.env.cumulative_size());
                part(vec![(self.get(pointers), count.saturating_mul(4)), (self.get(texts), bytes)], None, false)
            }
        }
    }
}

/// The buffers of a list, as far as it lies in memory: each a pointer and a length.
pub(super) fn buffers(memory: &[u8], list: u32, count: u32) -> impl Iterator<Item = (u32, u32)> {
    let count = count.min(MAX_BUFFERS.unsigned_abs());
    (0..count).map_while(move |at| {
        let buffer = list.checked_add(at.checked_mul(8)?)?;
        Some((read_u32(memory, buffer)?, read_u32(memory, buffer.checked_add(4)?)?))
    })
}

fn read_u32(memory: &[u8], ptr: u32) -> Option<u32> {
    let bytes = memory.get(size(ptr)..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*bytes))
}

pub(super) fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_function_with_arguments_that_it_has() {
        let names: Vec<_> = OUTPUTS.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, crate::module::WASI_FUNCTIONS.iter().map(|(name, ..)| *name).collect::<Vec<_>>());
        for ((name, outputs), (_, parameters, _)) in OUTPUTS.iter().zip(crate::module::WASI_FUNCTIONS) {
            for output in *outputs {
                let numbers = match *output {
                    Fixed(ptr, _) => vec![ptr],
                    Buffer(a, b) | Arguments(a, b) | Environment(a, b) | DirectoryName(a, b) => vec![a, b],
                    Begun(a, b, c) | BegunPartly(a, b, c) | Buffers(a, b, c) | Events(a, b, c) => vec![a, b, c],
                };
                for number in numbers {
                    assert_eq!(parameters.get(number), Some(&crate::module::Type::I32), "{name}: argument {number}");
                }
            }
        }
    }

    #[test]
    fn ranges_outside_memory_are_cut_to_it_and_what_is_too_much_is_not_kept() {
        let plan = |ranges: &[(u32, u32)], filled| Plan {
            parts: vec![Part { ranges: ranges.to_vec(), filled, may_fail_partly: false }],
        };
        let memory = [7_u8; 100];
        let lengths =
            |plan: &Plan, errno| plan.gather(errno, &memory).unwrap().iter().map(|write| write.bytes.len()).collect::<Vec<_>>();
        assert_eq!(lengths(&plan(&[(90, 20), (100, 1), (u32::MAX, u32::MAX), (0, 1)], None), 0), [10, 1]);
        assert_eq!(lengths(&plan(&[(0, 50)], None), 21), [50], "a fault");
        assert_eq!(lengths(&plan(&[(0, 50)], None), 8), [0; 0], "an error before anything was written");
        assert_eq!(lengths(&plan(&[(0, 3), (0, 0), (50, 50)], Some((u32::MAX, 1))), 0), [3, 50], "a cell outside memory");
        let large = vec![0_u8; MAX_KEPT_BYTES / 2 + 1];
        let ranges = [(0, u32::MAX), (0, u32::MAX)];
        assert_eq!(plan(&ranges, None).gather(0, &large), Err(TooMuch { bytes: MAX_KEPT_BYTES + 2 }));
    }
}
