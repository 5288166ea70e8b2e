//! What a skill is on disk: its manifest, the workspace it lies in, the catalog of a workspace.
//!
//! It knows `event` and the file system; it must not know a module's inside, the engine or a terminal.

mod permissions;

pub use permissions::Permissions;
