//! Rewritten modules run on the engine itself, in both forms and with both compilers, beside the original ones.

mod carrying;
mod harness;
mod joined;
mod journeys;
mod placing;
mod rule;
mod smith;
mod speed;
mod traps;
