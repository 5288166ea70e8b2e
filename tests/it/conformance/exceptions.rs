//! What is left out of the suite, each with its reason. An exception that no longer applies makes the test fail.

/// Something that does not hold.
#[derive(Debug)]
pub struct Exception {
    file: &'static str,
    /// The lines of the directives; empty for the whole file.
    lines: &'static [usize],
    #[allow(dead_code, reason = "it is for whoever reads the table, and shown where the exception no longer applies")]
    reason: &'static str,
}

impl Exception {
    pub fn is(&self, file: &str, line: usize) -> bool {
        self.file == file && (self.lines.is_empty() || self.lines.contains(&line))
    }
}

const GLOBAL_IN_ELEMENT: &str = "an element segment reads an imported global: the engine has no code for that, bare or instrumented, and no skill can \
     have one, since it can import no globals";

pub const EXCEPTIONS: &[Exception] = &[
    Exception { file: "wasm-v2/elem.wast", lines: &[683, 693], reason: GLOBAL_IN_ELEMENT },
    Exception { file: "extended-const/elem.wast", lines: &[692, 702], reason: GLOBAL_IN_ELEMENT },
    Exception {
        file: "wasm-v2/table.wast",
        lines: &[9],
        reason: "the declared maximum of 4294967295 entries is above the bare engine's own limit; skillscope lowers such a maximum",
    },
    Exception { file: "simd/simd_memory-multi.wast", lines: &[5], reason: "needs multi-memory, which is refused" },
];
