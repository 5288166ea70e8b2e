//! A skill that makes a million host calls: how fast the workbench takes them, how much memory it has then, and whether all are on disk.

use crate::logs::keys;
use crate::table::{Row, quantile};
use crate::workspace::{Effort, Workspace, calling};
use skillscope::record::RecordIndex;
use std::time::{Duration, Instant};

/// A frame at 30 frames a second.
const FRAME: Duration = Duration::from_millis(33);
/// The most memory that the workbench may have at its peak, in bytes.
const REACH: u64 = 300 << 20;

pub fn measure(effort: Effort) -> Vec<Row> {
    let calls = effort.of(20_000, 1_000_000);
    let workspace = Workspace::new();
    workspace.save("calls.wat", calling(Some(calls)).as_bytes());
    if effort == Effort::Little {
        // So that older entries are read back here too.
        workspace.save("skillscope.toml", b"[workbench]\ntrace_entries = 1000\n");
    }
    let screen = workspace.open_on("calls", &["--timeout", "10m"]);
    let began = Instant::now();
    screen.press("1R");
    screen.until("it has run", |text| text.contains("calls ok"));
    let rate = f64::from(calls) / began.elapsed().as_secs_f64();
    let peak = status(screen.child.process_id(), "VmHWM:");
    // The first entries are read back from the disk.
    let asked = Instant::now();
    screen.press("g");
    screen.until("the first entries are shown", |text| text.contains("on disk, G newest"));
    let read_back = asked.elapsed();
    screen.press("G");
    let mut samples = keys(&screen, effort.of(3, 60));
    let key = quantile(&mut samples, 0.95);
    screen.press("q");
    let mut exit = screen;
    exit.exit_code();
    let record = std::fs::read_dir(workspace.path().join(".skillscope/runs")).unwrap().flatten().next().unwrap().path();
    let on_disk = RecordIndex::open_trace(&record).unwrap().len();
    let mut rows = vec![
        Row::told(format!("{calls} host calls in the workbench, a second"), format!("{rate:.0}")),
        Row {
            name: "of these in the record".into(),
            measured: on_disk.to_string(),
            reach: calls.to_string(),
            is_reached: on_disk == usize::try_from(calls).unwrap(),
        },
        Row::time("a key answered after them, 95th of 100", key, FRAME),
        Row::told("the first of them read back", format!("{:.0} ms", read_back.as_secs_f64() * 1e3)),
    ];
    rows.extend(peak.map(|peak| Row {
        name: "the workbench's memory at its peak".into(),
        measured: format!("{} MiB", peak >> 20),
        reach: format!("≤ {} MiB", REACH >> 20),
        is_reached: peak <= REACH,
    }));
    rows
}

/// A figure of the process, in bytes; `None` where the system does not tell.
pub fn status(process: Option<u32>, name: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process?)).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? << 10)
}
