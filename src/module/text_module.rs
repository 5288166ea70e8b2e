//! Text modules (`.wat`): from text to binary, and what is wrong with the text, shown where it is.

use super::fault::ModuleFault;
use super::file_content::after_blanks;
use super::shown_name::{shown_name, shown_reason};
use crate::event::sanitize_line;
use unicode_width::UnicodeWidthStr as _;
use wast::parser::{ParseBuffer, parse};
use wast::token::Span;

/// The longest source line that is shown whole, in characters; of a longer one, the part round the fault.
const MAX_LINE: usize = 100;

/// The most names that are searched for one that is like a name looked for, and the longest of them, in bytes.
const MAX_COMPARED: usize = 10_000;
const MAX_COMPARED_NAME: usize = 64;

/// A place in a text module, for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextFault {
    /// The line, from 1.
    pub line: usize,
    /// The column, in characters, from 1.
    pub column: usize,
    /// What is wrong there.
    pub reason: String,
    /// The source line with a caret under the place.
    pub excerpt: String,
    /// What to do about it, where that is known.
    pub hint: Option<&'static str>,
}

/// Turns a text module into its binary form.
///
/// # Errors
/// Where the text is not UTF-8, no text module, or a component's text.
pub(super) fn to_binary(bytes: &[u8]) -> Result<Vec<u8>, ModuleFault> {
    let source = std::str::from_utf8(bytes).map_err(|error| not_utf8(bytes, error.valid_up_to()))?;
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    if begins_with(source, "component") {
        return Err(ModuleFault::Component { version: None });
    }
    let fault = |error: wast::Error| ModuleFault::Text(text_fault(source, error.span(), &error.message()));
    let buffer = ParseBuffer::new(source).map_err(fault)?;
    let mut module = parse::<wast::Wat<'_>>(&buffer).map_err(fault)?;
    module.encode().map_err(fault)
}

/// Whether the first parenthesis opens that word.
fn begins_with(source: &str, keyword: &str) -> bool {
    let Some(inside) = after_blanks(source.as_bytes()).strip_prefix(b"(") else { return false };
    let Some(rest) = after_blanks(inside).strip_prefix(keyword.as_bytes()) else { return false };
    !rest.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_.-$".contains(byte))
}

fn text_fault(source: &str, span: Span, message: &str) -> TextFault {
    let (line, column) = span.linecol_in(source);
    let text = source.lines().nth(line).unwrap_or_default();
    // The parser counts the column in bytes.
    let characters = text.char_indices().take_while(|(start, _)| *start < column).count();
    TextFault {
        line: line + 1,
        column: characters + 1,
        hint: script_hint(text),
        reason: unknown_name(source, message).unwrap_or_else(|| shown_reason(message)),
        excerpt: excerpt(line + 1, text, characters),
    }
}

/// Words for a `$name` that is not defined, with the nearest one that occurs.
fn unknown_name(source: &str, message: &str) -> Option<String> {
    let (space, rest) = message.strip_prefix("unknown ")?.split_once(": failed to find name `$")?;
    let name = rest.strip_suffix('`')?;
    let kind = if space == "func" { "function" } else { space };
    let words = format!("unknown {kind} `${}`", shown_name(name));
    Some(match nearest_name(source, name) {
        Some(nearest) => format!("{words}; the nearest name is `${}`", shown_name(nearest)),
        None => words,
    })
}

/// The `$name` in the text that is most like that one.
fn nearest_name<'a>(source: &'a str, name: &str) -> Option<&'a str> {
    let mut names: Vec<&str> = source.split('$').skip(1).take(MAX_COMPARED).filter_map(first_name).collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|known| *known != name && known.len() <= MAX_COMPARED_NAME && name.len() <= MAX_COMPARED_NAME);
    let like = |known: &'a str| (strsim::normalized_damerau_levenshtein(name, known), known);
    names
        .into_iter()
        .map(like)
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, known)| known)
}

/// What stands before the first character that ends a name.
fn first_name(text: &str) -> Option<&str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"' | ';')).next().filter(|name| !name.is_empty())
}

fn script_hint(line: &str) -> Option<&'static str> {
    let line = line.trim_start();
    ["(assert_", "(invoke", "(register"]
        .iter()
        .any(|word| line.starts_with(word))
        .then_some("this is a line of a test script (.wast); a skill is one `(module …)`")
}

