//! Safe bindings to the host functions of the skill ABI, and the three exports of a `d04` skill.
//!
//! A skill that uses none of a binding does not import it: the linker leaves it out. The ABI itself is in `docs/abi.md`.

mod buffer;
mod exports;
mod host;

pub use buffer::{allocate, deallocate};
pub use exports::{answer_document, input_document};
pub use host::{HostError, Level, ai_chat, ai_prompt, config_get, http_request, log, memory_get, memory_set, now};
