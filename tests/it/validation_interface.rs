//! What is refused before anything runs for what the module asks of its host, or the host of it: imports, exports, the profile.

use crate::acceptance::d04;
use crate::program::Workspace;
use crate::script::{ended, succeeded, tells};
use crate::validation::refused;
use crate::workspace::echo;
use serde_json::json;

const EVENT: &str =
    r#"(memory (export "memory") 1) (func (export "skill_on_event") (param i32 i32 i32 i32) (result i32) (i32.const 0))"#;

#[test]
fn two_profiles_or_none_are_refused_unless_the_manifest_says_which() {
    let both =
        d04("", "(local.get $input)").replacen("(func ", "(func (export \"skill_on_event\") (param i32 i32 i32 i32)) (func ", 1);
    let error = refused(&both, "profile", &["both `execute` (profile d04) and `skill_on_event` (profile cis-sdk) are exported"]);
    tells(&error["hint"], &["profile = \"d04\"", "profile = \"cis-sdk\""]);
    let workspace = Workspace::new();
    workspace.write("a/m.wat", &both);
    for profile in ["d04", "cis-sdk"] {
        workspace.write("a/skill.toml", format!("[skill]\nname = \"a\"\nmodule = \"m.wat\"\nprofile = \"{profile}\"\n"));
        assert_eq!(succeeded(workspace.run_json("a", &[]))["profile"], json!(profile));
    }
    let error = refused(
        r#"(module (memory (export "memory") 1) (global (export "g") i32 (i32.const 0)) (table (export "t") 1 funcref) (func (export "Execute")))"#,
        "profile",
        &[
            "none of `execute` (d04), `skill_on_event` (cis-sdk) and `_start` (command) is exported",
            "its exports are `memory` (memory), `g` (global), `t` (table), `Execute` (function); is `Execute` meant to be `execute`?",
        ],
    );
    tells(&error["hint"], &["export `execute` with `alloc` and `dealloc`"]);
    refused("(module)", "profile", &["the module exports nothing"]);
    // `_start` beside another entry point does not make a command.
    let started = echo().replacen("(func ", "(func (export \"_start\")) (func ", 1);
    let workspace = Workspace::new();
    workspace.write("m.wat", started);
    assert_eq!(succeeded(workspace.run_json("m", &[]))["profile"], "d04");
}

#[test]
fn exports_of_d04_that_are_missing_or_wrongly_typed_are_told_with_both_types() {
    let error = refused(
        r#"(module (memory 1) (global (export "execute") (mut i32) i32.const 0) (func (export "alloc") (param i64) (result i32) i32.const 0)
            (func (export "deallocate") (param i32 i32)) (func (export "_initialize") (result i32) i32.const 0))"#,
        "missing-export",
        &[
            "the exports do not fit the profile d04 (told by the export `execute`):",
            "\n  `alloc` is a function (i64) -> i32; expected function (i32) -> i32",
            "\n  `dealloc` is not exported; expected function (i32, i32) -> (); `deallocate` is",
            "\n  `execute` is a mutable global i32; expected function (i32) -> i32",
            "\n  `_initialize` is a function () -> i32; expected function () -> ()",
            "\n  `memory` is not exported; expected memory; the module keeps its memory to itself",
        ],
    );
    tells(&error["hint"], &["export it by that name: Rust", "(export \"memory\" (memory 0))"]);
    for (from, to, found, expected) in [
        (
            "(export \"alloc\") (param $len i32)",
            "(export \"alloc\") (param $len i32) (param i32)",
            "`alloc` is a function (i32, i32) -> i32",
            "function (i32) -> i32",
        ),
        (
            "(func (export \"dealloc\") (param i32 i32))",
            "(func (export \"dealloc\") (param i32))",
            "`dealloc` is a function (i32) -> ()",
            "function (i32, i32) -> ()",
        ),
        (
            "(func (export \"dealloc\") (param i32 i32))",
            "(func (export \"dealloc\") (param i32 i32) (result i32) (i32.const 0))",
            "`dealloc` is a function (i32, i32) -> i32",
            "function (i32, i32) -> ()",
        ),
        (
            "(func (export \"execute\") (param $input i32) (result i32)",
            "(func (export \"execute\") (param $input i32) (result i32 i32) (i32.const 0)",
            "`execute` is a function (i32) -> (i32, i32)",
            "function (i32) -> i32",
        ),
        (
            "(memory (export \"memory\") 1)",
            "(memory 1) (func (export \"memory\"))",
            "`memory` is a function () -> ()",
            "expected memory",
        ),
    ] {
        let module = echo().replace(from, to);
        assert_ne!(module, echo());
        refused(module, "export-type", &[&format!("{found}; "), expected]);
    }
    refused(
        echo().replace("(memory (export \"memory\") 1)", "(memory (export \"mem\") 1)"),
        "missing-export",
        &["the memory is exported as `mem`, and the profile d04 needs it"],
    );
    refused(
        r#"(module (func (export "alloc") (param i32) (result i32) (i32.const 0)) (func (export "dealloc") (param i32 i32)) (func (export "execute") (param i32) (result i32) (i32.const 0)))"#,
        "missing-export",
        &["the module has no memory, and the profile d04 needs one"],
    );
}

