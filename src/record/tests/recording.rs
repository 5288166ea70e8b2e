//! Writing: what comes is on disk soon, in order and whole, and what goes wrong is told once.

use super::*;
use std::time::Instant;

#[test]
fn what_was_recorded_is_read_back_event_for_event() {
    let place = Place::new();
    let path = place.record(&header(), &events());
    let (read, integrity) = read_all(&path).unwrap();
    assert_eq!(read, events());
    assert!(integrity.is_whole(), "{integrity:?}");
    let reader = RecordReader::open(&path).unwrap();
    assert_eq!((reader.header().skill.as_str(), reader.header().run), ("page title", RUN));
    assert_eq!(reader.settings(), Some(&settings()));
    assert_eq!(place.troubles(), [""; 0]);
    let ignore = std::fs::read_to_string(place.root.path().join(".skillscope/.gitignore")).unwrap();
    assert_eq!(ignore, "*\n", "records stay out of version control");
}

#[test]
fn every_line_is_an_object_that_says_what_it_is() {
    let place = Place::new();
    let text = std::fs::read_to_string(place.record(&header(), &events())).unwrap();
    let words: Vec<String> = text
        .lines()
        .map(|line| {
            let json: serde_json::Value = serde_json::from_str(line).unwrap();
            format!(
                "{}{}",
                json["event"].as_str().unwrap(),
                json["type"].as_str().map_or(String::new(), |kind| format!(" {kind}"))
            )
        })
        .collect();
    let of_runs = [
        "started",
        "phase_started",
        "host_call_started",
        "host_call_finished",
        "wasi_call",
        "log",
        "stdout",
        "stderr",
        "warning",
        "sample",
        "host_call_started",
        "finished",
    ]
    .map(|kind| format!("run {kind}"));
    let expected = [&["record".to_owned(), "settings".to_owned()], of_runs.as_slice(), &["shadow_answered".into(), "end".into()]];
    assert_eq!(words, expected.concat());
}

#[test]
fn what_belongs_to_other_runs_or_to_the_session_is_not_recorded() {
    let place = Place::new();
    let other = Event::Run { run: RunId(4), at_us: 1, what: RunEvent::Warning { message: "another".into() } };
    let notice = Event::Notice { message: "of the session".into() };
    let done = Event::ShadowsDone { run: RUN };
    let late = of_run(99, RunEvent::Warning { message: "after the end".into() });
    let path = place.record(&header(), &[other, notice, events()[0].clone(), done, late]);
    assert_eq!(read_all(&path).unwrap().0, [events()[0].clone()]);
}

#[test]
fn a_line_is_on_disk_while_the_run_goes_on() {
    let place = Place::new();
    let recorder = place.recorder();
    let run = recorder.begin(&header(), &settings());
    run.observe(&events()[0]);
    let path = run.path().unwrap();
    let waited_since = Instant::now();
    while read_all(path).unwrap().0.is_empty() {
        assert!(waited_since.elapsed() < LONG, "the event never came");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(place.list()[0].state, RecordState::Running);
    drop(run);
    assert!(recorder.wait(LONG));
    assert!(matches!(place.list()[0].state, RecordState::Ended(_)), "dropping it ends the record");
}

#[test]
fn order_is_kept_and_memory_bounded_however_many_events_come() {
    let place = Place::new();
    let recorder = place.recorder();
    let run = recorder.begin(&header(), &settings());
    let text = "x".repeat(1000);
    for number in 0..30_000 {
        while run.is_behind() {
            run.catch_up();
        }
        run.observe(&of_run(number, RunEvent::Warning { message: text.clone() }));
    }
    run.finish();
    assert!(recorder.wait(LONG));
    let mut expected = 0;
    for event in RecordReader::open(run.path().unwrap()).unwrap() {
        assert!(matches!(event.unwrap().1, Event::Run { at_us, .. } if at_us == expected));
        expected += 1;
    }
    assert_eq!((expected, place.troubles().len()), (30_000, 0));
}

#[test]
fn a_directory_that_cannot_be_made_is_told_once_and_runs_go_on() {
    let place = Place::new();
    std::fs::write(place.root.path().join(".skillscope"), "a file in the way").unwrap();
    let recorder = place.recorder();
    for _ in 0..3 {
        let run = recorder.begin(&header(), &settings());
        events().iter().for_each(|event| run.observe(event));
        assert!(!run.is_behind());
        assert_eq!(run.path(), None);
    }
    let troubles = place.troubles();
    assert_eq!(troubles.len(), 1);
    assert!(troubles[0].starts_with("runs are not recorded: cannot write to "), "{}", troubles[0]);
}

#[cfg(unix)]
#[test]
fn where_writing_fails_in_the_middle_it_is_told_once_and_the_run_goes_on() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    use std::io::Read as _;
    let place = Place::new();
    let pipe = place.root.path().join("pipe");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RWXU, 0).unwrap();
    let reader_path = pipe.clone();
    // It reads the first line, and then no more.
    let reader = std::thread::spawn(move || std::fs::File::open(reader_path).unwrap().read_exact(&mut [0; 20]).unwrap());
    let (told, troubles) = std::sync::mpsc::channel();
    let recorder = Recorder::to_file(pipe.clone(), move |trouble| told.send(trouble).unwrap());
    let run = recorder.begin(&header(), &settings());
    reader.join().unwrap();
    run.observe(&events()[0]);
    let trouble = troubles.recv_timeout(LONG).unwrap();
    assert!(matches!(&trouble, RecordTrouble::Write { path, .. } if *path == pipe), "{trouble}");
    events().iter().for_each(|event| run.observe(event));
    assert!(!run.is_behind());
    drop(run);
    assert!(recorder.wait(LONG));
    assert!(troubles.try_recv().is_err());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_once_and_the_run_goes_on() {
    let troubles = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&troubles);
    let recorder = Recorder::to_file("/dev/full".into(), move |trouble| told.lock().unwrap().push(trouble.to_string()));
    let run = recorder.begin(&header(), &settings());
    assert_eq!(run.path(), None);
    for event in events() {
        run.observe(&event);
    }
    assert!(recorder.wait(LONG));
    let troubles = troubles.lock().unwrap();
    assert_eq!(troubles.len(), 1, "{troubles:?}");
    assert!(troubles[0].contains("/dev/full"), "{troubles:?}");
    assert!(Path::new("/dev/full").exists());
}

