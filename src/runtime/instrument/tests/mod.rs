//! Rewritten modules run on the engine itself, in both forms and with both compilers, beside the original ones.

mod harness;
mod journeys;
mod rule;
mod smith;
mod speed;
mod traps;
