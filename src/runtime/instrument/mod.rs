//! Checkpoints, written into a module before it is compiled.
