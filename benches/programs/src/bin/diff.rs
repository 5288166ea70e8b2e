//! similar: a text on stdin is compared with what is left when some of its lines and words are changed; the size of the
//! unified difference and the counts of changes come out.

use similar::{ChangeTag, TextDiff};

fn changed(text: &str) -> String {
    let mut changed = String::new();
    for (number, line) in text.lines().enumerate() {
        match number % 23 {
            3 => {}
            7 => changed.push_str(&format!("{line} and more\n")),
            11 => changed.push_str(&format!("a line before\n{line}\n")),
            17 => changed.push_str(&format!("{}\n", line.replacen('e', "a", 3))),
            _ => changed.push_str(&format!("{line}\n")),
        }
    }
    changed
}

fn main() {
    let old = std::io::read_to_string(std::io::stdin()).expect("text");
    let new = changed(&old);
    let lines = TextDiff::from_lines(&old, &new);
    let unified = lines.unified_diff().context_radius(3).to_string();
    let (mut deleted, mut inserted, mut equal) = (0, 0, 0);
    for operation in lines.ops() {
        for change in lines.iter_inline_changes(operation) {
            let marked = change.values().iter().filter(|(marked, _)| *marked).count();
            match change.tag() {
                ChangeTag::Delete => deleted += 1 + marked,
                ChangeTag::Insert => inserted += 1 + marked,
                ChangeTag::Equal => equal += 1,
            }
        }
    }
    let output = serde_json::json!({ "unified": unified.len(), "deleted": deleted, "inserted": inserted, "equal": equal });
    println!("{output}");
}
