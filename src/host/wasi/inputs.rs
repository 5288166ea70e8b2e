//! What each function of WASI reads from guest memory to know what is asked, so that a replay can hold one call against another.
//!
//! Addresses, and how a guest cuts its buffers, say nothing of what is asked; paths, what is written to files, and all other
//! arguments do.

use super::outputs::{Arguments32, MAX_KEPT_BYTES, Output, buffers, outputs_of, size};
use crate::event::{GuestRead, Payload, WasiCall, difference};

/// How much of a path is kept: a longer one is refused anyway.
const MAX_PATH_BYTES: usize = 64 << 10;

/// One input of a function; numbers are those of its arguments, from 0.
#[derive(Clone, Copy, Debug)]
enum Input {
    /// A path, by pointer and length.
    Path(usize, usize),
    /// The buffers of a list (pointer, count), one after another.
    Data(usize, usize),
    /// A pointer to what is not looked at.
    Pointer(usize),
}

use Input::{Data, Path, Pointer};

/// The functions that read guest memory.
const INPUTS: &[(&str, &[Input])] = &[
    ("fd_pwrite", &[Data(1, 2)]),
    ("fd_write", &[Data(1, 2)]),
    ("path_create_directory", &[Path(1, 2)]),
    ("path_filestat_get", &[Path(2, 3)]),
    ("path_filestat_set_times", &[Path(2, 3)]),
    ("path_link", &[Path(2, 3), Path(5, 6)]),
    ("path_open", &[Path(2, 3)]),
    ("path_readlink", &[Path(1, 2)]),
    ("path_remove_directory", &[Path(1, 2)]),
    ("path_rename", &[Path(1, 2), Path(4, 5)]),
    ("path_symlink", &[Path(0, 1), Path(3, 4)]),
    ("path_unlink_file", &[Path(1, 2)]),
    ("poll_oneoff", &[Pointer(0)]),
    ("sock_send", &[Data(1, 2)]),
];

fn inputs_of(name: &str) -> &'static [Input] {
    INPUTS.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, inputs)| inputs)
}

/// What a call reads, in the order of its arguments; nothing where it is too much, and of standard output, which is told as that.
pub(super) fn read(name: &str, arguments: &[i64], memory: &[u8]) -> Vec<GuestRead> {
    if name == "fd_write" && matches!(arguments.first(), Some(1 | 2)) {
        return Vec::new();
    }
    let numbers = Arguments32(arguments);
    let mut reads = Vec::new();
    for input in inputs_of(name) {
        let bytes = match *input {
            Path(ptr, length) => piece(memory, numbers.get(ptr), size(numbers.get(length)).min(MAX_PATH_BYTES)).to_vec(),
            Data(list, count) => data(memory, numbers.get(list), numbers.get(count)),
            Pointer(_) => continue,
        };
        reads.push(GuestRead(Payload::from(bytes)));
    }
    let bytes: usize = reads.iter().map(|read| read.0.len()).sum();
    if bytes > MAX_KEPT_BYTES { Vec::new() } else { reads }
}

fn data(memory: &[u8], list: u32, count: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (ptr, length) in buffers(memory, list, count) {
        // One byte more than is kept says that it is too much.
        let left = (MAX_KEPT_BYTES + 1).saturating_sub(bytes.len());
        bytes.extend_from_slice(piece(memory, ptr, size(length).min(left)));
    }
    bytes
}

fn piece(memory: &[u8], ptr: u32, length: usize) -> &[u8] {
    memory.get(size(ptr)..size(ptr).saturating_add(length)).unwrap_or_default()
}

/// How a call differs from the recorded one of the same function, in words; `None` where both ask the same.
pub(super) fn difference_from(recorded: &WasiCall, arguments: &[i64], reads: &[GuestRead], by_address: bool) -> Option<String> {
    for (number, (before, now)) in recorded.arguments.iter().zip(arguments).enumerate() {
        if before != now && (by_address || !says_nothing(&recorded.name, number)) {
            return Some(format!("argument {number}: {before} in the record, now {now}"));
        }
    }
    for (before, now) in recorded.reads.iter().zip(reads) {
        if before != now {
            return Some(difference(&before.0.to_text_lossy(), &now.0.to_text_lossy()));
        }
    }
    None
}

/// Whether an argument is an address, or belongs to one.
fn says_nothing(name: &str, number: usize) -> bool {
    let by_input = inputs_of(name).iter().any(|input| match *input {
        Path(ptr, length) => number == ptr || number == length,
        Data(list, count) => number == list || number == count,
        Pointer(ptr) => number == ptr,
    });
    by_input || outputs_of(name).iter().any(|output| addresses(*output).contains(&number))
}

fn addresses(output: Output) -> Vec<usize> {
    match output {
        Output::Fixed(ptr, _) | Output::Buffer(ptr, _) | Output::DirectoryName(ptr, _) => vec![ptr],
        Output::Begun(ptr, _, cell) | Output::BegunPartly(ptr, _, cell) | Output::Events(ptr, _, cell) => vec![ptr, cell],
        Output::Buffers(list, count, cell) => vec![list, count, cell],
        Output::Arguments(pointers, texts) | Output::Environment(pointers, texts) => vec![pointers, texts],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_functions_with_arguments_that_they_have() {
        for (name, inputs) in INPUTS {
            let (_, parameters, _) = crate::module::WASI_FUNCTIONS.iter().find(|(known, ..)| known == name).unwrap();
            for input in *inputs {
                let numbers = match *input {
                    Path(a, b) | Data(a, b) => vec![a, b],
                    Pointer(a) => vec![a],
                };
                for number in numbers {
                    assert_eq!(parameters.get(number), Some(&crate::module::Type::I32), "{name}: argument {number}");
                }
            }
        }
    }

    #[test]
    fn addresses_say_nothing_and_paths_do() {
        let memory = b"....a.txtb.txt";
        let open = |ptr: i64| [3, 0, ptr, 5, 0, 1, 1, 0, 64];
        let recorded = WasiCall {
            name: "path_open".into(),
            arguments: open(4).to_vec(),
            reads: read("path_open", &open(4), memory),
            ..WasiCall::default()
        };
        let moved = b"a.txt";
        assert_eq!(difference_from(&recorded, &open(0), &read("path_open", &open(0), moved), false), None);
        assert!(difference_from(&recorded, &open(0), &read("path_open", &open(0), moved), true).is_some());
        let other = difference_from(&recorded, &open(9), &read("path_open", &open(9), memory), false).unwrap();
        assert_eq!(other, "[-a.txt-]{+b.txt+}\n");
        let mut flags = open(4);
        flags[4] = 1;
        let told = difference_from(&recorded, &flags, &recorded.reads, false).unwrap();
        assert_eq!(told, "argument 4: 0 in the record, now 1");
        assert!(read("path_open", &open(1 << 31), memory)[0].0.is_empty(), "outside memory");
    }
}
