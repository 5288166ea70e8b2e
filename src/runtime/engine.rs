//! The two compilers and the one set of WebAssembly features.
//!
//! Every option that changes what code is made, or what it computes, is chosen here and told by [`Compiler::identity`], so
//! that the cache never mixes two. Results, and with them fuel, are the same with both compilers.

use super::instrument::TrapPlaces;
use super::singlepass_faults::SinglepassFaults;
use crate::module::ValidModule;
use std::sync::Arc;
use wasmer::Engine;
use wasmer::sys::{CompilerConfig, Cranelift, Features, NativeEngineExt, Singlepass, Target};

/// The version of what is done about Singlepass's faults, for the cache's key.
const FAULTS_VERSION: u32 = 5;
/// The engine's version, for the cache's key; `Cargo.toml` pins it.
const ENGINE_VERSION: &str = "wasmer 7.4.2";

/// Who turns a module into native code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compiler {
    /// The faster code.
    Cranelift,
    /// The faster compile, by 5 to 7 times; it has no vector instructions.
    Singlepass,
}

impl Compiler {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Cranelift, Self::Singlepass];

    /// The word that people use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cranelift => "cranelift",
            Self::Singlepass => "singlepass",
        }
    }

    /// The compiler that will do it: Cranelift, where the module needs what Singlepass lacks.
    #[must_use]
    pub const fn for_module(self, module: &ValidModule) -> Self {
        if module.uses_simd { Self::Cranelift } else { self }
    }

    /// Whether its code tells of every trap at which instruction it happened. Singlepass has one place in a function for all traps of a kind.
    pub const fn trap_places(self) -> TrapPlaces {
        match self {
            Self::Cranelift => TrapPlaces::Told,
            Self::Singlepass => TrapPlaces::Untold,
        }
    }

    /// An engine of its own for one module: an engine keeps the native code of all that it ever compiled or loaded.
    pub fn engine(self) -> Engine {
        self.engine_with(|_| ())
    }

    /// The same engine with a change to its compiler's options, for those who measure what instrumentation costs: whatever is
    /// made with it never comes near the cache.
    pub fn engine_with(self, change: impl FnOnce(&mut dyn CompilerConfig)) -> Engine {
        let mut config = self.config();
        change(config.as_mut());
        NativeEngineExt::new(config, Target::default(), features())
    }

    /// All that the native code of a module depends on, besides the module: compiler, options, engine, and this machine.
    pub(super) fn identity(self) -> String {
        let engine = self.engine();
        let target = Target::default();
        let mut cpu: Vec<String> = target.cpu_features().iter().map(|feature| feature.to_string()).collect();
        cpu.sort();
        format!(
            "{ENGINE_VERSION}/{}/{}/{}/{:?}/{}/faults{FAULTS_VERSION}",
            engine.deterministic_id(),
            engine.artifact_format(),
            target.triple(),
            features(),
            cpu.join("+")
        )
    }

    fn config(self) -> Box<dyn CompilerConfig> {
        match self {
            Self::Cranelift => {
                let mut config = Cranelift::new();
                config.canonicalize_nans(true);
                Box::new(config)
            }
            Self::Singlepass => {
                let mut config = Singlepass::new();
                config.canonicalize_nans(true);
                config.push_middleware(Arc::new(SinglepassFaults::default()));
                Box::new(config)
            }
        }
    }
}

impl std::fmt::Display for Compiler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// An engine that only loads what was compiled before.
pub(super) fn loading_engine() -> Engine {
    NativeEngineExt::headless()
}

/// The accepted features; validation has refused all others before.
fn features() -> Features {
    let mut features = Features::none();
    features.reference_types(true).simd(true).bulk_memory(true).multi_value(true).extended_const(true);
    features
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_compilers_never_share_a_cache_entry() {
        assert_ne!(Compiler::Cranelift.identity(), Compiler::Singlepass.identity());
        assert!(
            Compiler::ALL.iter().all(|compiler| compiler.identity().contains("nan_canon")),
            "{}",
            Compiler::Singlepass.identity()
        );
    }

    #[test]
    fn the_engine_version_in_the_cache_key_is_the_one_in_use() {
        let manifest = include_str!("../../Cargo.toml");
        let version = ENGINE_VERSION.trim_start_matches("wasmer ");
        assert!(manifest.contains(&format!("wasmer = {{ version = \"={version}\"")));
    }
}
