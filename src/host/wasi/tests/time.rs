//! Clocks, sleeping and waiting.

use super::{Guest, Start, errno};
use crate::host::{Clock, SEEDED_START_NS, Stop};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const REALTIME: u32 = 0;
const MONOTONIC: u32 = 1;
const CPU_TIME: u32 = 2;
const MILLISECOND: u64 = 1_000_000;
const HOUR: u64 = 3_600_000 * MILLISECOND;
const IN: u32 = 10_000;
const OUT: u32 = 20_000;

/// A subscription, as its 48 bytes.
fn timer(userdata: u64, clock: u32, timeout: u64, absolute: bool) -> [u8; 48] {
    let mut bytes = [0; 48];
    bytes[0..8].copy_from_slice(&userdata.to_le_bytes());
    bytes[16..20].copy_from_slice(&clock.to_le_bytes());
    bytes[24..32].copy_from_slice(&timeout.to_le_bytes());
    bytes[40] = u8::from(absolute);
    bytes
}

fn descriptor(userdata: u64, kind: u8, fd: u32) -> [u8; 48] {
    let mut bytes = [0; 48];
    bytes[0..8].copy_from_slice(&userdata.to_le_bytes());
    bytes[8] = kind;
    bytes[16..20].copy_from_slice(&fd.to_le_bytes());
    bytes
}

impl Guest {
    /// The events of a poll: userdata, errno, kind, bytes.
    fn poll(&mut self, subscriptions: &[[u8; 48]]) -> Result<Vec<(u64, u16, u8, u64)>, Stop> {
        self.put(IN, &subscriptions.concat());
        let count = i64::try_from(subscriptions.len()).unwrap();
        assert_eq!(self.call("poll_oneoff", &[i64::from(IN), i64::from(OUT), count, 900])?, errno::SUCCESS);
        let event = |index: u32| {
            let at = OUT + index * 32;
            let [kind] = self.get(at + 10);
            (self.long(at), u16::from_le_bytes(self.get(at + 8)), kind, self.long(at + 16))
        };
        Ok((0..self.word(900)).map(event).collect())
    }

    fn clock(&mut self, clock: u32) -> u64 {
        assert_eq!(self.errno("clock_time_get", &[i64::from(clock), 0, 96]), errno::SUCCESS);
        self.long(96)
    }
}

#[test]
fn seeded_clocks_start_at_a_fixed_time_and_advance_with_fuel() {
    let mut guest = Guest::new(Start::default());
    assert_eq!((guest.clock(REALTIME), guest.clock(MONOTONIC)), (SEEDED_START_NS, 0));
    guest.use_fuel(12_345);
    assert_eq!((guest.clock(REALTIME), guest.clock(MONOTONIC)), (SEEDED_START_NS + 12_345, 12_345));
    assert_eq!(guest.errno("clock_res_get", &[0, 96]), errno::SUCCESS);
    assert!((1..=100).contains(&guest.long(96)));
}

#[test]
fn live_clocks_are_the_machines() {
    let mut guest = Guest::new(Start { clock: Clock::live().unwrap(), ..Start::default() });
    let machine = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos()).unwrap();
    assert!(guest.clock(REALTIME).abs_diff(machine) < 10_000 * MILLISECOND);
    let first = guest.clock(MONOTONIC);
    guest.poll(&[timer(1, MONOTONIC, MILLISECOND, false)]).unwrap();
    assert!(guest.clock(MONOTONIC) >= first + MILLISECOND);
}

#[test]
fn clocks_that_are_not_there_are_an_errno() {
    let mut guest = Guest::new(Start::default());
    assert_eq!(guest.errno("clock_time_get", &[2, 0, 96]), errno::BADF);
    assert_eq!(guest.errno("clock_time_get", &[99, 0, 96]), errno::INVAL);
    assert_eq!(guest.errno("clock_res_get", &[-1, 96]), errno::INVAL);
}

#[test]
fn a_sleep_takes_its_time_and_moves_seeded_time() {
    let mut guest = Guest::new(Start::default());
    let started = Instant::now();
    assert_eq!(guest.poll(&[timer(7, REALTIME, 20 * MILLISECOND, false)]).unwrap(), [(7, 0, 0, 0)]);
    assert!(started.elapsed() >= Duration::from_millis(20));
    assert_eq!(guest.clock(MONOTONIC), 20 * MILLISECOND);
    let until = SEEDED_START_NS + 40 * MILLISECOND;
    assert_eq!(guest.poll(&[timer(8, REALTIME, until, true)]).unwrap(), [(8, 0, 0, 0)]);
    assert_eq!(guest.clock(REALTIME), until);
    assert_eq!(guest.poll(&[timer(9, MONOTONIC, 50 * MILLISECOND, true)]).unwrap(), [(9, 0, 0, 0)]);
    assert_eq!(guest.clock(MONOTONIC), 50 * MILLISECOND);
}

