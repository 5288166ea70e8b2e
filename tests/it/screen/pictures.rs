//! The pictures of the README: a real session of the real program on the sample skills, seen by a terminal emulator.
//!
//! `docs/pictures/make` writes them. Durations are measured, so they differ from one making to the next; all else is the same.

use super::pty::Screen;
use super::svg::svg;
use super::workbench::copy;
use crate::program::{Workspace, cache_home};
use crate::server::Server;
use portable_pty::CommandBuilder;
use std::path::Path;
use std::time::Duration;

const SIZE: (u16, u16) = (112, 30);

/// Each picture, with the words for those who cannot see it; the README has them too.
pub const PICTURES: [(&str, &str); 4] = [
    ("workbench", "The workbench: skills at the left, the gauges of a run above, its host calls below"),
    ("ai", "The AI panel: one prompt, the mock's answer beside a provider's, and where they differ"),
    ("loop", "A skill that never returns: its gauges move while it runs, and ctrl-c cancels it"),
    ("held", "A host call that is held: it can be let go, edited, answered, or made to fail"),
];

/// The skill remembers what it has summarized, so each time it is given another note.
const NOTES: [&str; 3] = [
    r#"{"note": "Buy milk and eggs, and call Ada about the boat"}"#,
    r#"{"note": "Bread, cheese and eggs for Sunday; ask Grace whether she comes"}"#,
    r#"{"note": "The eggs are for the cake. Charles brings the candles."}"#,
];

#[test]
#[ignore = "writes files into docs/pictures; docs/pictures/make runs it"]
fn they_are_made_anew() {
    let workspace = Workspace::new();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-skills");
    copy(&samples, &workspace.path().join("sample-skills"));
    let server =
        Server::openai("Shop for Sunday: bread, cheese and eggs. Ask Grace whether she comes.", Duration::from_millis(180));
    let asked = |name: &str, otherwise: String| std::env::var(name).unwrap_or(otherwise);
    let url = asked("PICTURES_PROVIDER_URL", format!("{}/v1", server.url()));
    let model = asked("PICTURES_MODEL", "a stand-in".into());
    let settings = std::fs::read_to_string(samples.join("skillscope.toml")).unwrap();
    let settings = settings.replace("http://127.0.0.1:11434/v1", &url).replace("llama3.2", &model);
    workspace.write("sample-skills/skillscope.toml", settings);

    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_skillscope"));
    command.args(["sample-skills", "--seed", "7", "--theme", "dark"]);
    command.cwd(workspace.path());
    command.env("HOME", workspace.path());
    let screen = Screen::start(command, &cache_home(), SIZE);
    screen.until("every skill is there", |text| text.contains("word-index") && !text.contains("compiling"));

    select(&screen, "summarize");
    run_with(&screen, NOTES[0]);
    screen.until("it has run", |text| text.contains("summarize ok"));
    screen.press("1gj");
    draw(&screen, "workbench");

    screen.press("MM");
    screen.until("both answer", |text| text.contains("AI both"));
    run_with(&screen, NOTES[1]);
    screen.press("2");
    screen.until("both have answered", |text| text.contains("beside") && text.contains("tokens"));
    screen.press("d");
    screen.until("the differences are shown", |text| text.contains("{+"));
    draw(&screen, "ai");
    screen.press("M");
    screen.until("the mock answers again", |text| text.contains("AI mock"));

    screen.press("1i").press("\x15~k ai\r");
    screen.until("calls are held", |text| text.contains("intercept ~k ai"));
    run_with(&screen, NOTES[2]);
    screen.press("1");
    screen.until("a call is held", |text| text.contains("1 held"));
    draw(&screen, "held");
    screen.press("AI");

    select(&screen, "infinite-loop");
    screen.press("R");
    screen.until("it runs", |text| text.contains("running: execute"));
    // So that there is a history to see; its manifest gives it ten seconds.
    std::thread::sleep(Duration::from_millis(1_100));
    draw(&screen, "loop");
    screen.press("\x03");
    screen.until("it has ended", |text| text.contains("cancelled") || text.contains("timeout"));
    screen.press("q");
    assert_eq!(screen.ended().0, 0);
}

fn select(screen: &Screen, skill: &str) {
    screen.press("h/").press(skill).press("\r");
    screen.until("it is selected", |text| !text.contains("Search"));
}

/// Types an input in place of the one before, and runs the skill with it.
fn run_with(screen: &Screen, input: &str) {
    screen.press("5e");
    screen.until("the editor is open", |text| text.contains("ctrl-r run with it"));
    screen.press("\x0c").press(input).press("\x12");
    screen.until("the editor is closed", |text| !text.contains("ctrl-r run with it"));
}

fn draw(screen: &Screen, name: &str) {
    // What was said of the step before goes away with the next key; whatever is still being drawn is drawn by then.
    std::thread::sleep(Duration::from_millis(300));
    let title = PICTURES.iter().find(|(picture, _)| *picture == name).unwrap().1;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/pictures/{name}.svg"));
    std::fs::write(path, svg(screen.shown().screen(), title)).unwrap();
}

#[test]
fn the_readme_shows_each_of_them_and_says_what_is_to_be_seen() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    for (name, words) in PICTURES {
        let place = format!("docs/pictures/{name}.svg");
        let picture = std::fs::read_to_string(root.join(&place)).unwrap_or_else(|error| panic!("{place}: {error}"));
        assert!(
            picture.starts_with("<svg ") && picture.contains(&format!("<title>{words}</title>")),
            "{place} is of another making"
        );
        assert!(readme.contains(&format!("![{words}]({place})")), "the README does not show {place}, or in other words");
    }
}

#[test]
fn a_screen_is_drawn_cell_by_cell() {
    let mut parser = vt100::Parser::new(2, 12, 0);
    parser.process("\x1b[1;31ma<b\x1b[m 日本 ─█\r\n".as_bytes());
    let drawn = svg(parser.screen(), "a & b");
    assert!(drawn.contains("<title>a &amp; b</title>"), "{drawn}");
    assert!(drawn.contains("fill=\"#e06c75\" font-weight=\"bold\" xml:space=\"preserve\">a&lt;b</text>"), "{drawn}");
    // Each wide character stands on its own two cells.
    assert!(drawn.contains("x=\"45.6\"") && drawn.contains("x=\"62.4\""), "{drawn}");
    assert_eq!((drawn.matches("<path").count(), drawn.matches("<rect").count()), (1, 2), "{drawn}");
}
