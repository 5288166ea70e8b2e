//! `docs/manifest.md` says what the code does.

use super::*;
use crate::skill::{Catalog, CatalogError, FileError, SkillError, TomlProblemKind, manifest_schema};
use serde_json::Value;
use std::io;

fn document() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/manifest.md");
    std::fs::read_to_string(path).unwrap().replace("\r\n", "\n")
}

/// The text of the fenced block that begins with this line, from the first such on.
fn block<'d>(document: &'d str, fence: &str) -> &'d str {
    let begin = document.find(&format!("```{fence}\n")).unwrap() + fence.len() + 4;
    document[begin..].split("```").next().unwrap()
}

/// The rows below a table's header, as cells.
fn rows<'d>(document: &'d str, header: &str) -> Vec<Vec<&'d str>> {
    let table = document.split(header).nth(1).unwrap().trim_start();
    let lines = table.lines().skip(1).take_while(|line| line.starts_with('|'));
    lines.map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

#[test]
fn the_example_is_a_manifest_with_every_table() {
    let manifest = Manifest::parse(Path::new("skill.toml"), block(&document(), "toml")).unwrap();
    assert_eq!(manifest.limits.fuel, Some(10_000_000_000));
    assert_eq!(manifest.wasi.dirs.len(), 2);
}

#[test]
fn the_faults_are_told_as_the_document_shows_them() {
    let document = document();
    let error = Manifest::parse(Path::new("skill.toml"), block(&document, "toml fault")).unwrap_err();
    assert_eq!(format!("{error}\n"), block(&document, "text"));
}

#[test]
fn the_table_of_keys_has_each_key_of_the_schema_with_its_default() {
    let document = document();
    let rows = rows(&document, "| key | value | default |");
    let documented = |key: &str| rows.iter().find(|row| row[0].split(", ").any(|name| name == format!("`{key}`")));
    let schema = manifest_schema();
    let mut count = 0;
    for (table, entry) in schema["properties"].as_object().unwrap() {
        let keys: Vec<(String, &Value)> = match entry.get("properties").and_then(Value::as_object) {
            Some(properties) => properties.iter().map(|(key, value)| (format!("{table}.{key}"), value)).collect(),
            None if table == "config" => vec![("config.*".to_owned(), &Value::Null)],
            None => vec![(table.clone(), &Value::Null)],
        };
        for (key, value) in keys {
            count += 1;
            let row = documented(&key).unwrap_or_else(|| panic!("{key} is not in docs/manifest.md"));
            if let Some(default) = value.get("default") {
                assert_eq!(row[2], format!("`{default}`"), "{key}");
            }
        }
    }
    assert_eq!(rows.len(), count);
    for required in schema["properties"]["skill"]["required"].as_array().unwrap() {
        assert_eq!(documented(&format!("skill.{}", required.as_str().unwrap())).unwrap()[2], "required");
    }
}

#[test]
fn the_table_of_kinds_has_each_kind() {
    let document = document();
    let mut documented: Vec<_> =
        rows(&document, "| kind | meaning |").iter().map(|row| row[0].trim_matches('`').to_owned()).collect();
    let path = || PathBuf::from("p");
    let missing = || io::Error::from(io::ErrorKind::NotFound);
    let mut kinds: Vec<String> = [
        Failure::from(FileError::Io { path: path(), source: missing() }),
        FileError::Io { path: path(), source: io::ErrorKind::PermissionDenied.into() }.into(),
        FileError::NotAFile(path()).into(),
        FileError::TooLarge { path: path(), bytes: None, limit: 1 }.into(),
        FileError::NotUtf8 { path: path(), offset: 0, line: 1, byte: 255 }.into(),
        SkillError::Outside { manifest: path(), key: "k", line: 0, path: path(), target: None }.into(),
        SkillError::Directory { path: path(), guest: "/".into(), source: missing() }.into(),
        SkillError::Checksum { manifest: path(), line: 1, module: path(), expected: String::new(), found: String::new() }.into(),
        Skill::of_bare_module("-a.wasm".into()).unwrap_err().into(),
    ]
    .into_iter()
    .map(|failure| failure.kind.into_owned())
    .collect();
    let toml = [
        TomlProblemKind::Syntax,
        TomlProblemKind::UnknownKey,
        TomlProblemKind::MissingKey,
        TomlProblemKind::WrongType,
        TomlProblemKind::BadValue,
    ];
    kinds.extend(toml.map(|kind| kind.word().to_owned()));
    kinds.push("duplicate-name".to_owned());
    kinds.sort();
    documented.sort();
    assert_eq!(documented, kinds);
    // What is no skill at all is told by the catalog, and is not a fault of a manifest.
    assert_eq!(Failure::from(CatalogError::NoManifest(path())).kind, "no-such-skill");
}

#[test]
fn the_sample_skills_have_sound_manifests_and_modules() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-skills");
    let catalog = Catalog::scan(&[samples]).unwrap();
    assert!(catalog.entries().iter().filter(|entry| entry.info.module.is_some()).count() >= 9);
    for entry in catalog.entries() {
        let skill = entry.skill.as_ref().unwrap_or_else(|failure| panic!("{}", failure.message));
        assert!(!skill.read_module(crate::event::DEFAULT_MAX_MODULE_BYTES).unwrap().is_empty());
        skill.directories(|_| false).unwrap();
    }
}
