//! What the programs work on, made up by a small generator: the same text on every machine, as large as is asked for.

use std::fmt::Write;
use wasm_encoder::{Encode, RawSection};
use wasmparser::{BinaryReader, Payload};

/// A repeatable course of numbers (xorshift).
pub struct Course(u64);

impl Course {
    pub const fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }

    /// A word of one to four syllables; short ones come more often.
    pub fn word(&mut self) -> String {
        const SYLLABLES: [&str; 24] = [
            "ba", "ce", "di", "fo", "gu", "ha", "ker", "lin", "mo", "nus", "par", "qui", "ra", "sel", "ti", "um", "ver", "wo",
            "xan", "yl", "za", "tra", "ent", "is",
        ];
        let syllables = 1 + self.below(4).min(self.below(4));
        (0..syllables).map(|_| SYLLABLES[self.below(SYLLABLES.len() as u64) as usize]).collect()
    }

    pub fn words(&mut self, count: u64) -> String {
        (0..count).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }
}

/// Lines of words, about `bytes` of them.
pub fn prose(bytes: usize) -> String {
    let (mut course, mut text) = (Course::new(7), String::new());
    while text.len() < bytes {
        let count = 4 + course.below(12);
        let _ = writeln!(text, "{}", course.words(count));
    }
    text
}

/// Markdown with headings, lists, tables, links, code and emphasis.
pub fn markdown(bytes: usize) -> String {
    let (mut course, mut text) = (Course::new(11), String::new());
    while text.len() < bytes {
        let (a, b, c, d) = (course.words(4), course.words(9), course.word(), course.words(14));
        let _ = write!(
            text,
            "## {a}\n\n{d} *{b}* and **{c}**, `{c}()` [{a}](https://example.com/{c} \"{c}\") {d}\n\n- [x] {a}\n- {b}\n  1. {c}\n  2. ~~{a}~~\n\n\
             | {c} | {a} |\n|---|--:|\n| {a} | {c} |\n| `{c}` | {b} |\n\n> {d}\n> {b}[^{c}]\n\n```rust\nfn {c}() {{ /* {b} */ }}\n```\n\n[^{c}]: {a}\n\n"
        );
    }
    text
}

/// A list of records.
pub fn records(count: u64) -> String {
    let mut course = Course::new(13);
    let record = |id| {
        let tags = course.words(3).replace(' ', "\", \"");
        let note = if course.below(3) == 0 { "null".to_owned() } else { format!("\"{} \\\"\\u00e9\\n\"", course.words(5)) };
        let score = format!("{}.{}e-2", course.below(100_000), course.below(1000));
        format!(
            "{{\"id\": {id}, \"name\": \"{}\", \"score\": {score}, \"tags\": [\"{tags}\"], \"note\": {note}}}",
            course.words(2)
        )
    };
    format!("[{}]", (0..count).map(record).collect::<Vec<_>>().join(",\n "))
}

/// A configuration with tables, arrays of tables, dates, floats and text of every kind.
pub fn toml(tables: u64) -> String {
    let (mut course, mut text) = (Course::new(17), String::from("title = \"made up\"\n"));
    for table in 0..tables {
        let (a, b) = (course.words(6), course.word());
        let _ = write!(
            text,
            "\n[table-{table}]\n{b} = {}\nratio = {}.25\nwhen = 2024-0{}-1{}T07:32:00Z\nnames = [\"{a}\", '{b}', \"\\u00e9\\t\"]\n\
             inline = {{ x = {}, y = [1, 2, 3], deep.er = true }}\ntext = \"\"\"\n{a}\n{a}\"\"\"\n\n[[table-{table}.list]]\nid = {table}\n\
             [[table-{table}.list]]\nid = 0x{:x}\nname = \"{b}\"\n",
            course.below(1_000_000),
            course.below(1000),
            1 + course.below(9),
            course.below(9),
            course.below(100),
            course.below(65536)
        );
    }
    text
}

/// A page with sections, lists, links, a table, and the sloppiness that browsers put up with.
pub fn html(sections: u64) -> String {
    let (mut course, mut text) = (Course::new(19), String::from("<!doctype html><title>made up</title><body>"));
    for section in 0..sections {
        let (a, b, c) = (course.words(8), course.words(3), course.word());
        let _ = write!(
            text,
            "<section id=s{section} class='{c} wide'><h2>{b}</h2><p>{a} &amp; <em>{c}</em> <a href='/{c}'>{b}</a><p>{a}<em>{b}</em></p>\
             <ul><li class=even>{a}<li>{b}<li class='even {c}'><a href=\"https://example.com/?q={c}&x=1\">{c}</a></ul>\
             <table><tr><td>{a}<td>{b}<tr><td>{c}</td><td><b>{b}</b></td></table><!-- {c} --><br></section>\n"
        );
    }
    text
}

/// A module with all of this one's functions so many times.
pub fn module(bytes: &[u8], times: u32) -> Vec<u8> {
    let mut grown = wasm_encoder::Module::new();
    for payload in wasmparser::Parser::new(0).parse_all(bytes) {
        let payload = payload.expect("a valid module");
        let Some((id, range)) = payload.as_section() else { continue };
        let content = &bytes[range.start as usize..range.end as usize];
        let is_of_functions = matches!(payload, Payload::FunctionSection(_) | Payload::CodeSectionStart { .. });
        let data = if is_of_functions { repeated(content, times) } else { content.to_vec() };
        grown.section(&RawSection { id, data: &data });
    }
    grown.finish()
}

/// A section's content with its entries so many times.
fn repeated(content: &[u8], times: u32) -> Vec<u8> {
    let mut reader = BinaryReader::new(content, 0);
    let count = reader.read_var_u32().expect("how many entries there are");
    let entries = &content[reader.current_position()..];
    let mut data = Vec::new();
    (count * times).encode(&mut data);
    (0..times).for_each(|_| data.extend_from_slice(entries));
    data
}
