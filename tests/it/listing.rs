//! `--list` as people see it: aligned columns, cut to the terminal where there is one, whole where it is piped.

use crate::program::Workspace;
use crate::workspace::echo;
use unicode_width::UnicodeWidthStr as _;

const LONG: &str = "Reads the notes of a whole year, sums up what was promised to whom, and says what is still to be done today";

/// Skills with names, paths and descriptions of many widths, and two that are refused.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    for (directory, name, description) in [
        ("short", "a", "Short"),
        ("a/rather/long/way/down/in/the/tree/of/directories", "summarize-everything", LONG),
        ("weather", "天气预报", "报告今天和明天的天气，包括温度、湿度和风力，还有每个小时的详细预报，以及对出行的建议和提醒"),
        ("party", "party 🎉", "🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉"),
    ] {
        workspace.write(&format!("{directory}/m.wat"), echo());
        let text = format!("[skill]\nname = \"{name}\"\nmodule = \"m.wat\"\ndescription = \"{description}\"\n");
        workspace.write(&format!("{directory}/skill.toml"), text);
    }
    workspace.write("bare.wat", echo());
    workspace.write("refused.wat", "(module (import \"wbg\" \"__wbindgen_throw\" (func)) (func (export \"_start\")))");
    workspace.write("broken/skill.toml", "[skill]\nname = \"broken\"\nmodul = \"m.wat\"\n");
    workspace
}

/// The lines of a list on a terminal of this size, as it shows them.
fn on_a_terminal(workspace: &Workspace, columns: u16, rows: u16) -> Vec<String> {
    let size = portable_pty::PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
    let pair = portable_pty::native_pty_system().openpty(size).unwrap();
    let mut command = portable_pty::CommandBuilder::new(env!("CARGO_BIN_EXE_skillscope"));
    command.args(["--list"]);
    command.cwd(workspace.path());
    command.env("TERM", "xterm-256color");
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let read = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // At its end a terminal's other side may be an error.
        let _ = std::io::Read::read_to_end(&mut reader, &mut bytes);
        bytes
    });
    assert!(child.wait().unwrap().success());
    let bytes = read.join().unwrap();
    // A line that is wider than the terminal would be broken by it into two rows.
    let mut screen = vt100::Parser::new(500, columns, 0);
    screen.process(&bytes);
    let shown: Vec<String> = screen.screen().rows(0, columns).map(|row| row.trim_end().to_owned()).collect();
    let written = String::from_utf8(bytes).unwrap();
    let lines = written.lines().count();
    assert!(shown[lines..].iter().all(String::is_empty), "a line was broken by the terminal:\n{}", shown.join("\n"));
    shown.into_iter().take(lines).collect()
}

/// Where the state of each skill's row begins, in cells.
fn state_columns(lines: &[String]) -> Vec<usize> {
    let state = |row: &String| ["  d04 ", "  refused"].iter().filter_map(|state| row.find(state)).min();
    let rows = lines.iter().filter(|line| !line.starts_with(' '));
    rows.map(|row| row[..state(row).unwrap_or_else(|| panic!("no state in {row:?}"))].width()).collect()
}

#[test]
fn on_a_terminal_rows_are_aligned_and_cut_to_its_width() {
    let workspace = workspace();
    for (columns, rows) in [(80, 24), (120, 40), (60, 20)] {
        let lines = on_a_terminal(&workspace, columns, rows);
        let skills: Vec<&String> = lines.iter().filter(|line| !line.starts_with(' ')).collect();
        assert_eq!(skills.len(), 7, "{lines:#?}");
        let columns_of_states = state_columns(&lines);
        assert!(columns_of_states.windows(2).all(|pair| pair[0] == pair[1]), "{columns_of_states:?} in\n{}", lines.join("\n"));
        assert!(lines.iter().all(|line| line.width() <= usize::from(columns)), "{}", lines.join("\n"));
        let long = skills.iter().find(|row| row.starts_with("summarize-")).unwrap();
        // Where there is no room for a description there is none, and the path is cut at its beginning.
        assert!(long.contains("  …") && (columns < 80 || long.ends_with('…')), "{long}");
        // What to do about a refusal is never cut.
        let all: String = lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
        assert!(all.contains("did you mean `module`?") && all.contains("wasm32-wasip1 needs none of them"), "{all}");
    }
}

#[test]
fn piped_rows_are_aligned_and_whole() {
    let ran = workspace().skillscope(&["--list"]);
    let lines: Vec<String> = ran.expect(0).stdout.lines().map(str::to_owned).collect();
    assert!(
        lines.iter().any(|line| line.ends_with(LONG) && line.contains("a/rather/long/way/down/in/the/tree/of/directories")),
        "{}",
        ran.stdout
    );
    let columns = state_columns(&lines);
    assert!(columns.windows(2).all(|pair| pair[0] == pair[1]), "{columns:?} in\n{}", ran.stdout);
    assert!(!ran.stdout.contains('…') && !ran.stdout.contains('\x1b'), "{}", ran.stdout);
}
