//! Retention: what is too old or too much goes, and what is held does not.

use super::*;
use crate::record::retention::apply;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A file by a record's name, begun this many days and an hour ago.
fn aged(place: &Place, skill: &str, days: u32, bytes: usize) -> PathBuf {
    std::fs::create_dir_all(place.runs()).unwrap();
    let name = RecordName::new(Timestamp::now().before(DAY * days + DAY / 24), skill, 1);
    let path = place.runs().join(name.to_string());
    std::fs::write(&path, "x".repeat(bytes)).unwrap();
    path
}

fn left(place: &Place) -> usize {
    place.list().len()
}

#[test]
fn records_over_the_age_the_number_or_the_size_are_deleted_the_oldest_first() {
    let place = Place::new();
    let all: Vec<_> = (0..40).map(|days| aged(&place, "a", days, 1000)).collect();
    let other = aged(&place, "b", 20, 1000);
    let retention = Retention::default();
    assert_eq!(apply(&place.runs(), &retention).unwrap(), Removed { records: 10, bytes: 10_000 });
    assert!(!all[30].exists() && all[29].exists());
    apply(&place.runs(), &Retention { max_runs: 10, ..retention }).unwrap();
    assert!(!all[10].exists() && all[9].exists() && other.exists(), "ten of each skill");
    apply(&place.runs(), &Retention { max_bytes: 5500, ..retention }).unwrap();
    assert!(!all[5].exists() && all[4].exists() && !other.exists(), "the newest that fit");
    assert_eq!(left(&place), 5);
}

#[test]
fn the_newest_the_pinned_and_those_of_running_runs_stay() {
    let place = Place::new();
    let nothing = Retention { max_age: Duration::ZERO, max_runs: 0, max_bytes: 0 };
    let pinned = aged(&place, "a", 300, 10);
    History::pin(&pinned, true).unwrap();
    // Another program's: this one only sees that the file is held.
    let held = aged(&place, "a", 200, 10);
    let holder = std::fs::File::open(&held).unwrap();
    holder.lock().unwrap();
    let killed = aged(&place, "a", 100, 10);
    let newest = aged(&place, "a", 1, 10);
    apply(&place.runs(), &nothing).unwrap();
    assert_eq!([&pinned, &held, &killed, &newest].map(|path| path.exists()), [true, true, false, true]);
    drop(holder);
    History::pin(&pinned, false).unwrap();
    apply(&place.runs(), &nothing).unwrap();
    assert_eq!([&pinned, &held, &newest].map(|path| path.exists()), [false, false, true]);
}

#[test]
fn files_that_are_no_records_are_left_alone_and_pins_of_nothing_go() {
    let place = Place::new();
    let record = aged(&place, "a", 99, 10);
    aged(&place, "a", 1, 10);
    let notes = place.runs().join("notes.jsonl");
    std::fs::write(&notes, "mine").unwrap();
    std::fs::create_dir(place.runs().join("20200101T000000.000Z-a-0001.jsonl")).unwrap();
    let orphan = place.runs().join("20200101T000000.000Z-b-0001.pin");
    std::fs::write(&orphan, "").unwrap();
    apply(&place.runs(), &Retention::default()).unwrap();
    assert_eq!((record.exists(), notes.exists(), orphan.exists(), left(&place)), (false, true, false, 1));
    assert_eq!(apply(&place.root.path().join("nowhere"), &Retention::default()).unwrap(), Removed::default());
}

#[test]
fn bounds_hold_at_the_start_and_after_each_run() {
    let place = Place::new();
    let old = aged(&place, "a", 99, 10);
    aged(&place, "a", 1, 10);
    let retention = Retention { max_runs: 3, ..Retention::default() };
    let recorder = place.recorder_keeping(retention);
    assert!(recorder.wait(LONG));
    assert!(!old.exists());
    for _ in 0..5 {
        let run = recorder.begin(&header(), &settings());
        run.finish();
        assert!(recorder.wait(LONG));
    }
    assert_eq!(left(&place), 4, "three of one skill, one of another");
}
