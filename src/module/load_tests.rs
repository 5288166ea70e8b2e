//! Tests of the front door of this floor: each refusal with its message, and what a valid module tells.

use super::{ImportKind, LoadOptions, ModuleError, ValidModule, load};
use crate::event::{Failure, Profile};

pub(super) const D04: &str = r#"(memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) i32.const 8)
  (func (export "dealloc") (param i32 i32))
  (func (export "execute") (param i32) (result i32) local.get 0)"#;

pub(super) fn try_load(source: impl AsRef<[u8]>, options: &LoadOptions) -> Result<ValidModule, ModuleError> {
    load("skill.wasm", source.as_ref().to_vec(), options)
}

fn loaded(fields: &str) -> ValidModule {
    try_load(fields, &LoadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn refused_with(source: impl AsRef<[u8]>, options: &LoadOptions) -> Failure {
    try_load(source, options).expect_err("the module must be refused").into()
}

fn refused(source: impl AsRef<[u8]>) -> Failure {
    refused_with(source, &LoadOptions::default())
}

fn assert_refused(source: impl AsRef<[u8]>, kind: &str, message: &str) -> Failure {
    let failure = refused(source);
    assert_eq!((failure.kind.as_ref(), failure.message.as_str()), (kind, message));
    failure
}

#[test]
fn a_d04_skill_tells_what_it_is() {
    let module = loaded(&format!(r#"(import "env" "host_log" (func (param i32 i32 i32))) {D04} (func $s) (start $s)"#));
    assert_eq!(module.profile, Profile::D04);
    assert_eq!(module.imports.len(), 1);
    assert!(matches!(module.imports[0].kind, ImportKind::Host(_)));
    let memory = module.memory.unwrap();
    assert_eq!((memory.imported, memory.minimum_pages, memory.maximum_pages), (false, 1, None));
    assert_eq!(module.allocator.map(|pair| pair.free), Some("dealloc"));
    assert!(module.has_start && !module.has_initialize && !module.uses_simd && !module.uses_wasi());
    assert!(module.bytes.starts_with(b"\0asm"));
    assert_eq!(module.sha256_hex().len(), 64);
}

#[test]
fn a_binary_is_kept_byte_for_byte() {
    let bytes = wat::parse_str(format!("(module {D04})")).unwrap();
    assert_eq!(*try_load(&bytes, &LoadOptions::default()).unwrap().bytes, *bytes);
}

#[test]
fn simd_is_seen_wherever_it_hides() {
    for field in [
        "(type (func (param v128)))",
        "(func (local v128))",
        "(global v128 v128.const i64x2 0 0)",
        "(func v128.const i64x2 0 0 drop)",
    ] {
        assert!(loaded(&format!("{D04} {field}")).uses_simd, "{field}");
    }
}

#[test]
fn a_cis_sdk_skill_takes_malloc_before_alloc_and_may_return_nothing() {
    let module = loaded(
        r#"(memory (export "memory") 1) (func (export "skill_on_event") (param i32 i32 i32 i32)) (func (export "skill_init") (result i32) i32.const 0)
        (func (export "malloc") (export "alloc") (param i32) (result i32) i32.const 8) (func (export "free") (param i32)) (func (export "dealloc") (param i32 i32))"#,
    );
    assert_eq!(module.profile, Profile::CisSdk);
    assert_eq!(module.allocator.map(|pair| (pair.allocate, pair.free_takes_len)), Some(("malloc", false)));
    assert!(module.has_skill_init && !module.has_skill_shutdown);
}

#[test]
fn a_command_needs_no_memory_where_nothing_does() {
    let module =
        loaded(r#"(import "wasi_snapshot_preview1" "proc_exit" (func (param i32))) (memory 1) (func (export "_start"))"#);
    assert_eq!((module.profile, module.memory), (Profile::Command, None));
    assert!(module.uses_wasi());
}

#[test]
fn an_imported_memory_is_taken() {
    let module =
        loaded(&format!(r#"(import "env" "memory" (memory 2 4)) {}"#, D04.replace(r#"(memory (export "memory") 1)"#, "")));
    let memory = module.memory.unwrap();
    assert_eq!((memory.imported, memory.minimum_pages, memory.maximum_pages), (true, 2, Some(4)));
}

#[test]
fn what_is_no_module_is_named() {
    assert_refused("", "empty", "skill.wasm: the file is empty");
    assert_refused(
        "\x01\x02",
        "not-wasm",
        "skill.wasm: not a WebAssembly module: the file begins with the bytes 01 02, not with `\\0asm` (binary) or `(` (text)",
    );
    let failure =
        assert_refused(b"\x1f\x8b\x08\0", "not-wasm", "skill.wasm: not a WebAssembly module: the file is a gzip-compressed file");
    assert_eq!(failure.hint.as_deref(), Some("decompress it first"));
    assert_refused(
        b"\0asm\x02\0\0\0",
        "version",
        "skill.wasm: binary WebAssembly of version 0x2 (at byte offset 0x4); only version 1 is known",
    );
    let failure = assert_refused(
        b"\0asm\x0d\0\x01\0",
        "component",
        "skill.wasm: a component of the component model, not a core module (version 0xd, layer 1, at byte offset 0x4)",
    );
    assert!(failure.hint.unwrap().contains("wasm-tools component unbundle"));
    assert_refused("(component)", "component", "skill.wasm: a component of the component model, not a core module");
}

#[test]
fn a_size_above_the_limit_is_refused_with_both_sizes() {
    let options = LoadOptions { max_bytes: 10, ..LoadOptions::default() };
    let failure = refused_with("(module       )", &options);
    assert_eq!(
        (failure.kind.as_ref(), failure.message.as_str()),
        ("too-large", "skill.wasm: the module has 15 bytes, more than the limit of 10 bytes")
    );
}

#[test]
fn a_module_that_is_cut_off_says_where() {
    let mut bytes = wat::parse_str(format!("(module {D04})")).unwrap();
    bytes.truncate(40);
    assert_refused(
        &bytes,
        "malformed",
        "skill.wasm: the module is cut off: it ends at byte offset 0x28, in the middle of something",
    );
}

#[test]
fn text_shows_line_column_and_caret() {
    assert_refused(
        "(module\n  (func call $add))",
        "wat",
        "skill.wasm:2:14: unknown function `$add`\n  2 |   (func call $add))\n    |              ^",
    );
}

#[test]
fn invalid_code_shows_function_and_lines() {
    assert_refused(
        "(module (func $answer (result i32)\n i64.const 1))",
        "malformed",
        "skill.wasm: invalid at byte offset 0x1a, in function 0 (`answer`): type mismatch: expected i32, found i64
      (func $answer (;0;) (type 0) (result i32)
        i64.const 1
  >   )
    )",
    );
}

#[test]
fn a_refused_feature_is_named_with_offset_and_hint() {
    let failure = assert_refused(
        format!("(module {D04} (func $f return_call $f))"),
        "feature",
        "skill.wasm: the module uses tail calls (at byte offset 0x5e), which is not accepted",
    );
    assert!(failure.hint.unwrap().contains("-tail-call"));
}

#[test]
fn sizes_above_the_limits_are_refused() {
    let failure = assert_refused(
        "(memory 8193)",
        "memory-limit",
        "skill.wasm: the memory is at least 524352 KiB (8193 pages), above the limit of 512 MiB (8192 pages)",
    );
    assert!(failure.hint.unwrap().contains("--max-memory"));
    assert_refused(
        r#"(import "env" "memory" (memory 65536))"#,
        "memory-limit",
        "skill.wasm: the imported memory is at least 4 GiB (65536 pages), above the limit of 512 MiB (8192 pages)",
    );
    assert_refused(
        "(table 1 funcref) (table 1000001 funcref)",
        "table-limit",
        "skill.wasm: table 1 has at least 1000001 entries, above the limit of 1000000",
    );
    assert_refused(
        "(table 1 funcref)".repeat(9),
        "table-limit",
        "skill.wasm: the module has more than 8 tables, which is the limit",
    );
    assert_refused(
        "(table 1 funcref)".repeat(101),
        "table-limit",
        "skill.wasm: the module has more than 8 tables, which is the limit",
    );
    loaded(&format!("{D04} {} (table 1000000 externref)", "(table 0 funcref)".repeat(7)));
}

#[test]
fn every_import_that_cannot_be_served_is_listed() {
    let failure = assert_refused(
        format!(
            r#"(import "env" "host_lgo" (func (param i32 i32 i32))) (import "cis" "ai_prompt" (func (param i32) (result i32)))
            (import "env" "ai_prompt" (func (param i32 i32 i32 i32) (result i32))) (import "wbg" "__wbindgen_throw" (func (param i32 i32)))
            (import "env" "__memory_base" (global i32)) (import "env" "t" (table 1 funcref)) (import "js" "mem" (memory 1))
            (import "wasi_snapshot_preview1" "fd_write" (func (param i32))) (import "env" "abort" (global f64))
            {}"#,
            D04.replace(r#"(memory (export "memory") 1)"#, "")
        ),
        "unknown-imports",
        "skill.wasm: 9 imports cannot be served:
  env.host_lgo, function (i32, i32, i32) -> (): unknown; the nearest known name is env.host_log
  cis.ai_prompt, function (i32) -> i32: wrong type; expected function (i32, i32, i32, i32) -> i32
  env.ai_prompt, function (i32, i32, i32, i32) -> i32: unknown; the nearest known name is cis.ai_prompt
  wbg.__wbindgen_throw, function (i32, i32) -> (): unknown
  env.__memory_base, global i32: unknown
  env.t, table of funcref, minimum 1: unknown
  js.mem, memory, minimum 1 page: unknown
  wasi_snapshot_preview1.fd_write, function (i32) -> (): wrong type; expected function (i32, i32, i32, i32) -> i32
  env.abort, global f64: wrong type; expected function (i32, i32, i32, i32) -> ()",
    );
    let hint = failure.hint.unwrap();
    assert!(hint.contains("wasm-bindgen") && hint.contains("dynamic linking") && hint.lines().count() == 4, "{hint}");
}

#[test]
fn an_import_of_a_wrong_type_alone_has_its_own_kind() {
    assert_refused(
        format!(r#"(import "env" "memory" (func)) {}"#, D04),
        "import-type",
        "skill.wasm: an import cannot be served:\n  env.memory, function () -> (): wrong type; expected memory",
    );
}

#[test]
fn with_wasi_off_its_imports_are_refused_by_name() {
    let options = LoadOptions { wasi_enabled: false, ..LoadOptions::default() };
    let failure =
        refused_with(r#"(import "wasi_snapshot_preview1" "proc_exit" (func (param i32))) (func (export "_start"))"#, &options);
    assert_eq!(failure.kind, "wasi-off");
    assert_eq!(
        failure.message,
        "skill.wasm: an import cannot be served:\n  wasi_snapshot_preview1.proc_exit, function (i32) -> (): WASI is switched off"
    );
    assert!(failure.hint.unwrap().contains("--no-wasi"));
}

#[test]
fn a_hundred_thousand_unknown_imports_are_refused_at_once() {
    let mut imports = wasm_encoder::ImportSection::new();
    for index in 0..100_000 {
        imports.import("env", &format!("host_unknown_{index}"), wasm_encoder::EntityType::Function(0));
    }
    let mut types = wasm_encoder::TypeSection::new();
    types.ty().function([], []);
    let mut module = wasm_encoder::Module::new();
    module.section(&types).section(&imports);
    let failure = refused(module.finish());
    assert_eq!(failure.kind, "unknown-imports");
    assert!(failure.message.contains("100000 imports cannot be served:") && failure.message.contains("  … and 99800 more"));
    assert!(failure.message.len() < 50_000);
}

#[test]
fn the_profile_must_be_clear() {
    assert_refused(
        r#"(func (export "execute")) (func (export "skill_on_event"))"#,
        "profile",
        "skill.wasm: both `execute` (profile d04) and `skill_on_event` (profile cis-sdk) are exported, so the profile is not clear",
    );
    assert_refused(
        r#"(memory (export "memory") 1) (func (export "Execute")) (func (export "helper"))"#,
        "profile",
        "skill.wasm: no profile: none of `execute` (d04), `skill_on_event` (cis-sdk) and `_start` (command) is exported; \
         its exports are `memory` (memory), `Execute` (function), `helper` (function); is `Execute` meant to be `execute`?",
    );
    assert_refused(
        "(module)",
        "profile",
        "skill.wasm: no profile: none of `execute` (d04), `skill_on_event` (cis-sdk) and `_start` (command) is exported; the module exports nothing",
    );
}

#[test]
fn the_manifests_profile_wins_and_is_checked() {
    let options = LoadOptions { profile: Some(Profile::Command), ..LoadOptions::default() };
    let failure = refused_with(format!("(module {D04})"), &options);
    assert_eq!(failure.kind, "missing-export");
    assert_eq!(
        failure.message,
        "skill.wasm: the exports do not fit the profile command (named in the manifest):\n  `_start` is not exported; expected function () -> ()"
    );
    let both = format!(r#"(module {D04} (func (export "skill_on_event")))"#);
    let options = LoadOptions { profile: Some(Profile::D04), ..LoadOptions::default() };
    assert_eq!(try_load(both, &options).unwrap().profile, Profile::D04);
}

#[test]
fn every_export_that_is_missing_or_wrong_is_listed() {
    assert_refused(
        r#"(memory 1) (global (export "execute") (mut i32) i32.const 0) (func (export "alloc") (param i64) (result i32) i32.const 0)
        (func (export "deallocate") (param i32 i32)) (func (export "_initialize") (result i32) i32.const 0)"#,
        "missing-export",
        "skill.wasm: the exports do not fit the profile d04 (told by the export `execute`):
  `alloc` is a function (i64) -> i32; expected function (i32) -> i32
  `dealloc` is not exported; expected function (i32, i32) -> (); `deallocate` is
  `execute` is a mutable global i32; expected function (i32) -> i32
  `_initialize` is a function () -> i32; expected function () -> ()
  `memory` is not exported; expected memory; the module keeps its memory to itself, and the profile d04 needs it",
    );
    assert_refused(
        r#"(memory 1) (func (export "_start") (param i32))"#,
        "export-type",
        "skill.wasm: the exports do not fit the profile command (told by the export `_start`):\n  `_start` is a function (i32) -> (); expected function () -> ()",
    );
}

#[test]
fn a_cis_sdk_skill_needs_one_of_the_two_pairs() {
    let event =
        r#"(memory (export "memory") 1) (func (export "skill_on_event") (param i32 i32 i32 i32) (result i32) i32.const 0)"#;
    assert_refused(
        event,
        "missing-export",
        "skill.wasm: the exports do not fit the profile cis-sdk (told by the export `skill_on_event`):
  `malloc` is not exported; expected function (i32) -> i32, with `free`: function (i32) -> (); or `alloc` and `dealloc`",
    );
    assert_refused(
        format!(r#"{event} (func (export "alloc") (param i32) (result i32) i32.const 8) (func (export "dealloc") (param i32))"#),
        "export-type",
        "skill.wasm: the exports do not fit the profile cis-sdk (told by the export `skill_on_event`):
  `dealloc` is a function (i32) -> (); expected function (i32, i32) -> ()",
    );
}

#[test]
fn the_memory_must_be_in_reach() {
    let title = "skill.wasm: the exports do not fit the profile command (told by the export `_start`):";
    let command =
        r#"(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32))) (func (export "_start"))"#;
    assert_refused(
        format!(r#"{command} (memory (export "mem") 1)"#),
        "missing-export",
        &format!(
            "{title}\n  `memory` is not exported; expected memory; the memory is exported as `mem`, and the import wasi_snapshot_preview1.fd_write needs it"
        ),
    );
    assert_refused(
        command,
        "missing-export",
        &format!(
            "{title}\n  `memory` is not exported; expected memory; the module has no memory, and the import wasi_snapshot_preview1.fd_write needs one"
        ),
    );
    assert_refused(
        r#"(func (export "_start") (export "memory"))"#,
        "export-type",
        &format!("{title}\n  `memory` is a function () -> (); expected memory"),
    );
}

#[test]
fn imports_and_exports_are_refused_together() {
    let failure = refused(r#"(import "env" "nothing_here" (func)) (func (export "execute"))"#);
    assert_eq!(failure.kind, "unknown-imports");
    assert!(
        failure.message.contains("env.nothing_here") && failure.message.contains("`alloc` is not exported"),
        "{}",
        failure.message
    );
}

#[test]
fn a_memory_out_of_reach_is_told_beside_bad_imports() {
    let fields = format!(r#"(import "env" "nothing_here" (func)) {}"#, D04.replace(r#"(export "memory") "#, ""));
    let failure = refused(fields);
    assert!(
        failure.message.contains("env.nothing_here") && failure.message.contains("keeps its memory to itself"),
        "{}",
        failure.message
    );
}
