//! Limits, profiles, the fuel rule, and the kinds of errors.

use super::{Words, in_backticks, read, table};
use crate::program::Workspace;
use skillscope::event::{self, Outcome, Profile};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn limits_and_their_defaults_are_the_documented_ones() {
    use skillscope::skill::format_bytes;
    let page = read("docs/limits.md");
    let mut rows = table(&page, "| limit | default |");
    rows.extend(table(&page, "| limit | value |"));
    let value = |name: &str| {
        let row = rows.iter().find(|row| row[0].starts_with(name)).unwrap_or_else(|| panic!("docs/limits.md: no row {name}"));
        row[1].clone()
    };
    let pages = event::DEFAULT_MEMORY_BYTES / event::PAGE_BYTES;
    assert_eq!(value("linear memory"), format!("{} ({pages} pages)", format_bytes(event::DEFAULT_MEMORY_BYTES)));
    assert_eq!(value("wall-clock time"), format!("{} s", event::DEFAULT_TIMEOUT.as_secs()));
    let defaults = event::Limits::default();
    assert_eq!((value("fuel").as_str(), defaults.fuel), ("unlimited", None));
    assert_eq!((defaults.memory_bytes, defaults.timeout()), (event::DEFAULT_MEMORY_BYTES, event::DEFAULT_TIMEOUT));
    for (name, bytes) in [
        ("output document", event::MAX_OUTPUT_BYTES),
        ("one request to a host function", event::MAX_TRANSFER_BYTES),
        ("key or URL", event::MAX_KEY_BYTES),
        ("all values that a skill stores", event::MAX_STORE_BYTES),
        ("module file", event::DEFAULT_MAX_MODULE_BYTES),
    ] {
        assert_eq!(value(name), format_bytes(bytes), "{name}");
    }
    assert_eq!(value("tables of a module"), skillscope::module::MAX_TABLES.to_string());
    assert_eq!(value("entries of a table").replace(',', ""), skillscope::module::MAX_TABLE_ENTRIES.to_string());
    assert_eq!(u64::from(skillscope::runtime::MAX_TABLE_ENTRIES), skillscope::module::MAX_TABLE_ENTRIES);
    assert_eq!(value("redirects"), skillscope::host::http::MAX_REDIRECTS.to_string());
    let range = [event::PAGE_BYTES, skillscope::skill::MAX_MEMORY_BYTES].map(format_bytes);
    assert!(page.contains(&format!("from {} (one page) to {}", range[0], range[1])), "{range:?}");
    let codes = table(&read("docs/abi.md"), "| code | meaning |");
    let limit = codes.iter().find(|row| row[0] == "-5").unwrap();
    for bytes in [event::MAX_TRANSFER_BYTES, event::MAX_KEY_BYTES, event::MAX_STORE_BYTES] {
        assert!(limit[1].contains(&format_bytes(bytes)), "docs/abi.md: {}", limit[1]);
    }
    let cache = format_bytes(skillscope::runtime::DEFAULT_CACHE_BYTES);
    assert!(read("docs/running.md").contains(&format!("at most {cache} of them")), "the size of the cache is {cache}");
}

#[test]
fn profiles_output_faults_and_the_fuel_rule_are_the_documented_ones() {
    let abi = read("docs/abi.md");
    let first = |header: &str| -> Vec<String> {
        table(&abi, header).into_iter().map(|row| row[0].trim_matches('`').to_owned()).collect()
    };
    assert_eq!(first("| profile | told by |"), Profile::ALL.map(Profile::word));
    use event::OutputFault;
    let faults = [OutputFault::Null, OutputFault::NoNul, OutputFault::NotJson, OutputFault::Alloc].map(OutputFault::word);
    assert_eq!(first("| word | meaning |"), faults);
    let kinds = table(&read("docs/outcomes.md"), "| kind | meaning |");
    assert_eq!(kinds.iter().map(|row| row[0].trim_matches('`')).collect::<Vec<_>>(), faults);
    let rule = skillscope::runtime::instrument::FUEL_RULE;
    assert!(read("docs/fuel.md").contains(&format!("**version {rule}**")), "the fuel rule has version {rule}");
    let workspace = Workspace::new();
    workspace.write("echo.wat", crate::acceptance::d04("", "(local.get $input)"));
    assert_eq!(workspace.run_json("echo", &[]).0["fuel_rule"], rule);
}

/// Sources of what a run's error can be, with tests left out.
fn sources(directory: &str) -> Vec<(String, String)> {
    let all = crate::layering::sources(directory);
    let is_code = |(file, _): &(String, String)| !file.contains("/tests") && !file.contains("_tests");
    let code = |text: String| text.split("#[cfg(test)]").next().unwrap().to_owned();
    all.into_iter().filter(is_code).map(|(file, text)| (file, code(text))).collect()
}

#[test]
fn every_kind_of_error_is_documented() {
    let (outcomes, manifest) = (read("docs/outcomes.md"), read("docs/manifest.md"));
    let mut documented: Words = BTreeSet::new();
    for row in table(&outcomes, "| outcome | kind |") {
        documented.extend(in_backticks(&row[1]).into_iter().map(str::to_owned));
        let words = in_backticks(&row[0]);
        assert!(words.iter().all(|word| Outcome::ALL.iter().any(|outcome| outcome.word() == *word)), "{}", row[0]);
        documented.extend(words.into_iter().map(str::to_owned));
    }
    documented.extend(table(&manifest, "| kind | meaning |").iter().map(|row| row[0].trim_matches('`').to_owned()));
    let made =
        regex::Regex::new(r#"(?:Failure|Self)::new\(\s*"([a-z-]+)"|\.ending\(\s*Outcome::\w+,\s*"([a-z-]+)"|=> "([a-z-]+)",\n"#)
            .unwrap();
    let mut missing: BTreeMap<String, String> = BTreeMap::new();
    for floor in ["src/module", "src/host/functions", "src/host/wasi", "src/runtime", "src/session", "src/skill"] {
        for (file, text) in sources(floor) {
            for found in made.captures_iter(&text) {
                // Words that a `match` gives are kinds in one file alone.
                let kind = found.get(1).or(found.get(2)).or(found.get(3).filter(|_| file == "src/module/fault.rs"));
                if let Some(kind) = kind.filter(|kind| !documented.contains(kind.as_str())) {
                    missing.insert(kind.as_str().to_owned(), file.clone());
                }
            }
        }
    }
    // What `--clear-cache` and a workspace's own directory fail with, before or beside any run.
    missing.remove("cache");
    assert!(missing.is_empty(), "docs/outcomes.md does not list {missing:?}");
}
