//! The moving line of long compiles and runs, on a terminal only.

use crate::event::figures;
use crate::event::{Event, GaugeSample, RunEvent};
use std::time::{Duration, Instant};

/// Nothing is shown of what takes less.
const PATIENCE: Duration = Duration::from_millis(400);

/// What goes on, since when, and the last figures of it.
#[derive(Debug, Default)]
pub struct Progress {
    activity: Option<Activity>,
}

#[derive(Debug)]
struct Activity {
    since: Instant,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Compiling { module_bytes: u64 },
    Running { sample: Option<GaugeSample>, call: Option<String> },
}

impl Progress {
    /// Takes one event.
    pub fn event(&mut self, event: &Event) {
        match event {
            Event::Compiling { module_bytes, .. } => self.begin(Kind::Compiling { module_bytes: *module_bytes }),
            Event::Run { what, .. } => self.run_event(what),
            Event::Loaded(_) | Event::Rejected { .. } | Event::ShadowsDone { .. } => self.activity = None,
            _ => {}
        }
    }

    fn run_event(&mut self, event: &RunEvent) {
        match event {
            RunEvent::Started(_) => self.begin(Kind::Running { sample: None, call: None }),
            RunEvent::Finished(_) => self.activity = None,
            RunEvent::Sample(sample) => self.update(|known, _| *known = Some(*sample)),
            RunEvent::HostCallStarted(started) => self.update(|_, call| *call = Some(started.name.clone().into_owned())),
            RunEvent::HostCallFinished(_) => self.update(|_, call| *call = None),
            _ => {}
        }
    }

    fn begin(&mut self, kind: Kind) {
        self.activity = Some(Activity { since: Instant::now(), kind });
    }

    fn update(&mut self, change: impl FnOnce(&mut Option<GaugeSample>, &mut Option<String>)) {
        if let Some(Activity { kind: Kind::Running { sample, call }, .. }) = &mut self.activity {
            change(sample, call);
        }
    }

    /// The line to show now, if there is anything that takes long.
    pub fn line(&self) -> Option<String> {
        let activity = self.activity.as_ref()?;
        let elapsed = activity.since.elapsed();
        if elapsed < PATIENCE {
            return None;
        }
        let seconds = format!("{:.1} s", elapsed.as_secs_f64());
        Some(match &activity.kind {
            Kind::Compiling { module_bytes } => {
                format!("compiling {} … {seconds}   (Ctrl-C to cancel)", figures::bytes(*module_bytes))
            }
            Kind::Running { sample, call } => {
                let gauges = sample.map(|sample| {
                    format!(" · fuel {} · memory {}", figures::count(sample.fuel), figures::bytes(sample.memory_bytes))
                });
                let call = call.as_ref().map(|call| format!(" · in {call}"));
                format!("running … {seconds}{}{}   (Ctrl-C to cancel)", gauges.unwrap_or_default(), call.unwrap_or_default())
            }
        })
    }
}
