//! What `w` writes to files, and in which order a trace is listed.

use super::panels::{select, summarized};
use super::workbench::Workbench;
use skillscope::ui::Effect;

/// Saves to this file of the workspace, and tells what the status line says of it.
fn save(workbench: &mut Workbench, file: &str) -> String {
    let before = workbench.model().status.messages().count();
    let typed = format!("\"{}", workbench.workspace.path().join(file).display());
    workbench.keys(&["ctrl-u", &typed, "enter"]);
    workbench.until("it is told", |model| model.status.messages().count() > before);
    workbench.model().status.messages().next().unwrap().text.clone()
}

fn read(workbench: &Workbench, file: &str) -> String {
    std::fs::read_to_string(workbench.workspace.path().join(file)).unwrap()
}

#[test]
fn a_trace_is_saved_whole_under_its_filter_and_never_over_a_file_that_is_there() {
    let mut workbench = Workbench::on_samples((120, 40));
    summarized(&mut workbench);
    workbench.keys(&["1", "w"]);
    assert!(workbench.screen().contains("summarize-trace.jsonl"), "a name is proposed:\n{}", workbench.screen());
    let told = save(&mut workbench, "t.jsonl");
    assert!(told.starts_with("saved 7 entries: "), "{told}");
    let lines: Vec<serde_json::Value> =
        read(&workbench, "t.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<&str> = lines.iter().filter_map(|line| line["name"].as_str()).collect();
    assert!(names.contains(&"cis.ai_prompt") && lines.iter().any(|line| line["entry"] == "log"), "{lines:?}");
    workbench.keys(&["w"]);
    let told = save(&mut workbench, "t.jsonl");
    assert!(told.contains("is there already; nothing was written") && told.contains("end the name in !"), "{told}");
    workbench.keys(&["f", "\"~k ai", "enter", "w"]);
    let told = save(&mut workbench, "t.jsonl!");
    assert!(told.starts_with("saved 1 entries: "), "{told}");
    assert_eq!(read(&workbench, "t.jsonl").lines().count(), 1);
}

#[test]
fn a_payload_is_saved_byte_by_byte_and_the_output_as_it_is() {
    let mut workbench = Workbench::on_samples((120, 40));
    summarized(&mut workbench);
    workbench.keys(&["1", "g", "j", "enter", "w"]);
    assert!(workbench.screen().contains("response, 29 bytes"), "{}", workbench.screen());
    workbench.keys(&["enter"]);
    assert!(workbench.screen().contains("summarize-call-2-response.txt"), "{}", workbench.screen());
    save(&mut workbench, "response.txt");
    assert_eq!(read(&workbench, "response.txt"), "There is shopping to be done.");
    workbench.keys(&["esc", "3", "w"]);
    save(&mut workbench, "output.json");
    let output: serde_json::Value = serde_json::from_str(&read(&workbench, "output.json")).unwrap();
    assert_eq!(output["summary"], "There is shopping to be done.");
    workbench.keys(&["4", "w"]);
    save(&mut workbench, "nowhere/log.txt");
    let told = workbench.model().status.messages().next().unwrap().text.clone();
    assert!(told.starts_with("cannot write ") && told.contains("nowhere/log.txt"), "{told}");
    assert!(workbench.wanted.iter().all(|effect| !matches!(effect, Effect::Quit)));
}

#[test]
fn a_trace_is_listed_in_another_order_and_the_cursor_stays_on_its_entry() {
    let mut workbench = Workbench::on_samples((120, 40));
    summarized(&mut workbench);
    workbench.keys(&["1", "o", "j", "j", "j", "enter"]);
    let screen = workbench.screen();
    assert!(screen.contains("by name"), "{screen}");
    let name =
        |workbench: &Workbench| workbench.model().shown_run().unwrap().selected().unwrap().1.call().unwrap().record.name.clone();
    assert_eq!(name(&workbench), "cis.ai_prompt", "the first by name");
    workbench.keys(&["v"]).screen();
    assert_eq!(name(&workbench), "cis.ai_prompt", "turned round, the cursor stays");
    let position = |workbench: &Workbench| workbench.model().shown_run().unwrap().list().1.position().unwrap();
    assert!(position(&workbench) > 0);
    workbench.keys(&["o", "g", "k", "k", "k", "k", "enter"]).screen();
    assert_eq!((name(&workbench).as_str(), position(&workbench)), ("cis.ai_prompt", 1));
}

#[test]
fn a_skill_is_found_by_a_part_of_its_name() {
    let mut workbench = Workbench::on_samples((80, 24));
    workbench.keys(&["h", "/", "\"word", "enter"]);
    assert_eq!(workbench.model().skills.selected_name(), Some("word-count"));
    select(&mut workbench, "mood");
    workbench.keys(&["/", "\"P", "enter"]);
    assert_eq!(workbench.model().skills.selected_name(), Some("mood"), "a capital letter is meant as one");
    assert!(workbench.screen().contains("no skill's name has P"), "{}", workbench.screen());
}
