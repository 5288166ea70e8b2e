//! The pages for languages: their code is the samples' own, their commands are the ones that build the samples.

use super::{in_backticks, read, root, table};

fn pages() -> Vec<(String, String)> {
    let directory = root().join("docs/languages");
    let names = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut pages: Vec<_> = names.map(|name| (name.clone(), read(&format!("docs/languages/{name}")))).collect();
    pages.sort();
    pages
}

/// The page of each language, without the index.
fn languages() -> Vec<(String, String)> {
    pages().into_iter().filter(|(name, _)| name != "README.md").collect()
}

struct Block<'a> {
    language: &'a str,
    code: &'a str,
    /// The paragraph above it.
    above: &'a str,
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let parts: Vec<&str> = page.split("```").collect();
    assert_eq!(parts.len() % 2, 1, "a code block without an end");
    parts
        .chunks(2)
        .filter_map(|pair| {
            let [before, inside] = pair else { return None };
            let (language, code) = inside.split_once('\n').unwrap();
            Some(Block { language, code, above: before.trim().rsplit("\n\n").next().unwrap_or_default() })
        })
        .collect()
}

#[test]
fn every_block_of_code_is_a_samples_file_to_the_byte() {
    for (name, page) in languages() {
        let code: Vec<_> = blocks(&page).into_iter().filter(|block| block.language != "sh").collect();
        assert!(!code.is_empty(), "{name} shows no skill");
        for Block { code, above, .. } in code {
            let files = in_backticks(above);
            let [file] = files.as_slice() else { panic!("{name}: which file is the code below {above:?}?") };
            assert!(file.starts_with("sample-skills/") && above.ends_with("):"), "{name}: {above}");
            assert_eq!(code, read(file), "{name} shows another {file}");
        }
    }
}

#[test]
fn the_commands_have_the_flags_and_the_versions_that_the_samples_are_built_with() {
    let known = [read("sample-skills/build.sh"), read("sample-skills/translate/package.json")].concat();
    let mut looked_at = 0;
    for (name, page) in languages() {
        let commands: Vec<_> = blocks(&page).into_iter().filter(|block| block.language == "sh").collect();
        assert!(commands.iter().any(|block| block.code.contains("skillscope --run")), "{name} does not show how to run it");
        for line in commands.iter().flat_map(|block| block.code.lines()).filter(|line| !line.starts_with("skillscope")) {
            for word in line.split(' ') {
                let wanted = match word.split_once("==").or(word.split_once('@')) {
                    Some((_, version)) => version,
                    None if word.starts_with('-') || word.starts_with("GO") || word.starts_with("lib") => word,
                    None => continue,
                };
                looked_at += 1;
                assert!(known.contains(wanted), "{name}: sample-skills/build.sh knows no {wanted}");
            }
        }
    }
    assert!(looked_at > 25, "only {looked_at} flags and versions were found");
}

#[test]
fn the_index_names_every_page_and_samples_that_are_there() {
    let index = read("docs/languages/README.md");
    let rows = table(&index, "| page | toolchain |");
    let mut listed: Vec<_> = rows.iter().map(|row| row[0].split(['(', ')']).nth(1).unwrap().to_owned()).collect();
    listed.sort();
    assert_eq!(listed, languages().into_iter().map(|(name, _)| name).collect::<Vec<_>>());
    for sample in rows.iter().flat_map(|row| in_backticks(&row[2])) {
        assert!(root().join(format!("sample-skills/{sample}/{sample}.wasm")).exists(), "there is no built sample {sample}");
    }
}

#[test]
fn what_the_pages_say_of_skillscope_are_words_that_it_knows() {
    use skillscope::event::Outcome;
    for (name, page) in pages() {
        for (at, _) in page.match_indices("the outcome `") {
            let word = page[at..].split('`').nth(1).unwrap();
            assert!(Outcome::ALL.iter().any(|outcome| outcome.word() == word), "{name}: no outcome is called {word}");
        }
    }
}
