//! How soon a key is answered while a skill calls its host without a pause: from the key to the changed screen, in a pseudo-terminal.

use crate::table::{Row, ms, quantile};
use crate::workspace::{Effort, Workspace, calling};
use std::time::{Duration, Instant};

/// A frame at 30 frames a second.
const REACH: Duration = Duration::from_millis(33);

pub fn measure(effort: Effort) -> Vec<Row> {
    let workspace = Workspace::new();
    workspace.save("calls.wat", calling(None).as_bytes());
    let screen = workspace.open_on("calls", &["--timeout", "10m"]);
    screen.press("1R");
    screen.until("calls come", |text| text.contains("following"));
    std::thread::sleep(Duration::from_millis(effort.of(300, 3_000)));
    let mut samples = Vec::new();
    for number in 0..effort.of(6, 200) {
        // Not in step with the frames.
        std::thread::sleep(Duration::from_millis(20 + number * 13 % 47));
        for is_open in [true, false] {
            let pressed = Instant::now();
            screen.send("?");
            screen.until_screen("help is shown, or shown no more", |screen| screen.contents().contains("Help: trace") == is_open);
            samples.push(pressed.elapsed());
        }
    }
    screen.press("\x03");
    screen.until("it is cancelled", |text| text.contains("cancelled"));
    screen.press("q");
    let [median, most, worst] = [0.5, 0.95, 1.0].map(|share| quantile(&mut samples, share));
    let name = |which: &str| format!("a key answered while calls come without a pause, {which}");
    vec![
        Row::time(name("median"), median, REACH),
        Row::time(name("95th of 100"), most, REACH),
        Row::told(name(&format!("longest of {}", samples.len())), ms(worst)),
    ]
}
