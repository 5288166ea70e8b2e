//! The words that an author reads when a file is wrong.

use crate::event::Failure;
use crate::skill::{Item, Reported, TableReader, parse_bytes, read_toml};
use std::path::Path;

fn read(text: &str) -> Result<(String, Option<bool>), Failure> {
    let root = |root: &mut TableReader<'_>| {
        let skill = root.required("skill", "[skill]", |item| {
            let mut table = item.table()?;
            let name = table.required("name", "name = \"my-skill\"", Item::text);
            let ai = table.optional("ai", Item::boolean);
            let size = table.optional("size", |item| item.quantity(parse_bytes));
            let hosts =
                table.optional("hosts", |item| item.array()?.iter().map(Item::text).collect::<Result<Vec<_>, Reported>>());
            table.finish();
            size?;
            hosts?;
            Ok((name?, ai?))
        });
        root.optional("env", |item| item.table()?.into_items().iter().try_for_each(|(_, item)| item.string().map(drop)))?;
        skill
    };
    read_toml(Path::new("dir/skill.toml"), text, root).map_err(Failure::from)
}

#[track_caller]
fn assert_refused(text: &str, kind: &str, message: &str, hint: Option<&str>) {
    let failure = read(text).unwrap_err();
    assert_eq!(failure.message, message);
    assert_eq!((failure.kind.as_ref(), failure.hint.as_deref()), (kind, hint));
}

#[test]
fn known_keys_of_the_right_types_are_read() {
    assert_eq!(read("[skill]\nname = 'a'\nai = true\nsize = 0x10\n"), Ok(("a".to_owned(), Some(true))));
    assert_eq!(read("\u{feff}skill.name = 'a'\r\nenv = { 'A B' = '1' }\r\n"), Ok(("a".to_owned(), None)));
}

#[test]
fn an_unknown_key_is_named_with_its_place_and_the_nearest_known_one() {
    assert_refused(
        "[skill]\nname = 'a'\n  nmae = 'b'\n",
        "unknown-key",
        "dir/skill.toml:3:3: unknown key `nmae` in [skill]\n3 |   nmae = 'b'\n  |   ^^^^",
        Some("did you mean `name`?"),
    );
    assert_refused(
        "[skill]\nname = 'a'\n\tcolour = 'b'\r\n",
        "unknown-key",
        "dir/skill.toml:3:2: unknown key `colour` in [skill]\n3 |     colour = 'b'\n  |     ^^^^^^",
        Some("known here: name, ai, size, hosts"),
    );
    assert_refused(
        "[skill]\nname = 'a'\n[skil]\n",
        "unknown-key",
        "dir/skill.toml:3:2: unknown key `skil` at the top level\n3 | [skil]\n  |  ^^^^",
        Some("did you mean `skill`?"),
    );
}

#[test]
fn a_wrong_type_tells_what_was_expected_and_what_was_found() {
    assert_refused(
        "[skill]\nname = 1.0\n",
        "wrong-type",
        "dir/skill.toml:2:8: expected a string for `skill.name`, found a floating-point number\n2 | name = 1.0\n  |        ^^^",
        Some("write it in quotes: \"1.0\""),
    );
    assert_refused(
        "[skill]\nname = 'é'\nai = 'true'\n",
        "wrong-type",
        "dir/skill.toml:3:6: expected true or false for `skill.ai`, found a string\n3 | ai = 'true'\n  |      ^^^^^^",
        Some("write it without quotes: true"),
    );
    assert_refused(
        "[skill]\nname = 'a'\nhosts = 'x.org'\n",
        "wrong-type",
        "dir/skill.toml:3:9: expected an array for `skill.hosts`, found a string\n3 | hosts = 'x.org'\n  |         ^^^^^^^",
        Some("write it in brackets: ['x.org']"),
    );
    assert_refused(
        "[skill.name]\nx = 1\n",
        "wrong-type",
        "dir/skill.toml:1:8: expected a string for `skill.name`, found a table\n1 | [skill.name]\n  |        ^^^^",
        None,
    );
    assert_refused(
        "skill = 3",
        "wrong-type",
        "dir/skill.toml:1:9: expected a table for `skill`, found an integer\n1 | skill = 3\n  |         ^",
        None,
    );
}

