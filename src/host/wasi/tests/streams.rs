//! Standard input and the two outputs.

use super::{Guest, Start, errno};
use crate::event::{Payload, RunEvent};
use crate::host::Stop;

const CHARACTER_DEVICE: u8 = 2;
const UNKNOWN: u8 = 0;
const FD_READ: u64 = 1 << 1;
const FD_SEEK: u64 = 1 << 2;
const FD_TELL: u64 = 1 << 5;
const FD_WRITE: u64 = 1 << 6;

#[test]
fn outputs_look_like_terminals_to_a_c_library_and_stdin_does_not() {
    let mut guest = Guest::new(Start::default());
    for (fd, kind, right) in [(0, UNKNOWN, FD_READ), (1, CHARACTER_DEVICE, FD_WRITE), (2, CHARACTER_DEVICE, FD_WRITE)] {
        assert_eq!(guest.errno("fd_fdstat_get", &[fd, 96]), errno::SUCCESS);
        let [filetype] = guest.get(96);
        assert_eq!(filetype, kind, "descriptor {fd}");
        assert_eq!(guest.long(104) & (FD_READ | FD_WRITE | FD_SEEK | FD_TELL), right, "descriptor {fd}");
        assert_eq!(guest.errno("fd_filestat_get", &[fd, 96]), errno::SUCCESS);
        assert_eq!(guest.errno("fd_seek", &[fd, 0, 1, 96]), errno::SPIPE);
        assert_eq!(guest.errno("fd_tell", &[fd, 96]), errno::SPIPE);
        assert_eq!(guest.errno("fd_fdstat_set_flags", &[fd, 4]), errno::SUCCESS, "to be non-blocking");
    }
}

#[test]
fn what_is_written_becomes_an_event_at_once_and_stdout_is_kept() {
    let mut guest = Guest::new(Start::default());
    guest.put(100, b"one two");
    guest.put_words(200, &[100, 4, 0, 0, 104, 3]);
    assert_eq!(guest.errno("fd_write", &[1, 200, 3, 300]), errno::SUCCESS);
    assert_eq!(guest.word(300), 7);
    assert_eq!(guest.write(2, b"\xff"), Ok(1));
    assert_eq!(guest.write(1, b"!"), Ok(1));
    assert_eq!(guest.write(1, b""), Ok(0));
    assert_eq!(guest.stdout(), b"one two!");
    let said: Vec<_> = guest.events().into_iter().filter(|event| !matches!(event, RunEvent::WasiCall(_))).collect();
    let stdout = |text: &str| RunEvent::Stdout { bytes: Payload::from(text) };
    assert_eq!(said, [stdout("one two"), RunEvent::Stderr { bytes: Payload::Bytes(vec![0xff]) }, stdout("!")]);
}

#[test]
fn stdin_is_read_to_its_end() {
    let mut guest = Guest::new(Start::stdin(b"hello"));
    assert_eq!(guest.read(0, 3), Ok(b"hel".to_vec()));
    assert_eq!(guest.read(0, 0), Ok(Vec::new()));
    assert_eq!(guest.read(0, 30), Ok(b"lo".to_vec()));
    assert_eq!(guest.read(0, 30), Ok(Vec::new()));
    assert_eq!(guest.write(0, b"x"), Err(errno::BADF));
    assert_eq!(guest.read(1, 1), Err(errno::BADF));
    assert_eq!(guest.errno("fd_pread", &[0, 800, 1, 0, 900]), errno::SPIPE);
}

#[test]
fn a_byte_over_the_output_limit_ends_the_run_and_names_the_limit() {
    let mut guest = Guest::new(Start { output_bytes: 10, ..Start::default() });
    assert_eq!(guest.write(1, b"0123456789"), Ok(10));
    assert_eq!(guest.write(2, b"not limited, not limited"), Ok(24));
    assert_eq!(guest.write(1, b""), Ok(0));
    guest.put_words(800, &[100, 5]);
    match guest.call("fd_write", &[1, 800, 1, 900]) {
        Err(Stop::OutputLimit(failure)) => assert!(failure.message.contains("10 bytes"), "{}", failure.message),
        other => panic!("{other:?}"),
    }
    assert_eq!(guest.stdout(), b"0123456789");
    assert_eq!(guest.calls().last().map(|call| call.errno), Some(None));
}

#[test]
fn the_part_under_the_limit_is_kept() {
    let mut guest = Guest::new(Start { output_bytes: 10, ..Start::default() });
    guest.put(100, b"0123456789abcdef");
    guest.put_words(800, &[100, 16]);
    assert!(matches!(guest.call("fd_write", &[1, 800, 1, 900]), Err(Stop::OutputLimit(_))));
    assert_eq!(guest.stdout(), b"0123456789");
}

#[test]
fn overlapping_buffers_of_gigabytes_cost_no_more_than_a_part() {
    let mut guest = Guest::new(Start { output_bytes: u64::MAX, ..Start::default() });
    // 8000 buffers of nearly 128 KiB each, all the same bytes: 1 GiB.
    let buffers: Vec<u32> = (0..8000).flat_map(|_| [0, 131_000]).collect();
    guest.put_words(1000, &buffers);
    assert_eq!(guest.errno("fd_write", &[1, 1000, 8000, 900]), errno::SUCCESS);
    assert_eq!(guest.word(900), 1 << 20);
    assert_eq!(guest.errno("fd_write", &[2, 1000, -1, 900]), errno::SUCCESS);
    assert_eq!(guest.word(900), 1 << 20);
}
