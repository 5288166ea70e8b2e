//! Skills that make host calls one after another and answer with the list of what they got.
//!
//! The types of the imports are written down here once more, from the contract and not from the program.

use crate::program::Workspace;
use serde_json::Value;

/// Where a script's own buffer begins: 4096 bytes, the first 64 of them dots.
pub const BUFFER: u32 = 0x8000;
/// The size of a script's memory, where it asks for no more.
pub const MEMORY: u32 = 0x1_0000;

const TEXTS: u32 = 0x400;
const HEAP: u32 = 0xb000;
const OUTPUT: u32 = 0xc000;

/// Every import of the contract with its type.
pub const IMPORTS: &[(&str, &str)] = &[
    ("cis.ai_prompt", "(param i32 i32 i32 i32) (result i32)"),
    ("cis.memory_get", "(param i32 i32 i32 i32) (result i32)"),
    ("cis.memory_set", "(param i32 i32 i32 i32)"),
    ("cis.http_request", "(param i32 i32 i32 i32 i32 i32) (result i32)"),
    ("env.host_log", "(param i32 i32 i32)"),
    ("env.host_memory_get", "(param i32 i32 i32 i32) (result i32)"),
    ("env.host_memory_set", "(param i32 i32 i32 i32) (result i32)"),
    ("env.host_memory_delete", "(param i32 i32) (result i32)"),
    ("env.host_ai_chat", "(param i32 i32 i32 i32) (result i32)"),
    ("env.host_http_post", "(param i32 i32 i32 i32 i32 i32) (result i32)"),
    ("env.host_now", "(result i64)"),
    ("env.host_alloc", "(param i32) (result i32)"),
    ("env.host_free", "(param i32 i32)"),
    ("env.host_config_get", "(param i32 i32 i32 i32) (result i32)"),
    ("env.abort", "(param i32 i32 i32 i32)"),
    ("env.trace", "(param i32 i32 f64 f64 f64 f64 f64)"),
    ("env.seed", "(result f64)"),
    ("env.emscripten_notify_memory_growth", "(param i32)"),
];

/// The type of an import; the `host_` set is there under `cis` too.
#[track_caller]
pub fn type_of(import: &str) -> &'static str {
    let known = |name: &str| IMPORTS.iter().find(|(known, _)| *known == name);
    known(import).or_else(|| known(&import.replacen("cis.", "env.", 1))).unwrap_or_else(|| panic!("no import {import}")).1
}

/// An import as a declaration of the text format; its function is called `$module.name`.
#[track_caller]
pub fn import(import: &str) -> String {
    let (module, name) = import.split_once('.').unwrap();
    format!("(import \"{module}\" \"{name}\" (func ${import} {}))\n", type_of(import))
}

