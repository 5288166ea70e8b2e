//! The filter language: what it matches, how it is read and written back, and what it refuses.

use super::*;
use crate::event::{CallFinished, CallId, CallRequest, LogLevel, Payload, WasiCall};

fn request(fields: &[(&'static str, &str)]) -> CallRequest {
    CallRequest(fields.iter().map(|(name, value)| ((*name).into(), Payload::from(*value))).collect())
}

fn finished() -> CallFinished {
    CallFinished {
        id: CallId(1),
        result: Some(5),
        response: None,
        truncated: false,
        held: false,
        elapsed_us: 1_000,
        provider: None,
        tokens: None,
        error: None,
    }
}

fn wasi(name: &'static str, errno: Option<i32>) -> WasiCall {
    WasiCall { name: name.into(), arguments: vec![1], errno, elapsed_us: 2, ..WasiCall::default() }
}

/// The letters of the sample entries that a filter means: `a` an AI call, `h` a failed HTTP call, `o` an open call to the store,
/// `l` a warning in the log, `w` a WASI call, `x` one that failed, `s` a piece of stdout.
fn matched(filter: &str) -> String {
    let filter = Filter::parse(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
    let written_back = Filter::parse(&filter.to_string()).unwrap_or_else(|error| panic!("{filter}: {error}"));
    let prompt = request(&[("prompt", "Summarize: buy milk")]);
    let answer = CallFinished {
        response: Some("MILK is to be bought".into()),
        provider: Some("mock".into()),
        truncated: true,
        ..finished()
    };
    let get = request(&[("url", "http://example.com/milk"), ("method", "GET"), ("body", "")]);
    let not_found = CallFinished {
        result: Some(-404),
        error: Some("the server answered with status 404".into()),
        elapsed_us: 250_000,
        ..finished()
    };
    let key = request(&[("key", "notes/1")]);
    let (write, bad) = (wasi("fd_write", Some(0)), wasi("fd_read", Some(8)));
    let entries = [
        ('a', EntryView::of_finished_call("cis.ai_prompt", &prompt, &answer)),
        ('h', EntryView::of_finished_call("env.host_http_post", &get, &not_found).marked(true)),
        ('o', EntryView::of_open_call("env.host_memory_get", &key).taking(90_000)),
        ('l', EntryView::of_log_line(LogLevel::Warn, "no milk left")),
        ('w', EntryView::of_wasi_call(&write)),
        ('x', EntryView::of_wasi_call(&bad)),
        ('s', EntryView::of_stdout(b"\xff\xfe milk: 2\n")),
    ];
    let of =
        |filter: &Filter| entries.iter().filter(|(_, entry)| filter.matches(entry)).map(|(letter, _)| letter).collect::<String>();
    assert_eq!(of(&filter), of(&written_back), "{filter}");
    of(&filter)
}

#[test]
fn each_operator_asks_its_question() {
    for (filter, expected) in [
        ("milk", "ahls"),
        ("~n ai_prompt", "a"),
        ("~n ^fd_", "wx"),
        ("~q MILK", "ah"),
        ("~bq MILK", "ah"),
        ("~s milk", "a"),
        ("~b milk", "ahls"),
        ("~u example\\.com", "h"),
        ("~p mock", "a"),
        ("~e", "hx"),
        ("~c -404", "h"),
        ("~c 8", "x"),
        ("~t", "a"),
        ("~slow", "h"),
        ("~slow 90ms", "ho"),
        ("~slow 1s", ""),
        ("~open", "o"),
        ("~k ai", "a"),
        ("~k wasi", "wx"),
        ("~k call", "aho"),
        ("~k out", "s"),
        ("~k log", "l"),
        ("~k log-call", ""),
        ("~l info", "l"),
        ("~l error", ""),
        ("~marked", "h"),
        ("~all", "aholwxs"),
    ] {
        assert_eq!(matched(filter), expected, "{filter}");
    }
}

#[test]
fn not_binds_closest_then_and_then_or_and_side_by_side_is_and() {
    for (filter, expected) in [
        ("milk ~e", "h"),
        ("milk & ~e | ~open", "ho"),
        ("~open | milk ~e", "ho"),
        ("milk & (~e | ~t)", "ah"),
        ("!milk", "owx"),
        ("!milk ~k wasi", "wx"),
        ("!(milk | ~k wasi)", "o"),
        ("!!~e", "hx"),
        ("~e|~t&milk", "ahx"),
        ("~e!~k wasi", "h"),
    ] {
        assert_eq!(matched(filter), expected, "{filter}");
    }
}

#[test]
fn words_are_regular_expressions_whatever_the_case_and_quotes_hold_the_rest() {
    for (filter, expected) in [
        ("MiLK", "ahls"),
        ("m.lk$", "ah"),
        ("\"no milk\"", "l"),
        ("'no milk'", "l"),
        ("\"(summarize|no m)\"", "al"),
        ("~s \"^MILK is\"", "a"),
        ("\"milk: \\d\"", "s"),
        ("(?-i)MILK", "?"),
        ("\"(?-i)MILK\"", "a"),
    ] {
        if expected == "?" {
            assert!(Filter::parse(filter).is_err(), "{filter}");
        } else {
            assert_eq!(matched(filter), expected, "{filter}");
        }
    }
}

#[test]
fn a_filter_is_written_back_in_its_shortest_form() {
    for (filter, written) in [
        ("  a   b ", "a & b"),
        ("a&(b&(c))", "a & b & c"),
        ("a|(b|c)&d", "a | (b | c) & d"),
        ("!( a )", "!a"),
        ("!(a b)", "!(a & b)"),
        ("~bq x", "~q x"),
        ("~slow", "~slow 100ms"),
        ("~slow 90s", "~slow 1m30s"),
        ("\"plain\" 'two words'", "plain & \"two words\""),
        (r#""\d+ \\ \" '""#, r#""\d+ \ \" '""#),
        (r#""a b\\\\c""#, r#""a b\\\c""#),
        ("\"!x\" \"~e\" \"\"", "\"!x\" & \"~e\" & \"\""),
    ] {
        let filter = Filter::parse(filter).unwrap();
        assert_eq!(filter.to_string(), written);
        assert_eq!(Filter::parse(written).unwrap(), filter);
    }
}

#[test]
fn what_is_no_filter_is_told_with_its_column_and_what_was_expected() {
    for (filter, message) in [
        ("", "column 1: a filter is missing; ~all means everything"),
        ("  ", "column 1: a filter is missing; ~all means everything"),
        ("é &", "column 4: expected a word, a quoted text, an operator or (, found the end"),
        ("| a", "column 1: expected a word, a quoted text, an operator or (, found |"),
        ("a )", "column 3: expected the end, found )"),
        ("(a | b", "column 1: this ( has no )"),
        ("a \"b", "column 3: this quoted text does not end; write \" at its end, and \\\" for one inside"),
        (
            "ai_(prompt|chat)",
            "column 4: ( right behind a word: put the whole text in quotes, as in \"ai_(prompt|chat)\", or a blank between",
        ),
        ("~n", "column 3: expected a regular expression, found the end"),
        ("~n ~e", "column 4: expected a regular expression, found ~e"),
        ("~n [", "column 4: not a regular expression: unclosed character class"),
        ("a ~openn", "column 3: there is no operator ~openn; did you mean ~open?"),
        ("~name x", "column 1: there is no operator ~name; did you mean ~n?"),
        ("~x", "column 1: there is no operator ~x; there are ~n ~q ~s ~b ~u ~p ~e ~c ~t ~slow ~open ~k ~l ~marked ~all"),
        (
            "~slow 100",
            "column 7: ~slow wants a duration with its unit, such as 100ms, not 100; put 100 in quotes where the text is meant",
        ),
        ("~c many", "column 4: ~c wants a whole number, such as -3 or 404, not many"),
        ("~k htpp", "column 4: there is no kind htpp; did you mean http?"),
        ("~l loud", "column 4: there is no log level loud; the levels are trace, debug, info, warn, error"),
        (
            "~l warning",
            "column 4: there is no log level warning; did you mean warn?; the levels are trace, debug, info, warn, error",
        ),
    ] {
        assert_eq!(Filter::parse(filter).unwrap_err().to_string(), message, "{filter:?}");
    }
    assert_eq!(matched("~slow \"404\""), "h", "a text behind ~slow is written in quotes");
}

#[test]
fn length_depth_number_and_size_are_bounded() {
    let fault = |filter: &str| Filter::parse(filter).unwrap_err().fault;
    assert_eq!(fault(&"x".repeat(MAX_FILTER_BYTES + 1)), FilterFault::TooLong);
    assert_eq!(fault(&"(".repeat(MAX_FILTER_BYTES)), FilterFault::TooDeep);
    assert_eq!(fault(&"!".repeat(MAX_FILTER_BYTES)), FilterFault::TooDeep);
    let deep = |depth| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Filter::parse(&deep(MAX_FILTER_DEPTH)).is_ok());
    assert_eq!(fault(&deep(MAX_FILTER_DEPTH + 1)), FilterFault::TooDeep);
    assert!(Filter::parse(&"a ".repeat(MAX_FILTER_TESTS)).is_ok());
    assert_eq!(fault(&"a ".repeat(MAX_FILTER_TESTS + 1)), FilterFault::TooManyTests);
    assert_eq!(fault(r"\w{1000}"), FilterFault::RegexTooLarge);
    assert!(matches!(fault(&format!("\"{}\"", "(".repeat(1000))), FilterFault::Regex(_)));
}

#[test]
fn every_operator_of_the_table_is_read_by_all_its_names() {
    for row in OPERATORS {
        let argument = match row.argument {
            Argument::None => "",
            Argument::Regex => "x",
            Argument::Duration => "5ms",
            Argument::Code => "-1",
            Argument::Kind => "http",
            Argument::Level => "warn",
        };
        for name in row.aliases.iter().chain([&row.name]) {
            let filter = Filter::parse(&format!("{name} {argument}")).unwrap();
            assert_eq!(filter.to_string(), format!("{} {argument}", row.name).trim());
        }
        assert_eq!(OPERATORS.iter().filter(|other| other.name == row.name || other.aliases.contains(&row.name)).count(), 1);
    }
    for kind in EntryKind::ALL {
        assert!(Filter::parse(&format!("~k {}", kind.word())).is_ok());
        assert!(KIND_GROUPS.iter().all(|(group, _)| *group != kind.word()));
    }
}

/// A course of numbers that is the same each time.
struct Course(u64);

impl Course {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(bound).unwrap()).unwrap()
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    /// A filter, not in its shortest form.
    fn filter(&mut self, depth: usize) -> String {
        match self.below(if depth == 0 { 2 } else { 6 }) {
            0 => format!(
                "{} ",
                self.of(&["~e", "~t", "~open", "~marked", "~all", "~slow", "~slow 3ms", "~c -4", "~k out", "~l info"])
            ),
            1 => {
                let operator = self.of(&["", "~n ", "~q ", "~s ", "~b ", "~u ", "~p "]);
                format!("{operator}{} ", self.text())
            }
            2 => format!("!{}", self.in_parentheses(depth)),
            3 => self.in_parentheses(depth),
            4 => format!("{}{}{}", self.filter(depth - 1), self.of(&["&", " ", "& "]), self.filter(depth - 1)),
            _ => format!("{}| {}", self.filter(depth - 1), self.filter(depth - 1)),
        }
    }

    fn in_parentheses(&mut self, depth: usize) -> String {
        format!("({})", self.filter(depth - 1))
    }

    /// A quoted text that is a regular expression, with what makes quoting hard.
    fn text(&mut self) -> String {
        let pieces = ["a", "é", " ", "!", "~", "\\\"", "'", "\\\\\\\\", "\\d", "\\\\.", "&", "|", "ms", "1", "\\.", "\t"];
        let inside: String = (0..self.below(6)).map(|_| self.of(&pieces)).collect();
        format!("\"{inside}\"")
    }
}

#[test]
fn whatever_is_read_is_written_back_as_the_same_filter() {
    let mut course = Course(0x9e37_79b9_7f4a_7c15);
    for _ in 0..3_000 {
        let text = course.filter(5);
        match Filter::parse(&text) {
            Ok(filter) => {
                let written = filter.to_string();
                assert_eq!(Filter::parse(&written).as_ref(), Ok(&filter), "{text}\n{written}");
            }
            Err(error) => assert!(matches!(error.fault, FilterFault::TooManyTests | FilterFault::TooLong), "{text}: {error}"),
        }
    }
}

#[test]
fn no_text_makes_the_parser_panic() {
    let mut course = Course(7);
    let pieces = [
        "~", "~n", "~slow", "~k", " ", "(", ")", "!", "&", "|", "\"", "'", "\\", "a", "9", "s", "[", "é", "\u{3000}", "\0", "-",
        "{", "*",
    ];
    for _ in 0..20_000 {
        let text: String = (0..course.below(12)).map(|_| course.of(&pieces)).collect();
        match Filter::parse(&text) {
            Ok(filter) => assert_eq!(Filter::parse(&filter.to_string()), Ok(filter), "{text:?}"),
            Err(error) => assert!(error.column >= 1 && error.column <= text.chars().count() + 1, "{text:?}: {error}"),
        }
    }
}