#[test]
fn a_missing_key_is_told_at_its_table() {
    assert_refused(
        "# mine\n[skill]\nai = true\n",
        "missing-key",
        "dir/skill.toml:2:2: the key `name` is missing in [skill]\n2 | [skill]\n  |  ^^^^^",
        Some("write it: name = \"my-skill\""),
    );
    for empty in ["", "\u{feff}", "\n\n"] {
        assert_refused(
            empty,
            "missing-key",
            "dir/skill.toml:1:1: the key `skill` is missing at the top level",
            Some("write it: [skill]"),
        );
    }
}

#[test]
fn a_value_that_cannot_be_taken_says_why() {
    assert_refused(
        "[skill]\nname = 'a'\nsize = '64M'\n",
        "bad-value",
        "dir/skill.toml:3:8: `skill.size`: unknown unit \"M\"; write B, KiB, MiB, GiB, TiB (powers of 1024) or kB, MB, GB, TB (powers of 1000)\n\
         3 | size = '64M'\n  |        ^^^^^",
        None,
    );
    assert_refused(
        "[skill]\nname = 'a'\nsize = -1\n",
        "bad-value",
        "dir/skill.toml:3:8: `skill.size`: a size cannot be negative: \"-1\"\n3 | size = -1\n  |        ^^",
        None,
    );
}

#[test]
fn several_problems_are_told_at_once_in_the_order_of_their_places() {
    assert_refused(
        "env = { A = 1 }\n[skill]\nnmae = 'a'\n",
        "wrong-type",
        "dir/skill.toml:1:13: expected a string for `env.A`, found an integer\n1 | env = { A = 1 }\n  |             ^\n  \
         = write it in quotes: \"1\"\n\
         dir/skill.toml:2:2: the key `name` is missing in [skill]\n2 | [skill]\n  |  ^^^^^\n  = write it: name = \"my-skill\"\n\
         dir/skill.toml:3:1: unknown key `nmae` in [skill]\n3 | nmae = 'a'\n  | ^^^^\n  = did you mean `name`?",
        None,
    );
}

#[test]
fn what_is_no_toml_is_told_with_its_place() {
    assert_refused(
        "[skill]\nname = \"a\nai = true\n",
        "syntax",
        "dir/skill.toml:2:10: not valid TOML: invalid basic string, expected `\"`\n2 | name = \"a\n  |          ^",
        None,
    );
    assert_refused(
        "[skill]\nname = 'a'\nname = 'b'\n",
        "syntax",
        "dir/skill.toml:3:1: not valid TOML: duplicate key\n3 | name = 'b'\n  | ^^^^",
        None,
    );
    let dots = ".a".repeat(200_000);
    for deep in [format!("a = {}", "[".repeat(100_000)), format!("a{dots} = 1"), format!("[a{dots}]")] {
        assert_eq!(read(&deep).unwrap_err().kind, "syntax");
    }
}

#[test]
fn carets_stand_under_wide_characters_and_long_lines_are_cut() {
    assert_refused(
        "skill = { name = '日本', x\u{1b} = 1 }",
        "syntax",
        "dir/skill.toml:1:25: not valid TOML: invalid unquoted key, expected letters, numbers, `-`, `_`\n\
         1 | skill = { name = '日本', x␛ = 1 }\n  |                           ^",
        None,
    );
    let long = format!("[skill]\nname = '{}'\n{} = 1\n", "a".repeat(300), "b".repeat(300));
    let message = read(&long).unwrap_err().message;
    assert!(message.lines().all(|line| line.chars().count() < 420), "{message}");
    let caret = message.lines().last().unwrap();
    assert_eq!(caret.matches('^').count(), 61, "{message}");
}
