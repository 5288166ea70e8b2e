//! A skill that logs a million lines: how soon the log panel answers keys meanwhile and afterwards, and how much memory the workbench has.

use crate::million::status;
use crate::pty::Screen;
use crate::table::{Row, quantile};
use crate::workspace::{Effort, Workspace, logging};
use std::time::{Duration, Instant};

/// A frame at 30 frames a second.
const FRAME: Duration = Duration::from_millis(33);
/// The most memory that the workbench may have at its peak, in bytes.
const REACH: u64 = 300 << 20;

pub fn measure(effort: Effort) -> Vec<Row> {
    let lines = effort.of(30_000, 1_000_000);
    let workspace = Workspace::new();
    workspace.save("logs.wat", logging(None).as_bytes());
    let screen = workspace.open_on("logs", &["--timeout", "10m"]);
    screen.press("4R");
    screen.until("lines come", |text| text.contains("chatter") && text.contains("older lines"));
    let mut meanwhile = keys(&screen, effort.of(4, 60));
    // The reader stays where they are.
    screen.press("k");
    let mut scrolled = keys(&screen, effort.of(4, 60));
    screen.press("\x03");
    screen.until("it is cancelled", |text| text.contains("cancelled"));
    workspace.save("logs.wat", logging(Some(lines)).as_bytes());
    let began = Instant::now();
    screen.until("all lines were logged", |text| text.contains("logs ok"));
    let rate = f64::from(lines) / began.elapsed().as_secs_f64();
    screen.press("G");
    screen.until("the last line is shown", |text| text.contains("the last line"));
    let mut afterwards = keys(&screen, effort.of(4, 60));
    let mut moved = timed(effort.of(4, 40), |up| {
        screen.send(if up { "g" } else { "G" });
        screen.until("the other end is shown", |text| text.contains("the last line") != up);
    });
    // The word is in the last line alone, so that all lines are looked at.
    screen.press("g");
    let mut found = timed(effort.of(2, 20), |is_new| {
        if is_new {
            screen.send("/last line\r");
            screen.until("the match is shown", |text| text.contains("the last line"));
        } else {
            screen.send("g");
            screen.until("the first lines are shown again", |text| !text.contains("the last line"));
        }
    });
    let peak = status(screen.child.process_id(), "VmHWM:");
    screen.press("q");
    let [meanwhile, scrolled, afterwards, moved, found] =
        [&mut meanwhile, &mut scrolled, &mut afterwards, &mut moved, &mut found].map(|samples| quantile(samples, 0.95));
    let mut rows = vec![
        Row::told(format!("{lines} log lines in the workbench, a second"), format!("{rate:.0}")),
        Row::time("a key answered while lines come without a pause, 95th of 100", meanwhile, FRAME),
        Row::time("the same while an older line is read", scrolled, FRAME),
        Row::time("a key answered after a million lines, 95th of 100", afterwards, FRAME),
        Row::time("to the first line and the last, 95th of 100", moved, FRAME),
        Row::time("a word found in all of them, or the first line shown again, 95th of 100", found, FRAME),
    ];
    rows.extend(peak.map(|peak| Row {
        name: "the workbench's memory at its peak, log lines".into(),
        measured: format!("{} MiB", peak >> 20),
        reach: format!("≤ {} MiB", REACH >> 20),
        is_reached: peak <= REACH,
    }));
    rows
}

/// The times from a key to the changed screen; help is shown and shown no more.
pub fn keys(screen: &Screen, count: u64) -> Vec<Duration> {
    timed(count, |is_open| {
        screen.send("?");
        screen.until_screen("help is shown, or shown no more", |screen| screen.contents().contains("Help: ") == is_open);
    })
}

/// The times of something that is done and undone so often, not in step with the frames.
fn timed(count: u64, mut act: impl FnMut(bool)) -> Vec<Duration> {
    let mut samples = Vec::new();
    for number in 0..count {
        std::thread::sleep(Duration::from_millis(60 + number * 13 % 47));
        for is_done in [true, false] {
            let pressed = Instant::now();
            act(is_done);
            samples.push(pressed.elapsed());
            // An escape that is followed at once by a letter would be another key.
            std::thread::sleep(Duration::from_millis(60));
        }
    }
    samples
}
