//! What is refused before anything runs for what the file is: no module, a damaged one, refused features, sizes, faulty text.

use crate::acceptance::d04;
use crate::program::Workspace;
use crate::script::{ended, succeeded, tells};
use crate::workspace::{echo, wat};
use serde_json::Value;

/// Runs a module from a file of this name.
#[track_caller]
fn run(file: &str, content: impl AsRef<[u8]>, arguments: &[&str]) -> (Value, i32) {
    let workspace = Workspace::new();
    workspace.write(file, content);
    workspace.run_json(&format!("./{file}"), arguments)
}

/// What is told of a module that is refused.
#[track_caller]
pub fn refused(content: impl AsRef<[u8]>, kind: &str, words: &[&str]) -> Value {
    let document = ended(run("m.wasm", content, &[]), "invalid", kind, 4);
    tells(&document["error"]["message"], &["./m.wasm"]);
    tells(&document["error"]["message"], words);
    assert!(
        document["output"].is_null() && document["usage"]["fuel"] == 0 && document["usage"]["cache"].is_null(),
        "{document:#}"
    );
    document["error"].clone()
}

#[test]
fn a_file_that_is_no_module_is_told_for_what_it_is() {
    for (content, words, hint) in [
        (&b"\x7fELF\x02\x01"[..], "the file is an ELF binary", "build with a wasm target"),
        (b"PK\x03\x04rest", "the file is a zip archive", "unpack it first"),
        (b"\x1f\x8b\x08\0", "the file is a gzip-compressed file", "decompress it first"),
        (b"<!DOCTYPE html>", "the file is an HTML page", "fetch it again"),
        (b"{\"a\": 1}", "the file is a JSON document", "name the .wasm file"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS", "git lfs pull"),
        (b"import x from './x.js'", "source code", "name the .wasm file"),
        (&[0; 4096], "a file of zero bytes only", "build it again"),
        (b"hello", "begins with the bytes 68 65 6c 6c, not with `\\0asm` (binary) or `(` (text)", ""),
        (b"\0", "the module is cut off: it ends at byte offset 0x1", ""),
    ] {
        let kind = if content == b"\0" { "malformed" } else { "not-wasm" };
        let error = refused(content, kind, &[words]);
        assert!(error["hint"].as_str().unwrap_or_default().contains(hint), "{error:#}");
    }
    let error = refused(b"", "empty", &["the file is empty"]);
    tells(&error["hint"], &["build it again"]);
}

#[test]
fn versions_components_and_damage_are_told_apart() {
    refused(b"\0asm\x02\0\0\0", "version", &["version 0x2 (at byte offset 0x4); only version 1 is known"]);
    refused(b"\0asm\x01\0\x02\0", "version", &["version 0x20001 (at byte offset 0x4)"]);
    let error = refused(
        b"\0asm\x0d\0\x01\0",
        "component",
        &["a component of the component model, not a core module (version 0xd, layer 1"],
    );
    tells(&error["hint"], &["wasm32-wasip1"]);
    refused("(component (core module))", "component", &["a component of the component model"]);
    refused("(module (component))", "wat", &["m.wasm:1:10: expected valid module field"]);
    let module = wat(&echo());
    for end in [4, 7, 8, 9, 20, module.len() / 2, module.len() - 1] {
        let error = refused(&module[..end], if end == 8 { "profile" } else { "malformed" }, &[]);
        assert!(
            end == 8 || error["message"].as_str().unwrap().contains("the module is cut off: it ends at byte offset 0x"),
            "{end}: {error:#}"
        );
    }
    let mut longer = module.clone();
    longer.extend([0x0b, 0x7f]);
    refused(&longer, "malformed", &["byte offset 0x"]);
    refused(b"\0asm\x01\0\0\0\x7e\x01\0", "malformed", &["invalid at byte offset 0xa: malformed section id: 126"]);
    let error = refused(
        "(module (func $answer (result i32)\n i64.const 1))",
        "malformed",
        &["invalid at byte offset 0x1a, in function 0 (`answer`): type mismatch: expected i32, found i64", "  >   )"],
    );
    tells(&error["hint"], &["breaks the rules of WebAssembly itself"]);
}

#[test]
fn each_refused_feature_is_named_with_its_byte_offset() {
    for (fields, words) in [
        ("(memory i64 1)", "memory64 (at byte offset 0x"),
        ("(table i64 1 funcref)", "memory64 (at byte offset 0x"),
        ("(memory 1) (memory 1)", "multi-memory (at byte offset 0x"),
        ("(memory 1 2 shared)", "threads and shared memory (at byte offset 0x"),
        (r#"(import "env" "memory" (memory 1 2 shared))"#, "threads and shared memory (at byte offset 0x"),
        ("(memory 1) (func i32.const 0 i32.const 0 i32.atomic.rmw.add drop)", "threads and shared memory (at byte offset 0x"),
        ("(func atomic.fence)", "threads and shared memory (at byte offset 0x"),
        ("(func $f return_call $f)", "tail calls (at byte offset 0x"),
        ("(table 1 funcref) (func i32.const 0 return_call_indirect)", "tail calls (at byte offset 0x"),
        ("(tag $t) (func throw $t)", "exceptions (at byte offset 0x"),
        (r#"(import "env" "t" (tag))"#, "exceptions (at byte offset 0x"),
        ("(func try_table end)", "exceptions (at byte offset 0x"),
        ("(func (local exnref))", "exceptions (at byte offset 0x"),
        ("(func try catch_all end)", "exceptions (legacy form) (at byte offset 0x"),
        ("(func try delegate 0)", "exceptions (legacy form) (at byte offset 0x"),
        ("(type $t (func)) (func (param (ref $t)) local.get 0 call_ref $t)", "function references (at byte offset 0x"),
        ("(func (param (ref func)))", "function references (at byte offset 0x"),
        ("(type (struct (field i32)))", "garbage collection (at byte offset 0x"),
        ("(type (array i8))", "garbage collection (at byte offset 0x"),
        ("(func (param anyref))", "garbage collection (at byte offset 0x"),
        ("(func (result i32) i32.const 1 ref.i31 i31.get_s)", "garbage collection (at byte offset 0x"),
        ("(func (param v128) local.get 0 local.get 0 i8x16.relaxed_swizzle drop)", "relaxed SIMD (at byte offset 0x"),
        (
            "(global i32 i32.const 1) (global i32 global.get 0)",
            "constant expressions that the engine cannot compile (at byte offset 0x",
        ),
        ("(memory 1 (pagesize 1))", "custom page sizes (at byte offset 0x"),
        ("(func i64.const 0 i64.const 0 i64.const 0 i64.const 0 i64.add128 drop drop)", "wide arithmetic (at byte offset 0x"),
        ("(type $f (func)) (type (cont $f))", "stack switching (at byte offset 0x"),
    ] {
        // The same in binary and in text.
        let text = format!("(module {fields})");
        let error = refused(&text, "feature", &["the module uses ", words, "which is not accepted"]);
        assert_eq!(error, refused(wat(&text), "feature", &[words]));
        assert!(!error["hint"].as_str().unwrap().is_empty(), "{fields}");
    }
}

#[test]
fn a_features_offset_is_where_it_is_used() {
    let module = wat("(module (func $f) (func nop nop return_call $f))");
    let at = module.windows(3).position(|bytes| bytes == [0x01, 0x01, 0x12]).unwrap() + 2;
    refused(&module, "feature", &[&format!("tail calls (at byte offset {at:#x})")]);
    refused(
        "(module (memory 1) (memory 1) (func $f atomic.fence return_call $f))",
        "feature",
        &[
            "the module uses features that are not accepted: ",
            "multi-memory (at",
            "threads and shared memory (at",
            "tail calls (at",
        ],
    );
}

#[test]
fn what_the_contract_accepts_runs() {
    for fields in [
        "(global (mut i32) (i32.add (i32.const 1) (i32.mul (i32.const 2) (i32.const 3))))",
        "(global (export \"g\") (mut i64) (i64.const 1))",
        "(func (param f32) (result i32 i64) local.get 0 i32.trunc_sat_f32_s i64.const 1 i64.extend8_s)",
        "(table 1 externref) (table 2 funcref) (data \"x\") (func i32.const 0 i32.const 0 i32.const 1 memory.init 0 data.drop 0)",
        "(func (param v128) (result v128) local.get 0 i8x16.popcnt)",
        "(func (result i32) (block (param) (result i32 i32) i32.const 1 i32.const 2) i32.add)",
        "(func i32.const 0 i32.const 0 i32.const 0 memory.fill i32.const 0 i32.const 0 i32.const 0 memory.copy)",
    ] {
        let text = echo().replacen("(func ", &format!("{fields} (func "), 1);
        succeeded(run("m.wasm", wat(&text), &[]));
        succeeded(run("m.wasm", &text, &["--compiler", "singlepass"]));
    }
}

#[test]
fn content_tells_text_from_binary_and_the_files_name_does_not() {
    for (file, content) in [
        ("text.wasm", echo().into_bytes()),
        ("binary.wat", wat(&echo())),
        ("binary", wat(&echo())),
        ("text.json", format!("\u{feff} ;; a comment\n(; and (; one ;) more ;)\n{}", echo()).into_bytes()),
    ] {
        succeeded(run(file, content, &[]));
    }
}

#[test]
fn faulty_text_is_shown_with_line_column_and_caret() {
    for (text, words) in [
        (
            "(module\n  (func call $add))",
            "./m.wasm:2:14: unknown function `$add`\n  2 |   (func call $add))\n    |              ^",
        ),
        (
            "(module\n\t(func i32.ad))",
            "./m.wasm:2:8: unknown operator or unexpected token\n  2 |     (func i32.ad))\n    |           ^",
        ),
        ("(module (func $add_one) (func call $ad_one))", "unknown function `$ad_one`; the nearest name is `$add_one`"),
        ("(module (func)", "./m.wasm:1:15: "),
        ("(module (memory 1) (data (i32.const 0) \"\\zz\"))", "./m.wasm:1:42: "),
        ("(module\n (func) \u{1b}[2J)", "./m.wasm:2:9: "),
        ("(module (func local.get $x))", "unknown local `$x`"),
        ("(module (func (export \"a\")) (func (export \"a\")))", "byte offset 0x"),
        ("(func", "./m.wasm:1:"),
        ("(", "./m.wasm:1:"),
        ("(; no end", "./m.wasm:1:"),
        ("(module)\n(assert_return (invoke \"f\"))", "./m.wasm:2:1: "),
    ] {
        let kind = if words.starts_with("byte") { "malformed" } else { "wat" };
        let error = refused(text, kind, &[words]);
        assert!(kind == "malformed" || error["message"].as_str().unwrap().lines().last().unwrap().ends_with('^'), "{error:#}");
    }
    let mut bytes = b"(module\n (func) ".to_vec();
    bytes.extend(b"\xff)");
    let error = refused(bytes, "wat", &["./m.wasm:2:9: the byte 0xff is not UTF-8", "\n    |         ^"]);
    tells(&error["hint"], &["UTF-8"]);
    refused("(".repeat(200_000), "wat", &["./m.wasm:1:"]);
    let deep = "(block ".repeat(100_000);
    refused(format!("(module (func {deep}))"), "wat", &["./m.wasm:1:"]);
    refused(format!("(module (func {deep}{}))", ")".repeat(100_000)), "profile", &[]);
}

#[test]
fn a_module_has_at_most_a_hundred_mebibytes_unless_a_flag_says_otherwise() {
    let workspace = Workspace::new();
    // A sparse file: nothing of it is read.
    let file = std::fs::File::create(workspace.path().join("big.wasm")).unwrap();
    file.set_len((100 << 20) + 1).unwrap();
    let document = ended(workspace.run_json("big", &[]), "invalid", "too-large", 4);
    tells(&document["error"]["message"], &["big.wasm has 104857601 bytes, more than the limit of 104857600 bytes"]);
    file.set_len(3 << 40).unwrap();
    let document = ended(workspace.run_json("big", &[]), "invalid", "too-large", 4);
    tells(&document["error"]["message"], &["big.wasm has 3 TiB, more than the limit of 100 MiB"]);
    // At the limit it is read: and found to be zeros.
    file.set_len(100 << 20).unwrap();
    ended(workspace.run_json("big", &[]), "invalid", "not-wasm", 4);
    let module = wat(&echo());
    workspace.write("small.wasm", &module);
    let limit = module.len().to_string();
    succeeded(workspace.run_json("small", &["--max-module", &limit]));
    let less = (module.len() - 1).to_string();
    let document = ended(workspace.run_json("small", &["--max-module", &less]), "invalid", "too-large", 4);
    tells(&document["error"]["message"], &[&limit, &less]);
    workspace.skillscope(&["--validate", "small", "--max-module", &less]).expect(4);
    let listed = workspace.skillscope(&["--list", "--max-module", &less, "--format", "json"]);
    assert_eq!(listed.expect(0).json()[1]["error"]["kind"], "too-large");
    // With a manifest it is the module's fault just the same.
    workspace.write("m/skill.toml", "[skill]\nname = \"m\"\nmodule = \"m.wasm\"\n");
    workspace.write("m/m.wasm", &module);
    ended(workspace.run_json("m", &["--max-module", &less]), "invalid", "too-large", 4);
}

#[test]
fn declared_memory_above_the_limit_is_refused_and_a_flag_changes_the_limit() {
    let pages = |pages: u32| {
        d04("", "(local.get $input)").replace("(memory (export \"memory\") 1)", &format!("(memory (export \"memory\") {pages})"))
    };
    let imported = |pages: u32| pages_imported(pages);
    let error = refused(
        pages(8193),
        "memory-limit",
        &["the memory is at least 524352 KiB (8193 pages), above the limit of 512 MiB (8192 pages)"],
    );
    tells(&error["hint"], &["--max-memory", "`memory` under `[limits]`"]);
    refused(imported(8193), "memory-limit", &["the imported memory is at least 524352 KiB (8193 pages)"]);
    for module in [pages(3), imported(3)] {
        succeeded(run("m.wat", &module, &["--max-memory", "192KiB"]));
        let document = ended(run("m.wat", &module, &["--max-memory", "191KiB"]), "invalid", "memory-limit", 4);
        tells(&document["error"]["message"], &["192 KiB (3 pages), above the limit of 191 KiB (2 pages)"]);
    }
    succeeded(run("m.wat", pages(8193), &["--max-memory", "1GiB"]));
    // A maximum above the limit is lowered, not refused.
    succeeded(run("m.wat", pages(1).replace("\"memory\") 1)", "\"memory\") 1 65536)"), &[]));
    // A check holds it against the same limit.
    let workspace = Workspace::new();
    workspace.write("m.wat", pages(3));
    workspace.skillscope(&["--validate", "m"]).expect(0);
    workspace.skillscope(&["--validate", "m", "--max-memory", "64KiB"]).expect(4);
    assert!(workspace.skillscope(&["--list", "--max-memory", "64KiB"]).expect(0).stdout.contains("invalid (memory-limit)"));
}

fn pages_imported(pages: u32) -> String {
    d04(&format!("(import \"env\" \"memory\" (memory {pages}))"), "(local.get $input)")
        .replace("(memory (export \"memory\") 1)", "")
}

#[test]
fn tables_are_at_most_eight_with_a_million_entries_each() {
    let with = |tables: &str| echo().replacen("(func ", &format!("{tables} (func "), 1);
    succeeded(run("m.wat", with(&format!("{} (table 1000000 externref)", "(table 0 funcref)".repeat(7))), &[]));
    refused(with(&"(table 0 funcref)".repeat(9)), "table-limit", &["the module has more than 8 tables, which is the limit"]);
    refused(
        with("(table 1 funcref) (table 1000001 funcref)"),
        "table-limit",
        &["table 1 has at least 1000001 entries, above the limit of 1000000"],
    );
    refused(with("(table 4294967295 funcref)"), "table-limit", &["table 0 has at least 4294967295 entries"]);
    let imported = echo().replacen("(memory", "(import \"env\" \"t\" (table 1000001 funcref)) (memory", 1);
    refused(imported, "table-limit", &["table 0 has at least 1000001 entries"]);
}
