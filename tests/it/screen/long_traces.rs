//! Traces that are longer than the screen keeps: bounded there, whole on disk, and read back from there.

use super::workbench::{Workbench, calling, logging};
use skillscope::record::RecordIndex;
use skillscope::ui::Model;

const CALLS: u64 = 20_000;
const KEPT: usize = 500;

fn flooded() -> Workbench {
    let mut workbench = Workbench::open((100, 30), |workspace| {
        workspace.write("calls.wat", calling(u32::try_from(CALLS).unwrap()));
    });
    workbench.bound_traces((KEPT, 1 << 20));
    workbench.until_looked_at().keys(&["R", "1"]);
    workbench
}

fn kept(model: &Model) -> usize {
    model.shown_run().map_or(0, |run| run.trace.numbers().count())
}

#[test]
fn a_flood_of_calls_is_bounded_on_the_screen_whole_on_disk_and_keys_are_answered_meanwhile() {
    let mut workbench = flooded();
    for (calls, key, words) in [(1_000, "3", "goes on"), (4_000, "?", "Help"), (8_000, "esc", "goes on"), (12_000, "1", "call")] {
        workbench.until("some calls were made", |model| model.shown_run().is_some_and(|run| run.calls >= calls));
        assert!(workbench.model().shown_run().unwrap().is_running(), "it goes on after {calls} calls");
        let screen = workbench.keys(&[key]).screen();
        assert!(screen.contains(words) || words == "goes on" && !screen.contains("Help"), "{key}:\n{screen}");
        assert!(kept(workbench.model()) <= KEPT);
    }
    workbench.until_ended();
    let run = workbench.model().shown_run().unwrap();
    assert_eq!((run.calls, kept(workbench.model())), (CALLS, KEPT));
    assert!(workbench.screen().contains("19,500 older above"), "{}", workbench.screen());
    let record = workbench.model().shown_run().unwrap().record.clone().expect("it is recorded");
    let mut index = RecordIndex::open_trace(&record).unwrap();
    let began = std::time::Instant::now();
    while index.len() < usize::try_from(CALLS).unwrap() && began.elapsed().as_secs() < 10 {
        index.refresh().unwrap();
    }
    assert_eq!(index.len(), usize::try_from(CALLS).unwrap(), "all of them are on disk");
}

/// The numbers of the listed entries, and the selected one.
fn listed(model: &Model) -> (std::ops::Range<u64>, u64) {
    let run = model.shown_run().unwrap();
    (run.list().0.numbers(), run.selected().unwrap().0)
}

#[test]
fn what_was_folded_away_is_read_back_a_block_at_a_time() {
    let mut workbench = flooded();
    workbench.until_ended();
    let is_there = |model: &Model| model.shown_run().is_some_and(|run| run.awaited.is_none());
    let asks = |workbench: &mut Workbench, key: &str| {
        workbench.keys(&[key]);
        assert!(!is_there(workbench.model()), "{key} asks the record");
        workbench.until("the block has come", is_there);
    };
    asks(&mut workbench, "g");
    assert_eq!(listed(workbench.model()), (0..2_000, 0));
    let screen = workbench.screen();
    assert!(screen.contains("1 to 2,000 of 20,000 on disk, G newest"), "{screen}");
    assert_eq!(workbench.model().shown_run().unwrap().selected().unwrap().1.call().unwrap().record.id.0, 1);
    // Details, marks and copies are those of what is listed.
    let details = workbench.keys(&["enter"]).screen();
    assert!(details.contains("call 1") && details.contains("host_now"), "{details}");
    workbench.keys(&["esc", "m"]);
    assert!(workbench.model().shown_run().unwrap().marked.contains(&0));
    for _ in 0..110 {
        workbench.keys(&["ctrl-f"]);
    }
    workbench.until("the next blocks have come", is_there);
    assert!(listed(workbench.model()).0.start >= 2_000);
    // The other way, from the newest.
    workbench.keys(&["G"]);
    assert_eq!(listed(workbench.model()), (19_500..20_000, 19_999));
    for _ in 0..499 {
        workbench.keys(&["k"]);
    }
    assert_eq!(listed(workbench.model()).1, 19_500);
    asks(&mut workbench, "k");
    assert_eq!(listed(workbench.model()), (17_500..19_500, 19_499));
    workbench.keys(&["j"]);
    assert_eq!(listed(workbench.model()), (19_500..20_000, 19_500), "down again, without a gap");
    asks(&mut workbench, "k");
    workbench.keys(&["esc"]);
    assert!(workbench.model().shown_run().unwrap().back.is_none());
}

#[test]
fn blocks_in_which_a_filter_shows_nothing_are_passed_over() {
    let mut workbench = flooded();
    workbench.until_ended().keys(&["f", "\"~marked", "enter"]);
    workbench.keys(&["f", "ctrl-u", "enter", "g"]);
    workbench.until("the first block has come", |model| model.shown_run().unwrap().back.is_some()).keys(&["m", "G"]);
    workbench.keys(&["f", "\"~marked | ~n nothing", "enter"]);
    assert!(workbench.screen().contains("No entry matches"), "{}", workbench.screen());
    workbench.keys(&["k"]).until("the marked one is found, nine blocks back", |model| {
        model.shown_run().is_some_and(|run| run.awaited.is_none() && run.selected().is_some_and(|(number, _)| number == 0))
    });
}

#[test]
fn a_flood_of_log_lines_is_bounded_and_can_be_searched() {
    const LINES: u32 = 30_000;
    let mut workbench = Workbench::open((100, 30), |workspace| {
        workspace.write("logs.wat", logging(LINES));
    });
    workbench.until_looked_at().keys(&["R", "4"]).until_ended();
    let run = workbench.model().shown_run().unwrap();
    assert!(run.logs.lines().len() <= 22_000, "{} lines", run.logs.lines().len());
    assert!(workbench.screen().contains("chatter"), "{}", workbench.screen());
    assert!(workbench.keys(&["/", "\"chat+er", "enter"]).screen().contains("chatter"));
}

#[test]
fn a_flood_of_long_log_lines_is_bounded_in_bytes_and_says_what_was_dropped() {
    let mut workbench = Workbench::open((100, 30), |workspace| {
        let long = logging(450).replace("(i32.const 69) (i32.const 7)", "(i32.const 8192) (i32.const 50000)");
        // Text, not the zeros of fresh memory: each of those is written as six characters, which takes a debug build very long.
        let text = "(memory.fill (i32.const 8192) (i32.const 120) (i32.const 50000)) (loop $again";
        workspace.write("logs.wat", long.replace("(loop $again", text));
    });
    workbench.until_looked_at().keys(&["R", "4"]).until_ended();
    let logs = &workbench.model().shown_run().unwrap().logs;
    let (lines, dropped) = (logs.lines().len(), logs.dropped());
    assert!(logs.bytes() <= 17 << 20, "{} bytes", logs.bytes());
    assert!(lines as u64 + dropped == 450 && dropped > 100, "{lines} lines, and {dropped} dropped");
    let told = format!("{dropped} older lines are in the record");
    assert!(workbench.screen().contains(&told), "{}", workbench.screen());
    // The trace keeps no more than it may either, and the panel of its details shows a line that is longer than the list's.
    workbench.keys(&["1", "enter"]);
    assert!(workbench.screen().contains("log line"), "{}", workbench.screen());
}
