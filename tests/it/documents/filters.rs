//! The language of filters: its tables of operators, kinds and groups, and the examples.

use super::{in_backticks, read, table};
use skillscope::event::filter::{
    DEFAULT_SLOW_MS, EntryKind, Filter, KIND_GROUPS, MAX_FILTER_BYTES, MAX_FILTER_DEPTH, MAX_FILTER_TESTS, OPERATORS,
};
use skillscope::module::HOST_FUNCTIONS;

#[test]
fn operators_kinds_and_bounds_of_filters_are_the_documented_ones() {
    let page = read("docs/filter.md");
    let documented = table(&page, "| operator | argument |");
    let known: Vec<Vec<String>> = OPERATORS
        .iter()
        .map(|row| {
            let names: Vec<String> = [row.name].iter().chain(row.aliases).map(|name| format!("`{name}`")).collect();
            vec![names.join(", "), row.argument.word().to_owned(), row.doc.to_owned()]
        })
        .collect();
    assert_eq!(documented, known);
    let first = |header: &str| -> Vec<String> {
        table(&page, header).into_iter().map(|row| row[0].trim_matches('`').to_owned()).collect()
    };
    assert_eq!(first("| kind |"), EntryKind::ALL.map(EntryKind::word));
    let groups: Vec<(String, Vec<&str>)> =
        KIND_GROUPS.iter().map(|(group, kinds)| ((*group).to_owned(), kinds.iter().map(|kind| kind.word()).collect())).collect();
    let rows = table(&page, "| group |");
    let written: Vec<(String, Vec<&str>)> =
        rows.iter().map(|row| (row[0].trim_matches('`').to_owned(), in_backticks(&row[1]))).collect();
    assert_eq!(written, groups);
    for bound in [
        format!("at most {MAX_FILTER_BYTES} bytes"),
        format!("at most {MAX_FILTER_TESTS} things"),
        format!("at most {MAX_FILTER_DEPTH} parentheses"),
        format!("`{DEFAULT_SLOW_MS}ms` where no duration"),
    ] {
        assert!(page.contains(&bound), "docs/filter.md does not say: {bound}");
    }
}

#[test]
fn the_examples_are_filters() {
    let page = read("docs/filter.md");
    let block = page.split("```").nth(1).unwrap();
    let examples: Vec<&str> = block.lines().filter_map(|line| line.split_once("  ")).map(|(filter, _)| filter).collect();
    assert!(examples.len() >= 6, "{examples:?}");
    for example in examples {
        Filter::parse(example).unwrap_or_else(|error| panic!("{example}: {error}"));
    }
}

#[test]
fn every_host_function_has_a_kind_of_its_own_or_is_known_to_have_none() {
    let others: Vec<&str> = HOST_FUNCTIONS
        .iter()
        .filter(|function| EntryKind::of_host_call(&format!("env.{}", function.name)) == EntryKind::Host)
        .map(|function| function.name)
        .collect();
    assert_eq!(others, ["abort", "emscripten_notify_memory_growth"]);
}
