//! The real programs: which modules, how they are called, and on how much work.

use crate::engine::Profile;
use crate::inputs;
use serde_json::json;
use std::path::{Path, PathBuf};

/// A program with its work.
pub struct Program {
    pub name: &'static str,
    /// What is inside.
    pub library: &'static str,
    pub profile: Profile,
    pub module: Vec<u8>,
    pub input: Vec<u8>,
}

/// The top of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A module that the tests have too.
pub fn shared_module(name: &str) -> Vec<u8> {
    read(&repository().join(format!("tests/modules/{name}/{name}.wasm")))
}

fn own_module(name: &str) -> Vec<u8> {
    read(&repository().join(format!("benches/programs/{name}.wasm")))
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn text(text: &str) -> Vec<u8> {
    serde_json::to_vec(text).expect("JSON")
}

/// All of them, on the whole work or, for a first look, on a small part of it.
pub fn all(quick: bool) -> Vec<Program> {
    let part = |whole: u64| if quick { (whole / 20).max(1) } else { whole };
    let bytes = |whole: u64| part(whole) as usize;
    let program = |name, library, profile, module: Vec<u8>, input| Program { name, library, profile, module, input };
    let own = |name, library, input: Vec<u8>| program(name, library, Profile::Command, own_module(name), input);
    let shared = |name, library, profile, input| program(name, library, profile, shared_module(name), input);
    let number = |key: &str, value: u64| json!({ key: value }).to_string().into_bytes();
    vec![
        own("bigint", "num-bigint", number("digits", part(16_000))),
        own("diff", "similar", inputs::prose(bytes(1_200_000)).into_bytes()),
        own("fft", "rustfft", number("points", part(1_500_000))),
        own("fst", "fst", inputs::prose(bytes(1_500_000)).into_bytes()),
        shared("go-words", "Go's std and runtime", Profile::Command, inputs::prose(bytes(5_000_000)).into_bytes()),
        own("hash", "sha2, blake3", number("megabytes", part(30))),
        own("html", "scraper, html5ever", inputs::html(part(4500)).into_bytes()),
        own("image", "png, jpeg-encoder, jpeg-decoder", number("side", part(1500))),
        own("json", "serde_json", inputs::records(part(50_000)).into_bytes()),
        shared("markdown", "pulldown-cmark", Profile::D04, text(&inputs::markdown(bytes(5_000_000)))),
        shared("quickjs", "quickjs-ng (C)", Profile::Command, text(&script(part(300_000)))),
        shared("regex-search", "regex", Profile::Command, searched(bytes(20_000_000))),
        shared("sqlite", "SQLite (C)", Profile::D04, text(&statements(part(70_000)))),
        own("template", "minijinja", number("rows", part(20_000))),
        own("toml", "toml", inputs::toml(part(4000)).into_bytes()),
        own("wasm", "wasmparser", if quick { own_module("json") } else { inputs::module(&shared_module("go-words"), 6) }),
        shared("zlib-pack", "zlib (C)", Profile::D04, text(&inputs::prose(bytes(1_000_000)))),
    ]
}

fn searched(bytes: usize) -> Vec<u8> {
    let pattern = r"(?i)\b(?P<first>q[a-z]+)\s+(?:\w+\s+){1,3}?(?P<last>\w*(?:um|is|ver))\b";
    json!({ "pattern": pattern, "text": inputs::prose(bytes) }).to_string().into_bytes()
}

/// Objects, closures, maps, text, a pattern, sorting, recursion.
fn script(rounds: u64) -> String {
    format!(
        r#"class Node {{ constructor(key, left, right) {{ this.key = key; this.left = left; this.right = right }}
             sum() {{ return this.key + (this.left ? this.left.sum() : 0) + (this.right ? this.right.sum() : 0) }} }}
           const grown = (depth) => depth ? new Node(depth, grown(depth - 1), grown(depth - 1)) : null;
           const counts = new Map(), words = [];
           for (let i = 0; i < {rounds}; i++) {{
             const word = `w${{(i * 7919) % 1009}}`;
             counts.set(word, (counts.get(word) ?? 0) + 1);
             if (i % 16 == 0) words.push(word.replace(/(\d)(\d)/g, "$2$1"));
           }}
           words.sort((a, b) => a < b ? -1 : a > b ? 1 : 0);
           [counts.size, words.length, words[5], grown(12).sum(), [...counts.values()].reduce((a, b) => a + b, 0)]"#
    )
}

fn statements(rows: u64) -> String {
    format!(
        "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, price REAL, kind INTEGER);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
           INSERT INTO item SELECT i, 'item ' || (i * 7919 % 100003), i * 0.25, i % 97 FROM n;
         CREATE INDEX by_name ON item (name);
         UPDATE item SET price = price * 1.1 WHERE kind BETWEEN 10 AND 20;
         DELETE FROM item WHERE name LIKE '%77%';
         SELECT kind, count(*) AS n, round(sum(price), 2) AS total, max(name) AS last FROM item GROUP BY kind ORDER BY total DESC LIMIT 5;
         SELECT count(*) AS pairs FROM item a JOIN item b ON a.name = b.name AND a.id < b.id;"
    )
}
