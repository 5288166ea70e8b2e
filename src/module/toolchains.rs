//! Which toolchain is known to produce an import that nobody here serves, and how to build without it.

use wasmparser::TypeRef;

/// What to do about an unknown import. `resembles_known` tells that a known name is near, so that it is rather a slip of the pen.
pub(super) fn toolchain_hint(module: &str, name: &str, item: &TypeRef, resembles_known: bool) -> Option<&'static str> {
    let import = Import { module, name, item, resembles_known };
    RULES.iter().find(|(applies, _)| applies(&import)).map(|&(_, hint)| hint)
}

struct Import<'a> {
    module: &'a str,
    name: &'a str,
    item: &'a TypeRef,
    resembles_known: bool,
}

impl Import<'_> {
    fn module_is(&self, modules: &[&str]) -> bool {
        modules.contains(&self.module)
    }

    fn module_begins(&self, prefixes: &[&str]) -> bool {
        prefixes.iter().any(|prefix| self.module.starts_with(prefix))
    }

    fn env_named(&self, names: &[&str]) -> bool {
        self.module == "env" && names.contains(&self.name)
    }

    fn env_named_like(&self, prefixes: &[&str]) -> bool {
        self.module == "env" && prefixes.iter().any(|prefix| self.name.starts_with(prefix))
    }
}

