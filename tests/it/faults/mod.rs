//! Faults that are asked for: each does what the contract says of a real failure of its kind, and is told as what it is.

mod calls;
mod memory;
mod replayed;
mod telling;
