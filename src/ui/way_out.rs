//! A way out of a screen that no longer answers. No fault is known that would keep the loop from its messages; should there be one, signals
//! and repeated ctrl-c still end the program, with the terminal given back.
//!
//! It knows the terminal and the process, and nothing of what is shown.

use super::terminal::give_back;
use std::time::{Duration, Instant};

/// How long the loop may be busy before it is left behind.
const PATIENCE: Duration = Duration::from_secs(5);

/// Ends the process with this exit code, unless it has ended by itself until then.
pub fn end_if_stuck(code: i32) {
    let wait = move || {
        std::thread::sleep(PATIENCE);
        end_now(code);
    };
    // Where the system gives no thread, what asked for the end can be sent again.
    drop(std::thread::Builder::new().name("skillscope-way-out".into()).spawn(wait));
}

fn end_now(code: i32) -> ! {
    give_back();
    eprintln!("skillscope: the screen did not answer for {} s and was left; every run's record is kept", PATIENCE.as_secs());
    std::process::exit(code)
}

/// Watches whether what is typed is taken in.
#[derive(Debug, Default)]
pub struct Unheard {
    since: Option<Instant>,
}

impl Unheard {
    /// Something was typed while so many keys before it wait; ends the process where it is a ctrl-c and nothing was taken in for long.
    pub fn typed(&mut self, waiting: usize, is_ctrl_c: bool) {
        if self.is_stuck(waiting, Instant::now()) && is_ctrl_c {
            end_now(130);
        }
    }

    fn is_stuck(&mut self, waiting: usize, now: Instant) -> bool {
        if waiting == 0 {
            self.since = None;
            return false;
        }
        now.saturating_duration_since(*self.since.get_or_insert(now)) >= PATIENCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_loop_that_took_in_nothing_for_long_is_stuck() {
        let mut unheard = Unheard::default();
        let began = Instant::now();
        let after = |seconds| began + Duration::from_secs(seconds);
        assert!(!unheard.is_stuck(0, began));
        assert!(!unheard.is_stuck(1, after(1)));
        assert!(!unheard.is_stuck(2, after(5)));
        assert!(unheard.is_stuck(3, after(6)));
        assert!(!unheard.is_stuck(0, after(7)), "it was taken in after all");
        assert!(!unheard.is_stuck(1, after(20)));
    }
}