/// An argument of a host call, as one or two integers.
#[derive(Clone, Copy, Debug)]
pub enum Arg<'a> {
    /// Pointer and length of this text, which lies in the skill's memory.
    Text(&'a str),
    /// The same for bytes.
    Bytes(&'a [u8]),
    /// Pointer and length as they are.
    Range(u32, u32),
    /// One integer.
    Int(i32),
}

/// A d04 skill under construction. It answers with a JSON array: an entry for each result and each piece of memory shown.
#[derive(Clone, Debug)]
pub struct Script {
    imports: Vec<String>,
    texts: Vec<(u32, Vec<u8>)>,
    next_text: u32,
    body: String,
    functions: String,
    pages: u32,
}

impl Script {
    pub fn new() -> Self {
        let dots = (BUFFER, vec![b'.'; 64]);
        let (imports, functions, body) = (Vec::new(), String::new(), String::new());
        Self { imports, texts: vec![dots, (OUTPUT, b"[".to_vec())], next_text: TEXTS, body, functions, pages: 1 }
    }

    /// Pages of memory, where one is too little.
    pub fn pages(mut self, pages: u32) -> Self {
        self.pages = pages;
        self
    }

    /// Calls an import with these arguments, and answers with its result where it has one.
    #[track_caller]
    pub fn call(mut self, name: &str, arguments: &[Arg<'_>]) -> Self {
        let mut integers = String::new();
        for argument in arguments {
            match *argument {
                Arg::Text(text) => self.place(text.as_bytes(), &mut integers),
                Arg::Bytes(bytes) => self.place(bytes, &mut integers),
                Arg::Range(ptr, len) => integers.push_str(&format!("(i32.const {ptr}) (i32.const {len})")),
                Arg::Int(value) => integers.push_str(&format!("(i32.const {value})")),
            }
        }
        let ty = type_of(name);
        let call = format!("(call ${name} {integers})");
        let line = if ty.ends_with("(result i64)") {
            format!("(call $number {call})\n")
        } else if ty.ends_with("(result i32)") {
            format!("(call $number (i64.extend_i32_s {call}))\n")
        } else {
            format!("{call}\n")
        };
        self.import(name).wat(&line)
    }

    /// Makes an import known without calling it.
    #[track_caller]
    pub fn import(mut self, name: &str) -> Self {
        let declaration = import(name);
        if !self.imports.contains(&declaration) {
            self.imports.push(declaration);
        }
        self
    }

    /// Makes a WASI function known as `$name`, by its number of parameters of type i32 or by its type.
    pub fn wasi(mut self, name: &str, ty: &str) -> Self {
        self.imports.push(format!("(import \"wasi_snapshot_preview1\" \"{name}\" (func ${name} {ty}))\n"));
        self
    }

    /// Puts bytes at an address.
    pub fn data(mut self, at: u32, bytes: impl AsRef<[u8]>) -> Self {
        self.texts.push((at, bytes.as_ref().to_vec()));
        self
    }

    /// Answers with this piece of memory, each byte as the character of that number.
    pub fn show(self, ptr: u32, len: u32) -> Self {
        self.wat(&format!("(call $show (i32.const {ptr}) (i32.const {len}))\n"))
    }

    /// Answers with the value of an expression of type i32.
    pub fn number(self, expression: &str) -> Self {
        self.wat(&format!("(call $number (i64.extend_i32_s {expression}))\n"))
    }

    /// Does something in `execute`.
    pub fn wat(mut self, line: &str) -> Self {
        self.body.push_str(line);
        self
    }

    /// Adds functions, globals and exports.
    pub fn with(mut self, functions: &str) -> Self {
        self.functions.push_str(functions);
        self
    }

    fn place(&mut self, bytes: &[u8], integers: &mut String) {
        let known = self.texts.iter().find(|(_, known)| known == bytes).map(|(at, _)| *at);
        let at = known.unwrap_or(self.next_text);
        let len = u32::try_from(bytes.len()).unwrap();
        if known.is_none() {
            self.next_text += len;
            assert!(self.next_text <= BUFFER, "no room for more texts");
            self.texts.push((at, bytes.to_vec()));
        }
        integers.push_str(&format!("(i32.const {at}) (i32.const {len})"));
    }

    /// The module's text.
    pub fn module(&self) -> String {
        let data = |(at, bytes): &(u32, Vec<u8>)| {
            let escaped: String = bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
            format!("(data (i32.const {at}) \"{escaped}\")\n")
        };
        format!(
            r#"(module
{}(memory (export "memory") {})
{}{}
(global $heap (mut i32) (i32.const {HEAP}))
(func (export "alloc") (param $len i32) (result i32)
  (global.set $heap (i32.add (global.get $heap) (local.get $len)))
  (i32.sub (global.get $heap) (local.get $len)))
(func (export "dealloc") (param i32 i32))
{WRITER}
(func (export "execute") (param $input i32) (result i32)
{}
(i32.store8 (i32.sub (global.get $out) (i32.const 1)) (i32.const 93))
(i32.const {OUTPUT})))"#,
            self.imports.concat(),
            self.pages,
            self.texts.iter().map(data).collect::<String>(),
            self.functions,
            self.body,
        )
    }

    /// Runs it in a workspace of its own; the document and the exit code.
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> (Value, i32) {
        let workspace = Workspace::new();
        workspace.write("probe.wat", self.module());
        workspace.run_json("probe", arguments)
    }

    /// Runs it to its good end; the document.
    #[track_caller]
    pub fn document(&self, arguments: &[&str]) -> Value {
        succeeded(self.run(arguments))
    }

    /// Runs it to its good end; what it answers.
    #[track_caller]
    pub fn answer(&self, arguments: &[&str]) -> Value {
        self.document(arguments)["output"].clone()
    }

    /// Runs it under a manifest's tables, with the module beside it.
    #[track_caller]
    pub fn run_with_manifest(&self, tables: &str, arguments: &[&str]) -> (Value, i32) {
        let workspace = Workspace::new();
        workspace.write("probe/probe.wat", self.module());
        workspace.write("probe/skill.toml", format!("[skill]\nname = \"probe\"\nmodule = \"probe.wat\"\n{tables}"));
        workspace.run_json("probe", arguments)
    }
}

/// The document of a run that succeeded.
#[track_caller]
pub fn succeeded((document, code): (Value, i32)) -> Value {
    assert_eq!((code, document["outcome"].as_str()), (0, Some("ok")), "{document:#}");
    document
}

/// Checks how a run ended: outcome, kind of the error, exit code.
#[track_caller]
pub fn ended((document, code): (Value, i32), outcome: &str, kind: &str, expected: i32) -> Value {
    let seen = (document["outcome"].as_str().unwrap_or_default(), document["error"]["kind"].as_str().unwrap_or_default(), code);
    assert_eq!(seen, (outcome, kind, expected), "{document:#}");
    document
}

/// Checks that a text holds all of these.
#[track_caller]
pub fn tells(text: &Value, words: &[&str]) {
    let text = text.as_str().unwrap_or_else(|| panic!("{text} is no text"));
    for word in words {
        assert!(text.contains(word), "{word:?} is not in {text:?}");
    }
}

/// What a script writes its answer with.
pub const WRITER: &str = r#"
(global $out (mut i32) (i32.const 0xc001))
(func $byte (param $byte i32)
  (i32.store8 (global.get $out) (local.get $byte))
  (global.set $out (i32.add (global.get $out) (i32.const 1))))
(func $digits (param $n i64)
  (if (i64.ge_u (local.get $n) (i64.const 10)) (then (call $digits (i64.div_u (local.get $n) (i64.const 10)))))
  (call $byte (i32.wrap_i64 (i64.add (i64.rem_u (local.get $n) (i64.const 10)) (i64.const 48)))))
(func $number (param $n i64)
  (if (i64.lt_s (local.get $n) (i64.const 0))
    (then (call $byte (i32.const 45)) (local.set $n (i64.sub (i64.const 0) (local.get $n)))))
  (call $digits (local.get $n))
  (call $byte (i32.const 44)))
(func $hex (param $digit i32)
  (call $byte (i32.add (local.get $digit)
    (select (i32.const 87) (i32.const 48) (i32.gt_u (local.get $digit) (i32.const 9))))))
(func $character (param $byte i32)
  (if (i32.or (i32.or (i32.lt_u (local.get $byte) (i32.const 32)) (i32.gt_u (local.get $byte) (i32.const 126)))
              (i32.or (i32.eq (local.get $byte) (i32.const 34)) (i32.eq (local.get $byte) (i32.const 92))))
    (then (call $byte (i32.const 92)) (call $byte (i32.const 117)) (call $byte (i32.const 48)) (call $byte (i32.const 48))
          (call $hex (i32.shr_u (local.get $byte) (i32.const 4))) (call $hex (i32.and (local.get $byte) (i32.const 15))))
    (else (call $byte (local.get $byte)))))
(func $show (param $at i32) (param $len i32)
  (call $byte (i32.const 34))
  (block $done (loop $next
    (br_if $done (i32.eqz (local.get $len)))
    (call $character (i32.load8_u (local.get $at)))
    (local.set $at (i32.add (local.get $at) (i32.const 1)))
    (local.set $len (i32.sub (local.get $len) (i32.const 1)))
    (br $next)))
  (call $byte (i32.const 34))
  (call $byte (i32.const 44)))
"#;
