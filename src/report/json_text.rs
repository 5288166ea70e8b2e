//! JSON as reports write it: harmless on a terminal, and a skill's document as it was given.
//!
//! JSON escapes C0 controls itself and leaves DEL, C1 controls and bidirectional overrides as they are. In its strings they can be
//! escaped without a change of meaning, and everywhere but in a skill's document they are. The document is for programs to read:
//! there they are escaped on a terminal alone.

use crate::event::JsonDocument;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};
use std::io::{self, Write};

/// How deep a document is indented; what lies deeper stands in one line, or indentation would outgrow it.
const INDENTED_DEPTH: usize = 32;

/// Writes a value with a line feed, in one line or indented; documents in it are in one line.
///
/// # Errors
/// Where `out` cannot be written.
pub fn write_json(out: &mut dyn Write, value: &impl Serialize, indented: bool, on_terminal: bool) -> io::Result<()> {
    if indented {
        let layout = Harmless { layout: PrettyFormatter::new(), on_terminal };
        value.serialize(&mut Serializer::with_formatter(&mut *out, layout))?;
    } else {
        let layout = Harmless { layout: CompactFormatter, on_terminal };
        value.serialize(&mut Serializer::with_formatter(&mut *out, layout))?;
    }
    out.write_all(b"\n")
}

/// Writes a document with a line feed for people, indented, with nothing in it that acts on a terminal.
///
/// # Errors
/// Where `out` cannot be written.
pub fn write_for_people(out: &mut dyn Write, document: &JsonDocument) -> io::Result<()> {
    let mut depth = 0_usize;
    let mut tokens = document.tokens().peekable();
    while let Some(token) = tokens.next() {
        match token {
            "[" | "{" => {
                out.write_all(token.as_bytes())?;
                match tokens.next_if(|next| matches!(*next, "]" | "}")) {
                    Some(close) => out.write_all(close.as_bytes())?,
                    None => {
                        depth += 1;
                        new_line(out, depth, depth)?;
                    }
                }
            }
            "]" | "}" => {
                new_line(out, depth, depth.saturating_sub(1))?;
                depth = depth.saturating_sub(1);
                out.write_all(token.as_bytes())?;
            }
            "," => {
                out.write_all(b",")?;
                new_line(out, depth, depth)?;
            }
            ":" => out.write_all(if depth > INDENTED_DEPTH { b":" } else { b": " })?,
            value => write_escaped(out, value)?,
        }
    }
    out.write_all(b"\n")
}

/// A new line inside a bracket of that depth, where such brackets are indented.
fn new_line(out: &mut dyn Write, depth: usize, indentation: usize) -> io::Result<()> {
    if depth > INDENTED_DEPTH { Ok(()) } else { write!(out, "\n{:1$}", "", 2 * indentation) }
}

/// Writes a part of JSON's text with what acts on a terminal escaped; outside strings there is nothing of that kind.
fn write_escaped<W: Write + ?Sized>(out: &mut W, text: &str) -> io::Result<()> {
    for part in text.split_inclusive(acts_on_a_terminal) {
        match part.chars().next_back() {
            Some(last) if acts_on_a_terminal(last) => {
                out.write_all(part.strip_suffix(last).unwrap_or_default().as_bytes())?;
                write!(out, "\\u{:04x}", u32::from(last))?;
            }
            _ => out.write_all(part.as_bytes())?,
        }
    }
    Ok(())
}

const fn acts_on_a_terminal(c: char) -> bool {
    matches!(c, '\x7f'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A layout whose strings are harmless.
struct Harmless<F> {
    layout: F,
    on_terminal: bool,
}

impl<F: Formatter> Formatter for Harmless<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        write_escaped(writer, fragment)
    }

    fn write_raw_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        if self.on_terminal { write_escaped(writer, fragment) } else { writer.write_all(fragment.as_bytes()) }
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.layout.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.layout.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn written(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> String {
        let mut bytes = Vec::new();
        write(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    fn document(text: &str) -> JsonDocument {
        JsonDocument::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn no_control_character_leaves_json_raw_and_the_meaning_stays() {
        let value = json!({ "a": "\x1b[2J\x7f\u{9b}\u{202e}é" });
        let json = written(|out| write_json(out, &value, false, false));
        assert_eq!(json, "{\"a\":\"\\u001b[2J\\u007f\\u009b\\u202eé\"}\n");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap(), value);
    }

    #[test]
    fn a_document_is_written_as_it_was_given_and_harmless_on_a_terminal() {
        #[derive(Serialize)]
        struct Report {
            says: &'static str,
            output: JsonDocument,
        }
        let report = Report { says: "\u{9b}", output: document("{\"n\":1.10,\"n\":\"\u{9b}\\u009b\"}") };
        let to = |on_terminal| written(|out| write_json(out, &report, false, on_terminal));
        assert_eq!(to(false), "{\"says\":\"\\u009b\",\"output\":{\"n\":1.10,\"n\":\"\u{9b}\\u009b\"}}\n");
        assert_eq!(to(true), "{\"says\":\"\\u009b\",\"output\":{\"n\":1.10,\"n\":\"\\u009b\\u009b\"}}\n");
        let indented = written(|out| write_json(out, &report, true, true));
        assert_eq!(indented, "{\n  \"says\": \"\\u009b\",\n  \"output\": {\"n\":1.10,\"n\":\"\\u009b\\u009b\"}\n}\n");
    }

    #[test]
    fn for_people_a_document_is_indented_and_its_numbers_are_left_alone() {
        let shown = written(|out| write_for_people(out, &document("{\"a\":[1.10,{}],\"a\":[],\"\u{7f}\":{\"b\":1e400}}")));
        let expected = "{\n  \"a\": [\n    1.10,\n    {}\n  ],\n  \"a\": [],\n  \"\\u007f\": {\n    \"b\": 1e400\n  }\n}\n";
        assert_eq!(shown, expected);
        assert_eq!(written(|out| write_for_people(out, &document(" 7 "))), "7\n");
    }

    #[test]
    fn what_lies_very_deep_is_shown_in_one_line() {
        let deep = format!("{}{{\"a\":[1,2]}}{}", "[".repeat(100), "]".repeat(100));
        let shown = written(|out| write_for_people(out, &document(&deep)));
        assert_eq!(shown.lines().count(), 2 * INDENTED_DEPTH + 1);
        let line = format!("{}{}{{\"a\":[1,2]}}{}", " ".repeat(64), "[".repeat(68), "]".repeat(68));
        assert!(shown.lines().any(|shown| shown == line), "{shown}");
        let halves = 4 << 20;
        let deepest = document(&format!("{}{}", "[".repeat(halves), "]".repeat(halves)));
        assert!(written(|out| write_for_people(out, &deepest)).len() < 2 * halves + 10_000);
    }
}
