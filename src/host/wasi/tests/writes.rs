//! What recorded calls wrote into guest memory: all of it, so that a replay can put it there again.

use super::*;
use std::collections::BTreeMap;

const MEMORY: usize = 2 * 65_536;
/// Where the image has names, lists of buffers, a buffer, and subscriptions.
const POINTERS: [i64; 12] = [0, 64, 1000, 1100, 1200, 2000, 2040, 3000, 4000, 131_032, 131_070, 0xffff_fff0];
const NUMBERS: [i64; 10] = [0, 1, 2, 3, 4, 5, 8, 32, 100, 5000];

/// A memory in which arguments can point to something that makes sense.
fn image() -> Vec<u8> {
    let mut memory = vec![0_u8; MEMORY];
    let mut put = |at: usize, bytes: &[u8]| memory[at..at + bytes.len()].copy_from_slice(bytes);
    put(1000, b"a.txt");
    put(1100, b"link");
    put(1200, b"fresh");
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    // The second buffer is the list itself, the third lies partly outside.
    put(2000, &words(&[3000, 0, 2000, 40, 131_070, 10]));
    put(2040, &words(&[3000, 7, 3001, 9]));
    put(4000 + 8, &[1]);
    put(4048 + 8, &[2]);
    put(4048 + 16, &[1]);
    memory
}

fn started(place: &Path) -> Guest {
    let _ = std::fs::create_dir(place.join("sub"));
    std::fs::write(place.join("a.txt"), "some text of a file").unwrap();
    #[cfg(unix)]
    let _ = std::os::unix::fs::symlink("a.txt", place.join("link"));
    let mut start = Start::directory(place, true);
    start.setup.arguments = vec!["skill".into(), "--flag".into()];
    start.setup.environment = vec![("MODE".into(), "dev".into())];
    start.setup.stdin = b"bytes of stdin".to_vec();
    start.is_observed = true;
    let mut guest = Guest::new(start);
    guest.put(0, &image());
    assert_eq!(guest.open("a.txt", 0, (1 << 29) - 1), Ok(4), "with all rights");
    guest.events();
    guest
}

/// A course of numbers that is the same each time.
struct Course(u64);

impl Course {
    fn of(&mut self, choices: &[i64]) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        choices[usize::try_from(self.0 % u64::try_from(choices.len()).unwrap()).unwrap()]
    }
}

/// Calls that succeed, of functions that arguments by chance seldom please.
const GOOD_CALLS: &[(&str, &[i64])] = &[
    ("fd_seek", &[4, 5, 0, 64]),
    ("fd_pread", &[4, 2000, 3, 2, 64]),
    ("fd_pwrite", &[4, 2040, 2, 2, 64]),
    ("path_filestat_get", &[3, 0, 1000, 5, 3000]),
    ("path_open", &[3, 0, 1000, 5, 0, 2, 0, 0, 131_068]),
    ("path_readlink", &[3, 1100, 4, 3000, 3, 131_068]),
    ("fd_readdir", &[3, 3000, 100, 0, 64]),
];

/// Compares memory after a call with what its record makes of the memory before; the bytes that were recorded of a success.
fn checked(guest: &mut Guest, image: &[u8], name: &str, arguments: &[i64]) -> Option<usize> {
    guest.put(0, image);
    guest.call(name, arguments).ok()?;
    let call = guest.calls().pop().unwrap();
    let mut replayed = image.to_vec();
    for write in &call.writes {
        let ptr = usize::try_from(write.ptr).unwrap();
        replayed[ptr..ptr + write.bytes.len()].copy_from_slice(write.bytes.as_bytes());
    }
    let after = guest.memory();
    if replayed != after {
        let first = (0..MEMORY).find(|at| replayed[*at] != after[*at]);
        panic!("{name} {arguments:?} changed memory at {first:?}, unrecorded: {call:?}");
    }
    let bytes = call.writes.iter().map(|write| write.bytes.len()).sum();
    Some(if call.errno == Some(errno::SUCCESS) { bytes } else { 0 })
}

#[test]
fn what_is_recorded_of_a_call_is_all_that_it_changed_in_memory() {
    let place = tempfile::tempdir().unwrap();
    let image = image();
    let mut course = Course(0x2545_f491_4f6c_dd1d);
    let mut wrote: BTreeMap<&str, usize> = BTreeMap::new();
    for name in FUNCTION_NAMES.iter().filter(|name| !["proc_exit", "proc_raise"].contains(name)) {
        let mut guest = started(place.path());
        let count = guest.parameters(name);
        for (_, arguments) in GOOD_CALLS.iter().filter(|(good, _)| good == name) {
            assert!(checked(&mut guest, &image, name, arguments).unwrap() > 0, "{name} {arguments:?}");
            wrote.insert(name, 1);
        }
        for _ in 0..150 {
            let mut argument = || if course.of(&[0, 1]) == 0 { course.of(&POINTERS) } else { course.of(&NUMBERS) };
            let arguments: Vec<i64> = (0..count).map(|_| argument()).collect();
            match checked(&mut guest, &image, name, &arguments) {
                Some(0) => {}
                Some(_) => *wrote.entry(name).or_default() += 1,
                None => break,
            }
            // What was closed is open again for the next call.
            if ["fd_close", "fd_renumber"].contains(name) {
                guest = started(place.path());
            }
        }
    }
    let outputs = [
        "args_get",
        "args_sizes_get",
        "clock_res_get",
        "clock_time_get",
        "environ_get",
        "environ_sizes_get",
        "fd_fdstat_get",
        "fd_filestat_get",
        "fd_pread",
        "fd_prestat_dir_name",
        "fd_prestat_get",
        "fd_pwrite",
        "fd_read",
        "fd_readdir",
        "fd_seek",
        "fd_tell",
        "fd_write",
        "path_filestat_get",
        "path_open",
        "path_readlink",
        "poll_oneoff",
        "random_get",
    ];
    assert_eq!(wrote.keys().copied().collect::<Vec<_>>(), outputs, "{wrote:?}");
}

#[test]
fn a_reading_records_its_bytes_and_its_count_and_nothing_more() {
    let place = tempfile::tempdir().unwrap();
    let mut guest = started(place.path());
    assert_eq!(guest.read(4, 60_000).unwrap(), b"some text of a file");
    let call = guest.calls().pop().unwrap();
    let writes: Vec<_> = call.writes.iter().map(|write| (write.ptr, write.bytes.as_bytes())).collect();
    assert_eq!(writes, [(5000, &b"some text of a file"[..]), (900, &[19, 0, 0, 0])]);
}

#[test]
fn a_failed_call_and_a_run_that_nobody_records_have_none() {
    let place = tempfile::tempdir().unwrap();
    let mut guest = started(place.path());
    assert_eq!(guest.read(99, 100), Err(errno::BADF));
    assert_eq!(guest.calls().pop().unwrap().writes, []);
    let mut guest = Guest::new(Start::stdin(b"hello"));
    assert_eq!(guest.read(0, 100).unwrap(), b"hello");
    assert_eq!(guest.calls().pop().unwrap().writes, []);
}
