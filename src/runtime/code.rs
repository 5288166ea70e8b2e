//! A module as native code in memory, ready to be instantiated on any thread.

use super::cache::{AddedExports, Entry};
use super::engine::{Compiler, loading_engine};
use super::prepared::Build;
use super::tunables::{LimitingTunables, MemoryWatch};
use std::sync::Arc;
use wasmer::sys::NativeEngineExt;
use wasmer::{CompileError, DeserializeError, Engine, Module, SerializeError, Store};
use wasmer_types::CompilationProgressCallback;

/// Native code is held about this many times: as it was serialized, and as it is mapped.
const COPIES: u64 = 2;

/// A module's native code. The engine that owns the memory of the code lives exactly as long.
pub(super) struct Code {
    // Dropped in this order: the module refers to the engine's memory.
    module: Module,
    engine: Engine,
    compiler: Compiler,
    exports: AddedExports,
    bytes: u64,
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Code").field("exports", &self.exports).field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

impl Code {
    /// Compiles an instrumented module; `progress` may abort it.
    pub(super) fn compile(
        compiler: Compiler,
        instrumented: &[u8],
        exports: AddedExports,
        progress: CompilationProgressCallback,
    ) -> Result<Self, CompileError> {
        let engine = compiler.engine();
        let module = NativeEngineExt::new_module_with_progress(&engine, instrumented, progress)?;
        // Until it is serialized its size can only be guessed at.
        let bytes = u64::try_from(instrumented.len()).unwrap_or(u64::MAX).saturating_mul(4 * COPIES);
        Ok(Self { module, engine, compiler, exports, bytes })
    }

    /// Loads what this compiler made before.
    pub(super) fn load(compiler: Compiler, entry: Entry) -> Result<Self, DeserializeError> {
        let engine = loading_engine();
        let bytes = u64::try_from(entry.code.len()).unwrap_or(u64::MAX).saturating_mul(COPIES);
        #[allow(
            unsafe_code,
            reason = "loading native code cannot be checked by the compiler; this is the one place that does it"
        )]
        // SAFETY: the bytes were made by `Module::serialize` of this very engine version for this very machine (both are in
        // the key under which they were found), have the digest that was taken then, and come from a directory and a file
        // that only this user may write.
        let module = unsafe { Module::deserialize(&engine, entry.code)? };
        Ok(Self { module, engine, compiler, exports: entry.exports, bytes })
    }

    /// What `load` takes.
    pub(super) fn to_entry(&self) -> Result<Entry, SerializeError> {
        Ok(Entry { exports: self.exports.clone(), code: self.module.serialize()?.to_vec() })
    }

    /// A store for one run, whose memories and tables keep to the limits of that run.
    pub(super) fn store(&self, watch: &Arc<MemoryWatch>) -> Store {
        let mut engine = self.engine.clone();
        engine.set_tunables(LimitingTunables::new(Arc::clone(watch)));
        Store::new(engine)
    }

    pub(super) const fn module(&self) -> &Module {
        &self.module
    }

    /// The exports that instrumentation added.
    pub(super) const fn exports(&self) -> &AddedExports {
        &self.exports
    }

    /// Who compiled it.
    pub(super) const fn compiler(&self) -> Compiler {
        self.compiler
    }

    /// What was made of the module.
    pub(super) const fn build(&self) -> Build {
        if self.exports.counters.is_some() { Build::Profiled } else { Build::Normal }
    }

    /// About how many bytes it takes in memory.
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }
}