#[test]
fn two_recorders_in_one_workspace_do_not_disturb_each_other() {
    let place = Place::new();
    let (one, other) = (place.recorder(), place.recorder());
    let header = header();
    let runs = [one.begin(&header, &settings()), other.begin(&header, &settings()), one.begin(&header, &settings())];
    for event in events() {
        runs.iter().for_each(|run| run.observe(&event));
    }
    runs.iter().for_each(|run| run.finish());
    assert!(one.wait(LONG) && other.wait(LONG));
    let mut paths: Vec<_> = runs.iter().map(|run| run.path().unwrap()).collect();
    paths.dedup();
    assert_eq!(paths.len(), 3, "each has a file of its own, also within one millisecond");
    for path in paths {
        assert_eq!(read_all(path).unwrap().0, events());
    }
}

#[test]
fn a_record_in_a_file_of_its_own_takes_the_place_of_what_was_there() {
    let place = Place::new();
    let file = place.root.path().join("run.jsonl");
    std::fs::write(&file, "x".repeat(100_000)).unwrap();
    let recorder = Recorder::to_file(file.clone(), |trouble| panic!("{trouble}"));
    let run = recorder.begin(&header(), &settings());
    events().iter().for_each(|event| run.observe(event));
    run.observe(&Event::ShadowsDone { run: RUN });
    assert!(recorder.wait(LONG));
    assert!(read_all(&file).unwrap().1.is_whole());
    assert!(!place.runs().exists());
}

/// Not a test: what another program would do. It records until it is killed.
#[test]
#[ignore = "started by the test below, as a program of its own"]
fn another_program_that_records() {
    let Some(root) = std::env::var_os("RECORDS_OF") else { return };
    let workspace = Workspace { root: root.into(), settings_path: None };
    let recorder = Recorder::in_workspace(workspace, Retention::default(), |trouble| panic!("{trouble}"));
    let run = recorder.begin(&header(), &settings());
    for number in 0.. {
        run.observe(&of_run(number, RunEvent::Warning { message: "x".repeat(500) }));
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[cfg(unix)]
#[test]
fn the_record_of_another_program_is_running_until_it_is_killed_and_then_has_all_its_whole_lines() {
    let place = Place::new();
    let mut program = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "record::tests::recording::another_program_that_records", "--ignored"])
        .env("RECORDS_OF", place.root.path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let since = Instant::now();
    let has_events = |path: &Path| RecordReader::open(path).is_ok_and(|reader| reader.count() > 10);
    while !place.list().first().is_some_and(|entry| has_events(&entry.path)) {
        assert!(since.elapsed() < LONG, "it never recorded anything");
        std::thread::sleep(Duration::from_millis(20));
    }
    let path = place.list().remove(0).path;
    assert_eq!(place.list()[0].state, RecordState::Running);
    let nothing = Retention { max_age: Duration::ZERO, max_runs: 0, max_bytes: 0 };
    let own = place.recorder_keeping(nothing);
    let run = own.begin(&RecordHeader::new(RUN, "other", 1), &settings());
    drop(run);
    assert!(own.wait(LONG));
    assert!(path.exists(), "it is over the bounds, and being written");
    program.kill().unwrap();
    program.wait().unwrap();
    assert_eq!(place.list().iter().find(|entry| entry.path == path).unwrap().state, RecordState::Interrupted);
    let (events, integrity) = read_all(&path).unwrap();
    let numbers = events.iter().map(|event| if let Event::Run { at_us, .. } = event { *at_us } else { panic!("{event:?}") });
    assert!(numbers.eq(0..events.len() as u64), "in their order, without a gap");
    assert!(integrity.end.is_none() && integrity.damage.iter().all(|damage| damage.kind == DamageKind::Cut), "{integrity:?}");
}

#[test]
fn one_file_has_the_last_of_several_runs_whole() {
    let place = Place::new();
    let path = place.root.path().join("run.jsonl");
    let recorder = Recorder::to_file(path.clone(), |trouble| panic!("{trouble}"));
    for _ in 0..30 {
        let run = recorder.begin(&header(), &settings());
        events().iter().for_each(|event| run.observe(event));
    }
    recorder.settle();
    let (read, integrity) = read_all(&path).unwrap();
    assert!(integrity.is_whole(), "{integrity:?}");
    assert_eq!(read, events());
}
