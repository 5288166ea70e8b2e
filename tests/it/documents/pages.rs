//! Links between pages, and the map of the house.

use super::{Words, in_backticks, read, root};
use std::path::PathBuf;

/// The markdown files that are the project's own words.
fn pages() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for directory in ["", "docs", "docs/languages", "tests/modules", "sample-skills"] {
        let entries = std::fs::read_dir(root().join(directory)).unwrap().map(|entry| entry.unwrap().path());
        found.extend(entries.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    }
    assert!(found.len() >= 10, "{found:?}");
    found
}

/// The anchors of a page's headings, as those who show markdown make them.
fn anchors(page: &str) -> Words {
    let anchor = |heading: &str| -> String {
        let kept = heading.trim().to_lowercase();
        kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    page.lines().filter(|line| line.starts_with('#')).map(|line| anchor(line.trim_start_matches('#'))).collect()
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut broken = Vec::new();
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for (at, _) in text.match_indices("](") {
            let target: String = text[at + 2..].chars().take_while(|c| *c != ')').collect();
            if target.contains("://") {
                continue;
            }
            let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let file = if path.is_empty() { page.clone() } else { page.parent().unwrap().join(path) };
            let leads =
                file.exists() && (anchor.is_empty() || anchors(&std::fs::read_to_string(&file).unwrap()).contains(anchor));
            if !leads {
                broken.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    // Whoever reads the README finds every page.
    let readme = read("README.md");
    for page in pages().iter().filter(|page| page.parent().unwrap().ends_with("docs")) {
        let name = format!("docs/{}", page.file_name().unwrap().to_str().unwrap());
        assert!(readme.contains(&format!("({name})")), "README.md does not lead to {name}");
    }
}

#[test]
fn the_map_of_the_house_names_every_directory_and_every_file_it_names_is_there() {
    let map = read("ARCHITECTURE.md");
    let mut missing = Vec::new();
    let mut open = vec![root().join("src")];
    while let Some(directory) = open.pop() {
        for path in std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.strip_prefix(root().join("src")).unwrap().to_str().unwrap().replace('\\', "/");
            let is_top = !name.contains('/');
            if path.is_dir() && !name.ends_with("tests") {
                if !map.contains(&format!("`{}{name}/`", if is_top { "src/" } else { "" })) {
                    missing.push(name);
                }
                open.push(path);
            } else if path.is_file() && is_top && name != "lib.rs" && !map.contains(&format!("{name}`")) {
                missing.push(name);
            }
        }
    }
    assert!(missing.is_empty(), "ARCHITECTURE.md does not name {missing:?}");
    for word in in_backticks(&map).into_iter().filter(|word| word.ends_with(".rs") || word.ends_with('/')) {
        assert!(root().join(word).exists() || root().join("src").join(word).exists(), "ARCHITECTURE.md: there is no {word}");
    }
}
