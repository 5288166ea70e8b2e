//! Arguments, environment, the ends of a process, and how calls are recorded.

use super::{Guest, Start, errno};
use crate::host::wasi::FUNCTION_NAMES;
use crate::host::wasi::WasiSetup;
use crate::host::{Clock, Stop};

#[test]
fn all_functions_of_preview_1_are_bound() {
    assert_eq!(FUNCTION_NAMES.len(), 46);
    // The guest's module links only if each has the type that its own stub was given.
    drop(Guest::new(Start::default()));
}

#[test]
fn arguments_and_environment_are_as_set_up() {
    let setup = WasiSetup {
        arguments: vec!["skill".into(), "ä b".into()],
        environment: vec![("MODE".into(), "dev".into()), ("EMPTY".into(), String::new())],
        ..WasiSetup::default()
    };
    let mut guest = Guest::new(Start { setup, ..Start::default() });
    assert_eq!(guest.errno("args_sizes_get", &[100, 104]), errno::SUCCESS);
    assert_eq!((guest.word(100), guest.word(104)), (2, 11));
    assert_eq!(guest.errno("args_get", &[200, 300]), errno::SUCCESS);
    assert_eq!((guest.word(200), guest.word(204)), (300, 306));
    assert_eq!(&guest.get::<11>(300), "skill\0ä b\0".as_bytes());
    assert_eq!(guest.errno("environ_sizes_get", &[100, 104]), errno::SUCCESS);
    assert_eq!((guest.word(100), guest.word(104)), (2, 16));
    assert_eq!(guest.errno("environ_get", &[200, 300]), errno::SUCCESS);
    assert_eq!(&guest.get::<16>(300), b"MODE=dev\0EMPTY=\0");
}

#[test]
fn an_exit_carries_its_whole_status() {
    for status in [0, 1, 125, 126, 255, -1, i32::MIN] {
        let mut guest = Guest::new(Start::default());
        match guest.call("proc_exit", &[i64::from(status)]) {
            Err(Stop::Exit(seen)) => assert_eq!(seen, status),
            other => panic!("{other:?}"),
        }
        let calls = guest.calls();
        assert_eq!(calls.len(), 1);
        assert_eq!(
            (calls[0].name.as_ref(), calls[0].arguments.as_slice(), calls[0].errno),
            ("proc_exit", &[i64::from(status)][..], None)
        );
    }
}

#[test]
fn a_raised_signal_is_a_trap_that_names_it() {
    let mut guest = Guest::new(Start::default());
    match guest.call("proc_raise", &[6]) {
        Err(Stop::Trap(failure)) => assert!(failure.message.contains("ABRT"), "{}", failure.message),
        other => panic!("{other:?}"),
    }
    assert!(matches!(guest.call("proc_raise", &[-7]), Err(Stop::Trap(_))));
}

#[test]
fn every_call_is_recorded_with_its_raw_arguments_and_its_errno() {
    let mut guest = Guest::new(Start::default());
    guest.errno("sched_yield", &[]);
    guest.errno("fd_seek", &[1, -5, 0, 100]);
    guest.errno("fd_close", &[77]);
    let seen: Vec<_> = guest.calls().into_iter().map(|call| (call.name.into_owned(), call.arguments, call.errno)).collect();
    assert_eq!(
        seen,
        [
            ("sched_yield".to_owned(), vec![], Some(errno::SUCCESS)),
            ("fd_seek".to_owned(), vec![1, -5, 0, 100], Some(errno::INVAL)),
            ("fd_close".to_owned(), vec![77], Some(errno::BADF)),
        ]
    );
}

#[test]
fn a_module_without_memory_can_exit_and_is_told_what_it_lacks() {
    let mut guest = Guest::with_memory(Start::default(), false);
    assert_eq!(guest.errno("sched_yield", &[]), errno::SUCCESS);
    match guest.call("random_get", &[0, 8]) {
        Err(Stop::Trap(failure)) => assert_eq!(failure.kind, "no-memory"),
        other => panic!("{other:?}"),
    }
    assert!(matches!(guest.call("proc_exit", &[3]), Err(Stop::Exit(3))));
}

#[test]
fn one_seed_gives_one_course_of_randomness() {
    let bytes = |seed| {
        let mut guest = Guest::new(Start { clock: Clock::seeded(seed), ..Start::default() });
        assert_eq!(guest.errno("random_get", &[100, 32]), errno::SUCCESS);
        guest.get::<32>(100)
    };
    assert_eq!(bytes(7), bytes(7));
    assert_ne!(bytes(7), bytes(8));
    assert_ne!(bytes(7), [0; 32]);
}

#[test]
fn sockets_answer_with_an_errno() {
    let mut guest = Guest::new(Start::default());
    guest.put_words(800, &[100, 5]);
    assert_eq!(guest.errno("sock_accept", &[0, 0, 900]), errno::BADF);
    assert_eq!(guest.errno("sock_recv", &[0, 800, 1, 0, 900, 904]), errno::BADF);
    assert_eq!(guest.errno("sock_send", &[1, 800, 1, 0, 900]), errno::BADF);
    assert_eq!(guest.errno("sock_shutdown", &[0, 1]), errno::BADF);
}
