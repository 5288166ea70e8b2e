//! Lists of records: from first and last lines alone, with states and pins.

use super::*;
use std::fs::OpenOptions;
use std::io::Write as _;

#[test]
fn a_list_has_the_newest_first_with_header_end_and_state() {
    let place = Place::new();
    assert!(place.list().is_empty(), "no directory, no records");
    let old = RecordHeader { started_at: Timestamp::from_compact("20200101T000000.000Z").unwrap(), ..header() };
    // It is old, and would be deleted, were it not pinned.
    let recorder = place.recorder();
    let run = recorder.begin(&old, &settings());
    History::pin(run.path().unwrap(), true).unwrap();
    events().iter().for_each(|event| run.observe(event));
    drop(run);
    assert!(recorder.wait(LONG));
    let path = place.record(&header(), &events());
    std::fs::write(place.runs().join("notes.txt"), "not a record").unwrap();
    let list = place.list();
    assert_eq!(list.len(), 2);
    assert_eq!((&list[0].path, list[0].is_pinned, list[1].is_pinned), (&path, false, true));
    let header = list[0].header.as_ref().unwrap();
    assert_eq!((header.skill.as_str(), header.module_bytes), ("page title", Some(1234)));
    assert_eq!(list[0].name.skill, "page_title");
    assert_eq!(list[0].bytes, std::fs::metadata(&path).unwrap().len());
    let RecordState::Ended(end) = &list[0].state else { panic!("{:?}", list[0].state) };
    assert_eq!((end.outcome, end.host_calls), (Some(Outcome::Failed), 2));
}

#[test]
fn a_record_without_end_is_of_a_run_that_goes_on_or_of_a_program_that_was_killed() {
    let place = Place::new();
    let path = place.record(&header(), &events());
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 200]).unwrap();
    assert_eq!(place.list()[0].state, RecordState::Interrupted);
    std::fs::write(&path, "").unwrap();
    let list = place.list();
    assert_eq!(list[0].state, RecordState::Interrupted);
    assert!(matches!(list[0].header, Err(RecordError::Empty { .. })));
    let recorder = place.recorder();
    let run = recorder.begin(&RecordHeader::new(RUN, "other", 1), &settings());
    assert_eq!(place.list()[0].state, RecordState::Running);
    let error = History::delete(run.path().unwrap()).unwrap_err();
    assert!(matches!(error, RecordError::Running { .. }), "{error}");
    drop(run);
}

#[test]
fn a_list_does_not_read_the_middle_of_records() {
    let place = Place::new();
    let path = place.record(&header(), &events());
    let bytes = std::fs::read(&path).unwrap();
    let first = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let end = bytes[..bytes.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    // A hole of a terabyte: whoever read it would not be done today.
    let mut file = OpenOptions::new().write(true).truncate(true).open(&path).unwrap();
    file.write_all(&bytes[..first]).unwrap();
    if file.set_len(1 << 40).is_err() {
        return;
    }
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(b"\n").unwrap();
    file.write_all(&bytes[end..]).unwrap();
    let list = place.list();
    assert!(list[0].header.is_ok() && matches!(list[0].state, RecordState::Ended(_)), "{:?}", list[0]);
}

#[test]
fn pins_come_and_go_and_deleting_takes_them_along() {
    let place = Place::new();
    let path = place.record(&header(), &events());
    History::pin(&path, true).unwrap();
    History::pin(&path, true).unwrap();
    assert!(place.list()[0].is_pinned);
    History::pin(&path, false).unwrap();
    History::pin(&path, false).unwrap();
    assert!(!place.list()[0].is_pinned);
    History::pin(&path, true).unwrap();
    History::delete(&path).unwrap();
    assert_eq!(std::fs::read_dir(place.runs()).unwrap().count(), 0);
    assert!(matches!(History::delete(&path), Err(RecordError::Io { .. })));
}