#[test]
fn the_earliest_of_several_timers_wins() {
    let mut guest = Guest::new(Start::default());
    let timers = [
        timer(1, MONOTONIC, HOUR, false),
        timer(2, REALTIME, 5 * MILLISECOND, false),
        timer(3, MONOTONIC, 5 * MILLISECOND, true),
        timer(4, REALTIME, SEEDED_START_NS + HOUR, true),
    ];
    assert_eq!(guest.poll(&timers).unwrap(), [(2, 0, 0, 0), (3, 0, 0, 0)]);
}

#[test]
fn times_that_are_past_and_zero_waits_are_due_at_once() {
    let mut guest = Guest::new(Start::default());
    let timers = [timer(1, REALTIME, 5, true), timer(2, MONOTONIC, 0, false), timer(3, MONOTONIC, HOUR, false)];
    assert_eq!(guest.poll(&timers).unwrap(), [(1, 0, 0, 0), (2, 0, 0, 0)]);
}

#[test]
fn streams_are_ready_before_any_timer_and_a_bad_descriptor_is_its_own_error() {
    let mut guest = Guest::new(Start::stdin(b"hello"));
    let badf = u16::try_from(errno::BADF).unwrap();
    let subscriptions =
        [descriptor(1, 1, 0), descriptor(2, 2, 1), descriptor(3, 1, 99), descriptor(4, 1, 1), timer(5, MONOTONIC, HOUR, false)];
    let events = guest.poll(&subscriptions).unwrap();
    assert_eq!(events, [(1, 0, 1, 5), (2, 0, 2, 1 << 20), (3, badf, 1, 0), (4, badf, 1, 0)]);
    guest.read(0, 100).unwrap();
    assert_eq!(guest.poll(&[descriptor(1, 1, 0)]).unwrap(), [(1, 0, 1, 0)]);
    assert_eq!(guest.get::<1>(OUT + 24), [1], "the end of stdin is a hang-up");
}

#[test]
fn polls_for_nothing_for_too_much_and_for_nonsense_are_errnos() {
    let mut guest = Guest::new(Start::default());
    assert_eq!(guest.errno("poll_oneoff", &[i64::from(IN), i64::from(OUT), 0, 900]), errno::INVAL);
    assert_eq!(guest.errno("poll_oneoff", &[i64::from(IN), i64::from(OUT), -1, 900]), errno::INVAL);
    assert_eq!(guest.errno("poll_oneoff", &[131_000, i64::from(OUT), 10, 900]), errno::FAULT);
    guest.put(IN, &descriptor(1, 7, 0));
    assert_eq!(guest.errno("poll_oneoff", &[i64::from(IN), i64::from(OUT), 1, 900]), errno::INVAL);
    guest.put(IN, &descriptor(1, 1, 0));
    assert_eq!(guest.errno("poll_oneoff", &[i64::from(IN), 131_060, 1, 900]), errno::FAULT);
    let inval = u16::try_from(errno::INVAL).unwrap();
    assert_eq!(guest.poll(&[timer(1, CPU_TIME, HOUR, true), timer(2, MONOTONIC, HOUR, false)]).unwrap(), [(1, inval, 0, 0)]);
}

#[test]
fn a_sleep_of_an_hour_ends_at_the_deadline() {
    for (clock, timeout, absolute) in
        [(MONOTONIC, HOUR, false), (REALTIME, SEEDED_START_NS + HOUR, true), (MONOTONIC, u64::MAX, true)]
    {
        let mut guest = Guest::new(Start::default().timeout(Duration::from_millis(30)));
        let started = Instant::now();
        assert!(matches!(guest.poll(&[timer(1, clock, timeout, absolute)]), Err(Stop::Timeout)));
        assert!(started.elapsed() < Duration::from_secs(5));
        assert_eq!(guest.calls().last().map(|call| call.errno), Some(None));
    }
}

#[test]
fn a_cancel_ends_a_sleep() {
    let mut guest = Guest::new(Start::default());
    let control = guest.control.clone();
    let canceller = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        control.cancel();
    });
    assert!(matches!(guest.poll(&[timer(1, MONOTONIC, HOUR, false)]), Err(Stop::Cancelled)));
    canceller.join().unwrap();
}

#[test]
fn a_pause_holds_a_sleep_and_does_not_count_against_the_deadline() {
    let mut guest = Guest::new(Start::default().timeout(Duration::from_millis(400)));
    let control = guest.control.clone();
    control.pause();
    let started = Instant::now();
    let resumer = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(600));
        control.resume();
    });
    assert_eq!(guest.poll(&[timer(1, MONOTONIC, 10 * MILLISECOND, false)]).unwrap().len(), 1);
    assert!(started.elapsed() >= Duration::from_millis(610));
    resumer.join().unwrap();
}
