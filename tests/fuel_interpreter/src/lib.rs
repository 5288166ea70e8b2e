//! A slow, plain interpreter of WebAssembly 2.0 (with extended constants, without vectors) that counts fuel.
//!
//! It is for tests alone: an independent second counter, written from the rule in `docs/fuel.md` and not from the rewriter's
//! code, of which it knows nothing. Each instruction is executed as it stands in the module; nothing is translated, merged or left out, so
//! that what is counted is what the rule speaks of.
//!
//! It takes modules that passed validation, and panics where one turns out not to have. Floats are canonicalized as the engines'
//! options do it: a NaN that arithmetic gives is the positive one with only its highest bit set.
//!
//! Vector instructions are left out: there are some 240 of them, each costs 1 like any other, and only one of the two compilers has them.

mod body;
mod conversions;
mod data;
mod execute;
mod floats;
mod instantiate;
mod integers;
mod memory;
mod memory_access;
mod module;
mod stack;
mod store;
mod table;
mod value;

pub use body::{Unsupported, uses_vectors};
pub use module::{ImportKind, Module};
pub use store::{Extern, HostFunction, InstanceId, Store, Used};
pub use value::{Stop, Trap, TrapKind, Value};