/// The line with its number, and a caret under the character at `column` (from 0).
fn excerpt(number: usize, line: &str, column: usize) -> String {
    let from = if column < MAX_LINE * 3 / 4 { 0 } else { column - MAX_LINE / 2 };
    let part = |from: usize, count: usize| -> String {
        let part: String = line.chars().skip(from).take(count).collect();
        sanitize_line(&part.replace('\t', "    ")).into_owned()
    };
    let cut_before = if from == 0 { "" } else { "…" };
    let cut_after = if line.chars().nth(from + MAX_LINE).is_some() { "…" } else { "" };
    let indent = cut_before.width() + part(from, column - from).width();
    let number = number.to_string();
    let margin = " ".repeat(number.len());
    let shown = part(from, MAX_LINE);
    format!("  {number} | {cut_before}{shown}{cut_after}\n  {margin} | {:indent$}^", "")
}

fn not_utf8(bytes: &[u8], valid_up_to: usize) -> ModuleFault {
    let before = bytes.get(..valid_up_to).unwrap_or_default();
    let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    let column = String::from_utf8_lossy(before.get(line_start..).unwrap_or_default()).chars().count();
    let rest = bytes.get(line_start..).unwrap_or_default();
    let whole: &[u8] = rest.split(|&byte| byte == b'\n').next().unwrap_or_default();
    ModuleFault::Text(TextFault {
        line,
        column: column + 1,
        reason: match bytes.get(valid_up_to) {
            Some(byte) => format!("the byte {byte:#04x} is not UTF-8"),
            None => "the text is not UTF-8".to_owned(),
        },
        excerpt: excerpt(line, &String::from_utf8_lossy(whole), column),
        hint: Some("save the file as UTF-8; other bytes in a string are written `\\xx`, in hex"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(source: &[u8]) -> TextFault {
        match to_binary(source) {
            Err(ModuleFault::Text(fault)) => fault,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_caret_stands_under_the_fault() {
        let fault = fault("(module\n\t(; é日 ;) (func call $add))".as_bytes());
        assert_eq!((fault.line, fault.column), (2, 22), "{fault:?}");
        assert_eq!(fault.reason, "unknown function `$add`");
        assert_eq!(fault.excerpt, "  2 |     (; é日 ;) (func call $add))\n    |                          ^");
    }

    #[test]
    fn an_unknown_name_is_shown_with_the_nearest() {
        let fault = fault(b"(module (func $add_one) (func call $ad_one) (func $other))");
        assert_eq!(fault.reason, "unknown function `$ad_one`; the nearest name is `$add_one`");
    }

    #[test]
    fn a_long_line_is_cut_round_the_fault() {
        let source = format!("(module {} (oops))", "(func)".repeat(1000));
        let fault = fault(source.as_bytes());
        let mut lines = fault.excerpt.lines();
        let (text, caret) = (lines.next().unwrap(), lines.next().unwrap());
        assert!(text.chars().count() < 120, "{text}");
        let at = caret.chars().count() - 1;
        assert!(text.chars().skip(at).collect::<String>().starts_with("oops"), "{}", fault.excerpt);
    }

    #[test]
    fn bytes_that_are_not_utf8_are_shown_with_their_place() {
        let fault = fault(b"(module\n (func) \xff)");
        assert_eq!((fault.line, fault.column), (2, 9));
        assert_eq!(fault.reason, "the byte 0xff is not UTF-8");
        assert_eq!(fault.excerpt, "  2 |  (func) \u{fffd})\n    |         ^");
    }

    #[test]
    fn text_of_a_component_is_a_component() {
        assert_eq!(to_binary(b";; x\n( component $c)"), Err(ModuleFault::Component { version: None }));
    }

    #[test]
    fn deep_nesting_is_an_error() {
        assert!(to_binary("(".repeat(100_000).as_bytes()).is_err());
        let folded = format!("(module (func {} {}))", "(block ".repeat(5_000), ")".repeat(5_000));
        let _ = to_binary(folded.as_bytes());
        let types = format!("(module (type {} {}))", "(array ".repeat(5_000), ")".repeat(5_000));
        assert!(to_binary(types.as_bytes()).is_err());
    }

    #[test]
    fn a_fault_at_the_end_of_the_text_has_a_place() {
        let fault = fault(b"(module (func)\n");
        assert!(fault.line >= 1 && fault.excerpt.contains('^'), "{fault:?}");
    }

    #[test]
    fn a_line_of_a_test_script_is_told() {
        assert!(fault(b"(module)\n(assert_return (invoke \"f\"))").hint.is_some_and(|hint| hint.contains(".wast")));
    }
}
