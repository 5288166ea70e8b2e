//! Reading: the picture of a run, the entries of its trace, other versions, and what is no record.

use super::*;
use crate::event::filter::Filter;

#[test]
fn a_record_folds_into_the_picture_of_its_run() {
    let place = Place::new();
    let read = ReadRecord::read(&place.record(&header(), &events()), 100).unwrap();
    let summary = &read.summary;
    assert_eq!(summary.started.as_ref().unwrap().input, Payload::from(r#"{"a": 1}"#));
    assert_eq!((summary.call_count, summary.log_count, summary.wasi_call_count), (2, 1, 1));
    assert_eq!(summary.calls[0].others.len(), 1);
    let Some(Event::Run { what: RunEvent::Finished(finished), .. }) = events().into_iter().nth(11) else { panic!() };
    assert_eq!(summary.finished.as_ref(), Some(&*finished), "also numbers with a fraction");
    let end = read.integrity.end.unwrap();
    assert_eq!((end.outcome, end.error_kind.as_deref()), (Some(Outcome::Failed), Some("failed")));
    assert_eq!((end.host_calls, end.failed_calls, end.wasi_calls, end.log_lines, end.shadow_answers), (2, 1, 1, 1, 1));
    assert_eq!(end.usage.unwrap().fuel, 123);
}

#[test]
fn an_index_finds_each_entry_and_a_filter_is_asked_of_it() {
    let place = Place::new();
    let mut index = RecordIndex::open(&place.record(&header(), &events())).unwrap();
    assert_eq!(index.len(), 7);
    let mut words = Vec::new();
    // Not in their order: a screen jumps.
    for at in [6, 0, 1, 2, 3, 4, 5] {
        let entry = index.entry(at).unwrap().unwrap();
        words.push(format!("{}{}", entry.view().kind.word(), if entry.view().open { " (open)" } else { "" }));
        match entry {
            RecordedEntry::Call(call) if at == 0 => {
                assert_eq!((call.id, call.at_us, call.others.len()), (CallId(1), 2, 1));
                assert_eq!(call.finished.unwrap().result, Some(-404));
                assert_eq!(call.request.0.iter().map(|(name, _)| &**name).collect::<Vec<_>>(), ["url", "body"]);
            }
            RecordedEntry::Wasi { call, .. } => assert_eq!(call.writes.len(), 2),
            _ => {}
        }
    }
    assert_eq!(words, ["http (open)", "http", "wasi", "log-line", "stdout", "stderr", "warning"]);
    assert!(index.entry(7).unwrap().is_none());
    let filter = Filter::parse("~e | ~l warn").unwrap();
    let meant: Vec<usize> = (0..7).filter(|at| filter.matches(&index.entry(*at).unwrap().unwrap().view())).collect();
    assert_eq!(meant, [0, 2]);
}

#[test]
fn an_index_follows_a_record_that_is_being_written() {
    let place = Place::new();
    let whole = std::fs::read(place.record(&header(), &events())).unwrap();
    let growing = place.root.path().join("growing.jsonl");
    let first = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    std::fs::write(&growing, &whole[..first]).unwrap();
    let mut index = RecordIndex::open(&growing).unwrap();
    let mut entries = 0;
    for end in (first..whole.len()).step_by(97).chain([whole.len()]) {
        std::fs::write(&growing, &whole[..end]).unwrap();
        entries += index.refresh().unwrap();
        assert_eq!(entries, index.len());
    }
    assert_eq!(entries, 7);
    let Some(RecordedEntry::Call(call)) = index.entry(0).unwrap() else { panic!() };
    assert!(call.finished.is_some() && call.others.len() == 1);
}

#[test]
fn an_index_tells_when_the_file_is_no_longer_what_it_was() {
    let place = Place::new();
    let path = place.record(&header(), &events());
    let mut index = RecordIndex::open(&path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("no milk", "no \u{0}milk")).unwrap();
    let error = index.entry(2).unwrap_err();
    assert!(matches!(error, RecordError::Line { .. }), "{error}");
    std::fs::write(&path, "").unwrap();
    assert!(index.entry(0).is_err());
}

#[test]
fn another_version_is_refused_with_both_versions_in_words() {
    let place = Place::new();
    let path = place.record(&header(), &events());
    let text = std::fs::read_to_string(&path).unwrap();
    let newer = text.replacen("\"format\":1,\"skillscope\":\"", "\"unknown\":[],\"format\":2,\"skillscope\":\"9.", 1);
    assert_ne!(newer, text);
    std::fs::write(&path, newer).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let expected = format!(
        "the record {} has format 2, written by skillscope 9.{version}; this skillscope ({version}) reads format 1",
        path.display()
    );
    assert_eq!(RecordReader::open(&path).unwrap_err().to_string(), expected);
    assert_eq!(RecordIndex::open(&path).unwrap_err().to_string(), expected);
    let failure = Failure::from(RecordReader::open(&path).unwrap_err());
    assert_eq!((failure.kind.as_ref(), failure.hint.is_some()), ("record-version", true));
    assert!(matches!(place.list()[0].header, Err(RecordError::Version { format: 2, .. })));
}

#[test]
fn what_is_no_record_is_told_what_is_wrong_with_its_first_line() {
    let place = Place::new();
    let path = place.root.path().join("x.jsonl");
    let long = format!("{{\"event\":\"record\",\"format\":1,\"x\":\"{}\"}}\n", "x".repeat(100_000));
    for (text, message) in [
        ("{\"event\":\"run\",\"format\":1}\n", "is of another kind: run"),
        ("hello\n", "is not what a record begins with: "),
        ("{\"event\":\"record\",\"format\":1}\n", "is damaged: missing field"),
        ("{\"event\":\"reco", "is cut off after 14 bytes"),
        ("\0\0\0\0", "is cut off after 4 bytes"),
        (&long, "is longer than the 65536 bytes"),
    ] {
        std::fs::write(&path, text).unwrap();
        let error = RecordReader::open(&path).unwrap_err().to_string();
        assert!(error.contains(&format!("{} is no record of a run: its first line {message}", path.display())), "{error}");
    }
    std::fs::write(&path, "").unwrap();
    assert!(matches!(RecordReader::open(&path), Err(RecordError::Empty { .. })));
    let missing = RecordReader::open(&place.root.path().join("missing")).unwrap_err().to_string();
    assert!(missing.starts_with("cannot read the record "), "{missing}");
    assert!(RecordReader::open(place.root.path()).is_err(), "a directory");
}
