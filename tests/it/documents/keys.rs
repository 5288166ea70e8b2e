//! The keys of the workbench.

use super::{read, table};
use skillscope::ui::{Action, BINDINGS};

#[test]
fn every_key_of_the_workbench_is_documented_and_every_documented_key_is_there() {
    let page = read("docs/workbench.md");
    let documented = table(&page, "| place | keys | command | what it does |");
    let mut bound: Vec<Vec<String>> = BINDINGS
        .iter()
        .map(|binding| {
            let keys: Vec<String> = binding.keys.iter().map(|key| format!("`{key}`")).collect();
            let (place, name) = (binding.context.word().to_owned(), format!("`{}`", binding.action.name()));
            vec![place, keys.join(" "), name, binding.action.doc().to_owned()]
        })
        .collect();
    let mut rows: Vec<Vec<String>> = documented.iter().map(|row| row.to_vec()).collect();
    bound.sort();
    rows.sort();
    assert_eq!(rows, bound);
    let unbound = |action: &&Action| !BINDINGS.iter().any(|binding| binding.action == **action);
    let unbound: Vec<String> = Action::ALL.iter().filter(unbound).map(|action| format!("`{}`", action.name())).collect();
    assert!(page.contains(&format!("Without a key: {}.", unbound.join(", "))), "{unbound:?}");
}
