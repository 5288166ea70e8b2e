//! What the workbench uses of a processor while nothing happens. It must be next to nothing: it is open all day.

use crate::pty::Screen;
use crate::table::Row;
use crate::workspace::{Effort, samples};
use std::time::{Duration, Instant};

/// The largest share of one processor that counts as next to nothing, in percent.
const REACH: f64 = 1.0;

pub fn measure(effort: Effort) -> Vec<Row> {
    let workspace = samples();
    let screen = workspace.open(&[]);
    screen.until("every skill is there", |text| text.contains("word-index") && !text.contains("compiling"));
    settle(&screen);
    let opened = share(&screen, effort);
    screen.press("R");
    screen.until("a run has ended", |text| !text.contains("not run yet") && !text.contains("running"));
    settle(&screen);
    let after_run = share(&screen, effort);
    screen.press("q");
    [("opened", opened), ("after a run", after_run)].into_iter().filter_map(|(when, share)| row(when, share?)).collect()
}

fn row(when: &str, share: f64) -> Option<Row> {
    Some(Row {
        name: format!("idle on the sample skills, {when}: one processor"),
        measured: format!("{share:.2} %"),
        reach: format!("≤ {REACH} %"),
        is_reached: share <= REACH,
    })
}

/// Waits until the screen stands still: what is compiled behind it is done.
fn settle(screen: &Screen) {
    let (mut last, mut since) = (screen.text(), Instant::now());
    let mut used = processor_time(screen);
    while since.elapsed() < Duration::from_secs(3) {
        std::thread::sleep(Duration::from_millis(200));
        let (now, time) = (screen.text(), processor_time(screen));
        let busy = time.zip(used).is_some_and(|(time, used)| time.saturating_sub(used) > Duration::from_millis(50));
        used = time;
        if now != last || busy {
            (last, since) = (now, Instant::now());
        }
    }
}

/// The share of one processor, in percent; `None` where the system does not tell.
fn share(screen: &Screen, effort: Effort) -> Option<f64> {
    let (began, before) = (Instant::now(), processor_time(screen)?);
    std::thread::sleep(Duration::from_secs(effort.of(2, 10)));
    let used = processor_time(screen)?.saturating_sub(before);
    Some(used.as_secs_f64() / began.elapsed().as_secs_f64() * 100.0)
}

/// The processor time that the program has used, in hundredths of a second as Linux counts it.
fn processor_time(screen: &Screen) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", screen.child.process_id()?)).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}
