//! Calls in a loop, bad pointers and absurd sizes.

use super::{Guest, Start, errno};
use crate::host::Stop;
use crate::host::wasi::FUNCTION_NAMES;
use std::time::Duration;

#[test]
fn a_loop_of_calls_ends_at_the_deadline_and_by_a_cancel() {
    for name in ["sched_yield", "fd_close"] {
        let mut guest = Guest::new(Start::default().timeout(Duration::from_millis(20)));
        let arguments: &[i64] = if name == "fd_close" { &[9] } else { &[] };
        let stop = (0..).find_map(|_: u64| guest.call(name, arguments).err());
        assert!(matches!(stop, Some(Stop::Timeout)), "{name}");
    }
    let mut guest = Guest::new(Start::default());
    guest.control.cancel();
    assert!(matches!(guest.call("sched_yield", &[]), Err(Stop::Cancelled)));
    assert_eq!(guest.calls().len(), 1, "also a call that is not made is recorded");
}

#[test]
fn a_pointer_outside_memory_is_an_errno() {
    let far = 1 << 20;
    let past = 131_070;
    let cases: [(&str, &[i64]); 12] = [
        ("args_sizes_get", &[far, 0]),
        ("clock_time_get", &[0, 0, past]),
        ("clock_time_get", &[0, 0, -1]),
        ("random_get", &[0, -1]),
        ("random_get", &[-1, 16]),
        ("random_get", &[0, 131_073]),
        ("fd_write", &[1, far, 1, 0]),
        ("fd_write", &[1, 0, 1, far]),
        ("fd_read", &[0, -8, 5, 0]),
        ("fd_fdstat_get", &[1, past]),
        ("fd_prestat_dir_name", &[3, past, 100]),
        ("path_open", &[3, 0, far, 10, 0, 2, 0, 0, 0]),
    ];
    let directory = tempfile::tempdir().unwrap();
    for (name, arguments) in cases {
        let mut guest = Guest::new(Start::directory(directory.path(), false));
        assert_eq!(guest.errno(name, arguments), errno::FAULT, "{name} {arguments:?}");
    }
}

#[test]
fn a_buffer_outside_memory_is_an_errno() {
    let mut guest = Guest::new(Start::stdin(b"hello"));
    for buffer in [[131_000, 1000], [u32::MAX, 1], [100, u32::MAX]] {
        guest.put_words(800, &buffer);
        assert_eq!(guest.errno("fd_write", &[1, 800, 1, 900]), errno::FAULT);
        assert_eq!(guest.errno("fd_read", &[0, 800, 1, 900]), errno::FAULT);
    }
    assert_eq!(guest.stdout(), b"");
    assert_eq!(guest.read(0, 100), Ok(b"hello".to_vec()), "nothing of stdin was lost");
}

#[test]
fn randomness_for_all_of_memory_is_given() {
    let mut guest = Guest::new(Start::default());
    assert_eq!(guest.errno("random_get", &[0, 131_072]), errno::SUCCESS);
    assert_eq!(guest.errno("random_get", &[131_072, 0]), errno::SUCCESS);
}

#[test]
fn no_arguments_make_a_call_panic() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("file"), "hello").unwrap();
    let numbers = [0, 1, 3, 4, 7, 100, 131_071, 131_072, i64::from(i32::MAX), -1, i64::from(i32::MIN)];
    // A small generator, so that each run of the test tries the same.
    let mut seed = 12_345_u64;
    let mut next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        numbers[usize::try_from(seed >> 33).unwrap() % numbers.len()]
    };
    let mut guest = Guest::new(Start::directory(directory.path(), true).timeout(Duration::from_secs(600)));
    for name in FUNCTION_NAMES.iter().filter(|name| **name != "poll_oneoff") {
        let arity = guest.arity(name);
        for _ in 0..60 {
            let arguments: Vec<i64> = (0..arity).map(|_| next()).collect();
            match guest.call(name, &arguments) {
                Ok(errno) => assert!((0..=76).contains(&errno), "{name} {arguments:?}"),
                Err(Stop::Exit(_)) => assert_eq!(*name, "proc_exit"),
                Err(Stop::Trap(failure)) => assert_eq!(*name, "proc_raise", "{}", failure.message),
                Err(stop) => panic!("{name} {arguments:?}: {stop}"),
            }
        }
    }
}

impl Guest {
    fn arity(&self, name: &str) -> usize {
        self.instance.exports.get_function(name).unwrap().param_arity(&self.store)
    }
}
