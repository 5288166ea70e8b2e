//! Large modules run at once with the code of the compiler that is quick, and with that of the other one as soon as it is there.

use crate::program::Workspace;
use serde_json::{Value, json};

/// A skill of more than 1 MiB that counts to `turns` and answers 7.
fn large(turns: u32) -> String {
    let ballast = "x".repeat(1 << 20);
    format!(
        r#"(module (memory (export "memory") 20) (data (i32.const 4096) "{ballast}")
          (func (export "alloc") (param i32) (result i32) (i32.const 1024))
          (func (export "dealloc") (param i32 i32))
          (func (export "execute") (param i32) (result i32) (local $turn i32)
            (loop $again
              (local.set $turn (i32.add (local.get $turn) (i32.const 1)))
              (br_if $again (i32.lt_u (local.get $turn) (i32.const {turns}))))
            (i32.store16 (i32.const 64) (i32.const 55))
            (i32.const 64)))"#
    )
}

/// A run with a cache of the workspace's own: who compiled it, where its code came from, and its fuel.
fn run(workspace: &Workspace, more: &[&str]) -> (String, Value, Value) {
    let home = workspace.path().join("cache");
    let arguments = [&["--run", "large", "--format", "jsonl"], more].concat();
    let ran = workspace.skillscope_with(&arguments, &[("XDG_CACHE_HOME", home.to_str().unwrap())], b"");
    ran.expect(0);
    let events: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of =
        |key: &str, name: &str| events.iter().find(|event| event[key] == name).unwrap_or_else(|| panic!("{name} in {events:?}"));
    let finished = of("type", "finished");
    assert_eq!(finished["output"], json!(7));
    let usage = &finished["usage"];
    (of("event", "loaded")["compiler"].as_str().unwrap().to_owned(), usage["cache"].clone(), usage["fuel"].clone())
}

#[test]
fn a_large_module_begins_with_singlepass_and_goes_on_with_cranelift() {
    let workspace = Workspace::new();
    workspace.write("large.wat", large(200_000_000));
    let (compiler, cache, fuel) = run(&workspace, &[]);
    assert_eq!((compiler.as_str(), &cache), ("singlepass", &json!("miss")));
    // A slow machine may need more than one run's time for it.
    let later = (0..100).map(|_| run(&workspace, &[])).find(|(compiler, ..)| compiler == "cranelift");
    assert_eq!(later, Some(("cranelift".to_owned(), json!("disk"), fuel)));
}

#[test]
fn a_compiler_that_is_named_compiles_it_whatever_its_size_and_a_small_module_is_left_to_cranelift() {
    let workspace = Workspace::new();
    workspace.write("large.wat", large(1000));
    assert_eq!(run(&workspace, &["--compiler", "cranelift", "--no-cache"]).0, "cranelift");
    assert_eq!(run(&workspace, &["--compiler", "singlepass", "--no-cache"]).0, "singlepass");
    assert_eq!(run(&workspace, &["--no-cache"]).0, "singlepass");
    let small = large(1000).replace(&"x".repeat(1 << 20), "x");
    workspace.write("large.wat", small);
    assert_eq!(run(&workspace, &["--no-cache"]).0, "cranelift");
}
