//! The table of faults, whom they befall, and the examples.

use super::{in_backticks, read, table};
use skillscope::event::Payload;
use skillscope::module::HOST_FUNCTIONS;
use skillscope::skill::{CallClass, FAULTS, FaultSpec, TARGETS};

#[test]
fn faults_and_targets_are_the_documented_ones() {
    let page = read("docs/faults.md");
    let documented = table(&page, "| fault | behind it |");
    let known: Vec<Vec<String>> = FAULTS
        .iter()
        .map(|row| {
            let form = if row.argument.form().is_empty() { String::new() } else { format!("`{}`", row.argument.form()) };
            vec![format!("`{}`", row.word), form, row.befalls.to_owned(), row.doc.to_owned()]
        })
        .collect();
    assert_eq!(documented, known);
    let targets: Vec<String> = table(&page, "| before `=` |").into_iter().map(|row| row[0].clone()).collect();
    for (word, _) in TARGETS {
        assert!(targets.contains(&format!("`{word}`")), "docs/faults.md does not name {word}");
    }
}

#[test]
fn what_a_row_says_it_befalls_is_what_it_befalls() {
    for row in FAULTS.iter().filter(|row| !row.befalls.starts_with("every") && !row.classes.is_empty()) {
        let said = in_backticks(row.befalls);
        for (word, classes) in TARGETS {
            let befalls = classes.iter().any(|class| row.classes.contains(class));
            assert_eq!(said.contains(word), befalls, "{} and {word}", row.word);
        }
    }
}

#[test]
fn the_examples_are_faults() {
    let page = read("docs/faults.md");
    let block = page.split("```").nth(1).unwrap();
    let examples: Vec<&str> = block.lines().filter_map(|line| line.split_once("  ")).map(|(fault, _)| fault).collect();
    assert!(examples.len() >= 9, "{examples:?}");
    for example in examples {
        FaultSpec::parse(example).unwrap_or_else(|error| panic!("{example}: {error}"));
    }
}

#[test]
fn every_host_function_has_faults_or_is_known_to_have_none() {
    let none: Vec<&str> =
        HOST_FUNCTIONS.iter().map(|function| function.name).filter(|name| CallClass::of(name).is_none()).collect();
    assert_eq!(none, ["host_alloc", "host_free", "abort"]);
    let any = FaultSpec::parse("call=hang").unwrap();
    let request = skillscope::event::CallRequest(vec![("prompt".into(), Payload::from("x"))]);
    for function in HOST_FUNCTIONS.iter().filter(|function| !none.contains(&function.name)) {
        let by_name = FaultSpec::parse(&format!("{}=hang", function.name)).unwrap();
        for fault in [&any, &by_name] {
            assert!(fault.fits(skillscope::event::CallId(1), &format!("env.{}", function.name), &request), "{fault}");
        }
    }
}
