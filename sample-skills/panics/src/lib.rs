//! Panics three named functions deep, so that its backtrace has something to show. A panic hook logs the message: without
//! one, a panic of a bare wasm module is only `unreachable`.

use skill_sdk::{Level, log};

skill_sdk::d04!(run);

fn run(input: &str) -> String {
    std::panic::set_hook(Box::new(|panic| log(Level::Error, &panic.to_string())));
    plan_the_day(input)
}

#[inline(never)]
fn plan_the_day(input: &str) -> String {
    format!("{{\"free_hours\": {}}}", count_the_hours(input.len()))
}

#[inline(never)]
fn count_the_hours(letters: usize) -> usize {
    24 - take_the_sixth_meeting(&[9, 10, 11, 13, letters % 24])
}

#[inline(never)]
fn take_the_sixth_meeting(hours: &[usize]) -> usize {
    hours[5]
}