type Rule = (fn(&Import<'_>) -> bool, &'static str);

/// The first rule that applies holds.
const RULES: &[Rule] = &[
    (
        |import| {
            import.module_is(&["wbg", "__wbindgen_placeholder__", "__wbindgen_externref_xform__"])
                || import.name.starts_with("__wbindgen_")
                || import.name.starts_with("__wbg_")
                || import.module.ends_with("_bg.js")
        },
        "wasm-bindgen expects JavaScript: build with plain `cargo build` for wasm32-wasip1 or wasm32-unknown-unknown, without wasm-pack and trunk. \
         A dependency may have brought it in (the features `js` or `wasm_js` of getrandom, `js` of uuid, `wasmbind` of chrono; js-sys, web-sys, web-time): \
         `cargo tree -i wasm-bindgen --target wasm32-unknown-unknown` shows which; wasm32-wasip1 needs none of them",
    ),
    (
        |import| {
            import.env_named_like(&["invoke_", "saveSetjmp", "testSetjmp"])
                || import.env_named(&["getTempRet0", "setTempRet0", "_emscripten_throw_longjmp", "emscripten_longjmp"])
        },
        "Emscripten calls through JavaScript for exceptions and setjmp: build with `-fno-exceptions` and `-sSUPPORT_LONGJMP=0`",
    ),
    (
        |import| {
            import.env_named_like(&[
                "__cxa_",
                "_Unwind_",
                "__gxx_personality",
                "__resumeException",
                "__cpp_exception",
                "llvm_eh_",
            ]) || import.env_named(&["getTempRet0", "setTempRet0", "_ZSt9terminatev"])
        },
        "C++ exceptions need a runtime that is not here: build with `-fno-exceptions` (Emscripten also `-sDISABLE_EXCEPTION_CATCHING=1 -sDISABLE_EXCEPTION_THROWING=1`), \
         and link the C++ library (`clang++`, not `clang`)",
    ),
    (
        |import| {
            import.env_named_like(&["emscripten_", "_emscripten_", "__emscripten_", "__syscall_", "_embind_", "_emval_", "em_"])
                || (import.module == "env" && import.name.starts_with('_') && import.name.ends_with("_js"))
                || import.env_named(&["__assert_fail", "segfault", "alignfault", "__main_argc_argv"])
        },
        "Emscripten expects its JavaScript: build with `-sSTANDALONE_WASM` (and `--no-entry` where there is no main), without embind and filesystem in JavaScript; \
         or build with the WASI SDK",
    ),
    (
        |import| import.module == "a" && import.name.len() <= 3,
        "Emscripten has shortened the names of imports that its JavaScript serves: build with `-sSTANDALONE_WASM`, or with the WASI SDK",
    ),
    (
        |import| import.module_is(&["gojs", "go"]) || import.name.starts_with("syscall/js."),
        "Go was built for a browser: build with `GOOS=wasip1 GOARCH=wasm go build`, or `tinygo build -target=wasip1`",
    ),
    (|import| import.env_named_like(&["runtime."]), "TinyGo was built for a browser: build with `tinygo build -target=wasip1`"),
    (
        |import| import.module == "wasi_unstable",
        "WASI preview 0 is no longer served: build with a toolchain of today, which imports wasi_snapshot_preview1",
    ),
    (
        |import| import.module_begins(&["wasi:", "cm32p2", "[export]"]) || import.module == "$root",
        "the core module of a component (WASI preview 2): build for preview 1, Rust `--target wasm32-wasip1`, not wasm32-wasip2; without wit-bindgen",
    ),
    (
        |import| import.module == "wasi" && import.name == "thread-spawn",
        "WASI threads are not served: build for wasm32-wasip1, not wasm32-wasip1-threads",
    ),
    (|import| import.module_begins(&["wasix_"]), "WASIX is not served: build for wasm32-wasip1 with the standard toolchain"),
    (
        |import| import.module_begins(&["wasi_ephemeral_", "wasi_nn", "wasi_experimental_"]),
        "of WASI, only preview 1 is served (wasi_snapshot_preview1)",
    ),
    (
        |import| import.module == "wasi_snapshot_preview1" && !import.resembles_known,
        "WASI preview 1 has no such item: extensions of single engines are not served",
    ),
    (
        |import| import.env_named(&["__linear_memory", "__stack_pointer"]) && !matches!(import.item, TypeRef::Func(_)),
        "an object file, or a part of dynamic linking: link a whole module (`wasm-ld`, clang without `-c`, `-r`, `-shared` and `-fPIC`; Rust `crate-type = [\"cdylib\"]` or a binary)",
    ),
    (
        |import| {
            import.env_named(&["__memory_base", "__table_base", "__indirect_function_table", "__tls_base"])
                || import.module_is(&["GOT.mem", "GOT.func"])
        },
        "the module is a part of dynamic linking: link a whole module, clang without `-shared` and `-fPIC`, emcc without `-sSIDE_MODULE` and `-sMAIN_MODULE`, \
         wasm-ld without `--import-table`",
    ),
    (
        |import| import.module == "asyncify" || import.name.starts_with("asyncify_"),
        "Asyncify needs a host that unwinds: build without `-sASYNCIFY` and without `wasm-opt --asyncify`",
    ),
    (
        |import| {
            import.module_is(&["index", "console", "Math", "Date", "process", "performance", "document", "window"])
                || import.env_named_like(&[
                    "console.",
                    "Date.",
                    "Math.",
                    "performance.",
                    "process.",
                    "crypto.",
                    "document.",
                    "window.",
                ])
        },
        "AssemblyScript imports what JavaScript would serve: log with `host_log` or `trace`, tell the time with `host_now`, and declare what the host offers with `@external(\"cis\", \"…\")`; \
         or take WASI by the package `@assemblyscript/wasi-shim`, for a skill with `--exportStart _initialize`",
    ),
    (
        |import| {
            import.module_is(&[
                "js_code",
                "dart2wasm",
                "intrinsics",
                "string_const",
                "javascript_kit",
                "bjs",
                "teavmMath",
                "dotnet",
            ]) || import.module_begins(&["wasm:js", "teavm"])
        },
        "the toolchain (Kotlin, Dart, Swift, Java, .NET) expects JavaScript: use its WASI target, where it has one (Kotlin `wasmWasi`, Swift `--swift-sdk wasm32-unknown-wasip1`, .NET `wasi-experimental`)",
    ),
    (
        |import| import.module_begins(&["extism:"]),
        "an Extism plugin, built against Extism's kit: write it against the functions of this host",
    ),
    (
        |import| import.env_named_like(&["proxy_"]),
        "a proxy-wasm filter, built against proxies' own functions: write it against the functions of this host",
    ),
    (
        |import| import.module_begins(&["javy_"]),
        "Javy linked its engine dynamically: build with `javy build` without `-C dynamic`",
    ),
    (
        |import| matches!(import.item, TypeRef::Memory(_)),
        "a memory is only offered as `env.memory`: wasm-ld `--import-memory` names it so; better, let the module have its own and export it as `memory`",
    ),
    (
        |import| matches!(import.item, TypeRef::Global(_) | TypeRef::Table(_)),
        "the host offers functions and `env.memory`, no globals and no tables: define it in the module",
    ),
    (
        |import| import.name.starts_with("./") || import.module.starts_with("./") || import.module.ends_with(".js"),
        "the module expects JavaScript beside it: build for WASI, or without bindings to JavaScript",
    ),
    (
        |import| import.module == "env" && matches!(import.item, TypeRef::Func(_)) && !import.resembles_known,
        "a function that was declared but not linked: the linker takes it for an import (`--allow-undefined`, `--import-undefined`, Rust `extern` blocks). \
         Link the library that defines it, or check its name against the host's functions",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(module: &str, name: &str) -> String {
        toolchain_hint(module, name, &TypeRef::Func(0), false).unwrap_or_default().to_owned()
    }

    #[test]
    fn known_toolchains_are_named() {
        for (module, name, word) in [
            ("wbg", "__wbg_now_6", "wasm-bindgen"),
            ("./app_bg.js", "__wbindgen_throw", "wasm-bindgen"),
            ("env", "invoke_vii", "setjmp"),
            ("env", "__cxa_throw", "-fno-exceptions"),
            ("env", "emscripten_resize_heap", "STANDALONE_WASM"),
            ("env", "_abort_js", "STANDALONE_WASM"),
            ("env", "__syscall_openat", "STANDALONE_WASM"),
            ("a", "b", "shortened"),
            ("gojs", "runtime.wasmExit", "GOOS=wasip1"),
            ("env", "syscall/js.valueGet", "GOOS=wasip1"),
            ("env", "runtime.ticks", "tinygo"),
            ("wasi_unstable", "fd_write", "preview 0"),
            ("wasi:io/streams@0.2.0", "[method]output-stream.write", "wasm32-wasip1"),
            ("cm32p2|wasi:cli/run@0.2", "run", "wasm32-wasip1"),
            ("wasi", "thread-spawn", "threads"),
            ("wasix_32v1", "futex_wait", "WASIX"),
            ("asyncify", "start_unwind", "Asyncify"),
            ("env", "console.log", "AssemblyScript"),
            ("index", "log", "AssemblyScript"),
            ("js_code", "kotlin.captureStackTrace", "Kotlin"),
            ("extism:host/env", "input_length", "Extism"),
            ("env", "proxy_log", "proxy-wasm"),
            ("javy_quickjs_provider_v3", "eval_bytecode", "Javy"),
            ("env", "sqlite3_open", "not linked"),
        ] {
            assert!(hint(module, name).contains(word), "{module}.{name}: {}", hint(module, name));
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_not_blamed_on_the_linker() {
        assert_eq!(toolchain_hint("env", "host_lgo", &TypeRef::Func(0), true), None);
        assert_eq!(toolchain_hint("mine", "f", &TypeRef::Func(0), false), None);
    }
}