#[test]
fn exports_of_cis_sdk_and_of_commands_are_told_too() {
    refused(
        format!("(module {EVENT})"),
        "missing-export",
        &[
            "the profile cis-sdk (told by the export `skill_on_event`)",
            "`malloc` is not exported; expected function (i32) -> i32, with `free`: function (i32) -> (); or `alloc` and `dealloc`",
        ],
    );
    refused(
        format!(r#"(module {EVENT} (func (export "malloc") (param i32) (result i32) i32.const 8))"#),
        "missing-export",
        &["`free` is not exported; expected function (i32) -> ()"],
    );
    refused(
        format!(
            r#"(module {EVENT} (func (export "alloc") (param i32) (result i32) i32.const 8) (func (export "dealloc") (param i32)) (func (export "skill_init") (param i32)) (func (export "skill_shutdown") (result i64) i64.const 0))"#
        ),
        "export-type",
        &[
            "`skill_init` is a function (i32) -> (); expected function () -> i32 or () -> ()",
            "`skill_shutdown` is a function () -> i64; expected function () -> i32 or () -> ()",
            "`dealloc` is a function (i32) -> (); expected function (i32, i32) -> ()",
        ],
    );
    refused(
        r#"(module (func (export "skill_on_event") (param i32 i32)))"#,
        "missing-export",
        &[
            "`skill_on_event` is a function (i32, i32) -> (); expected function (i32, i32, i32, i32) -> i32 or (i32, i32, i32, i32) -> ()",
            "the profile cis-sdk needs one",
        ],
    );
    refused(
        r#"(module (func (export "_start") (param i32)))"#,
        "export-type",
        &["the profile command (told by the export `_start`)", "`_start` is a function (i32) -> (); expected function () -> ()"],
    );
    let workspace = Workspace::new();
    workspace.write("a/m.wat", echo());
    workspace.write("a/skill.toml", "[skill]\nname = \"a\"\nmodule = \"m.wat\"\nprofile = \"command\"\n");
    let document = ended(workspace.run_json("a", &[]), "invalid", "missing-export", 4);
    tells(
        &document["error"]["message"],
        &["the profile command (named in the manifest):\n  `_start` is not exported; expected function () -> ()"],
    );
}

#[test]
fn all_imports_that_cannot_be_served_are_told_at_once() {
    let imports = r#"
        (import "env" "host_lgo" (func (param i32 i32 i32))) (import "cis" "ai_prompt" (func (param i32) (result i32)))
        (import "env" "ai_prompt" (func (param i32 i32 i32 i32) (result i32))) (import "cis" "memory_put" (func (param i32 i32 i32 i32)))
        (import "env" "host_now" (func (result i32))) (import "env" "g" (global i32)) (import "env" "t" (table 1 funcref))
        (import "js" "mem" (memory 1)) (import "env" "memori" (func)) (import "wasi_snapshot_preview1" "fd_write" (func (param i32)))
        (import "wasi_snapshot_preview1" "fd_wrte" (func (param i32 i32 i32 i32) (result i32))) (import "env" "abort" (global f64))
        (import "host" "host_log" (func (param i32 i32 i32))) (import "" "" (func))"#;
    let module = d04(imports, "(local.get $input)").replace("(memory (export \"memory\") 1)", "");
    refused(
        module,
        "unknown-imports",
        &[
            "14 imports cannot be served:",
            "\n  env.host_lgo, function (i32, i32, i32) -> (): unknown; the nearest known name is env.host_log",
            "\n  cis.ai_prompt, function (i32) -> i32: wrong type; expected function (i32, i32, i32, i32) -> i32",
            "\n  env.ai_prompt, function (i32, i32, i32, i32) -> i32: unknown; the nearest known name is cis.ai_prompt",
            "\n  cis.memory_put, function (i32, i32, i32, i32) -> (): unknown; the nearest known name is cis.memory_",
            "\n  env.host_now, function () -> i32: wrong type; expected function () -> i64",
            "\n  env.g, global i32: unknown",
            "\n  env.t, table of funcref, minimum 1: unknown",
            "\n  js.mem, memory, minimum 1 page: unknown",
            "\n  env.memori, function () -> (): unknown; the nearest known name is env.memory",
            "\n  wasi_snapshot_preview1.fd_write, function (i32) -> (): wrong type; expected function (i32, i32, i32, i32) -> i32",
            "\n  wasi_snapshot_preview1.fd_wrte, function (i32, i32, i32, i32) -> i32: unknown; the nearest known name is wasi_snapshot_preview1.fd_write",
            "\n  env.abort, global f64: wrong type; expected function (i32, i32, i32, i32) -> ()",
            "\n  host.host_log, function (i32, i32, i32) -> (): unknown; the nearest known name is cis.host_log",
        ],
    );
    // Imports and exports are told together.
    refused(
        r#"(module (import "env" "nothing_here" (func)) (func (export "execute")))"#,
        "unknown-imports",
        &["env.nothing_here", "`alloc` is not exported", "`execute` is a function () -> ()"],
    );
}

#[test]
fn every_known_import_of_a_wrong_type_is_told_with_the_right_one() {
    for (name, ty) in crate::script::IMPORTS {
        let (module, name) = name.split_once('.').unwrap();
        let text = d04(&format!("(import \"{module}\" \"{name}\" (func (param f32)))"), "(local.get $input)");
        let result = if ty.contains("result") { "" } else { " -> ()" };
        refused(
            text,
            "import-type",
            &[&format!("{module}.{name}, function (f32) -> (): wrong type; expected function ("), result],
        );
        let memory = d04(&format!("(import \"{module}\" \"{name}\" (memory 1))"), "(local.get $input)");
        refused(memory.replace("(memory (export \"memory\") 1)", ""), "import-type", &["memory, minimum 1 page: wrong type"]);
    }
    refused(
        d04("(import \"env\" \"memory\" (func))", "(local.get $input)"),
        "import-type",
        &["env.memory, function () -> (): wrong type; expected memory"],
    );
}

#[test]
fn imports_of_known_toolchains_come_with_a_hint_for_each() {
    for (module, name, words) in [
        ("wbg", "__wbindgen_throw", "wasm-bindgen"),
        ("__wbindgen_placeholder__", "__wbindgen_describe", "wasm-bindgen"),
        ("./app_bg.js", "__wbg_log_0123", "wasm-bindgen"),
        ("env", "invoke_vii", "-sSUPPORT_LONGJMP=0"),
        ("env", "__cxa_throw", "-fno-exceptions"),
        ("env", "emscripten_resize_heap", "-sSTANDALONE_WASM"),
        ("env", "emscripten_memcpy_js", "-sSTANDALONE_WASM"),
        ("env", "__syscall_openat", "-sSTANDALONE_WASM"),
        ("a", "b", "Emscripten has shortened"),
        ("gojs", "runtime.wasmExit", "GOOS=wasip1 GOARCH=wasm"),
        ("go", "syscall/js.valueGet", "GOOS=wasip1 GOARCH=wasm"),
        ("env", "runtime.ticks", "tinygo build -target=wasip1"),
        ("wasi_unstable", "fd_write", "preview 0"),
        ("wasi:cli/stdout@0.2.0", "get-stdout", "wasm32-wasip1"),
        ("wasi:http/outgoing-handler@0.2.0", "handle", "wasm32-wasip1"),
        ("wasi", "thread-spawn", "WASI threads are not served"),
        ("wasix_32v1", "proc_fork", "WASIX"),
        ("wasi_experimental_http", "req", "only preview 1"),
        ("wasi_snapshot_preview1", "sock_open", "WASI preview 1 has no such item"),
        ("env", "console.log", "AssemblyScript"),
        ("index", "log", "AssemblyScript"),
        ("env", "Date.now", "AssemblyScript"),
        ("asyncify", "start_unwind", "Asyncify"),
        ("extism:host/env", "input_length", "Extism"),
        ("env", "proxy_log", "proxy-wasm"),
        ("env", "sqlite3_open", "declared but not linked"),
        ("./glue.js", "call", "JavaScript beside it"),
    ] {
        let text = d04(&format!("(import \"{module}\" \"{name}\" (func))"), "(local.get $input)");
        let error = refused(text, "unknown-imports", &[&format!("{module}.{name}, function () -> (): unknown")]);
        tells(&error["hint"], &[words]);
    }
    let memory = d04("(import \"js\" \"mem\" (memory 1))", "(local.get $input)").replace("(memory (export \"memory\") 1)", "");
    tells(&refused(memory, "unknown-imports", &["js.mem, memory, minimum 1 page"])["hint"], &["`env.memory`"]);
    let global = d04("(import \"env\" \"__stack_pointer\" (global (mut i32)))", "(local.get $input)");
    tells(&refused(global, "unknown-imports", &["env.__stack_pointer, mutable global i32"])["hint"], &["link a whole module"]);
}

#[test]
fn with_wasi_off_its_imports_are_refused_by_name() {
    let imports = r#"(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))"#;
    let workspace = Workspace::new();
    workspace.write("a/m.wat", d04(imports, "(local.get $input)"));
    let manifest = "[skill]\nname = \"a\"\nmodule = \"m.wat\"\n";
    workspace.write("a/skill.toml", manifest);
    succeeded(workspace.run_json("a", &[]));
    workspace.skillscope(&["--validate", "a"]).expect(0);
    workspace.skillscope(&["--validate", "a", "--no-wasi"]).expect(4);
    assert!(workspace.skillscope(&["--list", "--no-wasi"]).expect(0).stdout.contains("invalid (wasi-off)"));
    let by_flag = workspace.run_json("a", &["--no-wasi"]);
    workspace.write("a/skill.toml", format!("{manifest}[wasi]\nenabled = false\n"));
    for refusal in [by_flag, workspace.run_json("a", &[])] {
        let document = ended(refusal, "invalid", "wasi-off", 4);
        tells(
            &document["error"]["message"],
            &[
                "2 imports cannot be served:",
                "\n  wasi_snapshot_preview1.fd_write, function (i32, i32, i32, i32) -> i32: WASI is switched off",
                "\n  wasi_snapshot_preview1.random_get, function (i32, i32) -> i32: WASI is switched off",
            ],
        );
        tells(&document["error"]["hint"], &["enabled = false", "--no-wasi"]);
    }
    // A skill that does not import it has no need of it.
    workspace.write("a/m.wat", echo());
    succeeded(workspace.run_json("a", &["--no-wasi"]));
}

#[test]
fn names_of_strangers_are_shown_harmless_and_short() {
    let name = "x".repeat(5000);
    let module = d04(&format!("(import \"e\\1b[2Jv\" \"a\\nb\" (func)) (import \"m\" \"{name}\" (func))"), "(local.get $input)");
    let error = refused(module, "unknown-imports", &["2 imports cannot be served"]);
    let message = error["message"].as_str().unwrap();
    assert!(message.len() < 1000 && !message.contains('\u{1b}') && message.lines().count() == 3, "{message}");
}
