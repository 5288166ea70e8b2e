//! The command line of skillscope.

fn main() {}
