//! Themes, plain characters, and characters that take no column or two.

use super::panels::{on_each, select, summarized};
use super::workbench::Workbench;
use skillscope::ui::{Theme, ThemeName};

#[test]
fn each_theme_tells_the_same_by_its_own_means() {
    for (name, theme) in [("dark", ThemeName::Dark), ("light", ThemeName::Light), ("none", ThemeName::None)] {
        let open = |size| Workbench::on_samples_with(size, Theme::new(theme, false), |_| {});
        on_each(&format!("theme-{name}"), open, |workbench| {
            summarized(workbench);
            workbench.keys(&["1", "g", "j"]).looks()
        });
    }
}

#[test]
fn without_colours_nothing_is_coloured() {
    let mut workbench = Workbench::on_samples_with((120, 40), Theme::new(ThemeName::None, false), |_| {});
    summarized(&mut workbench);
    for panel in ["1", "2", "3", "4", "5", "6", "7", "8"] {
        let looks = workbench.keys(&[panel]).looks();
        let legend: Vec<&str> = looks.lines().skip(40).collect();
        assert!(!legend.is_empty() && legend.iter().all(|look| look.contains(": Reset on Reset ")), "{panel}: {legend:?}");
    }
}

#[test]
fn ascii_draws_everything_with_characters_that_every_terminal_has() {
    let open = |size| Workbench::on_samples_with(size, Theme::new(ThemeName::Dark, true), |_| {});
    on_each("ascii", open, |workbench| {
        summarized(workbench);
        workbench.keys(&["1", "g", "m", "j"]).screen()
    });
    let mut workbench = open((120, 40));
    summarized(&mut workbench);
    for panel in ["1", "2", "3", "4", "5", "6", "7", "8", "?"] {
        let screen = workbench.keys(&[panel]).screen();
        assert!(screen.is_ascii(), "{panel}:\n{screen}");
    }
}

#[test]
fn wide_and_combining_characters_keep_their_columns() {
    let given = |workbench: &mut Workbench| {
        select(workbench, "test-wasm-skill");
        let document =
            "\"{\"prompt\": \"天気はどう？ 👩‍👩‍👧 Cafe\u{301} a\u{308}o\u{302}, e\u{301}te\u{301}\", \"日本\": \"長い文字列\"}";
        workbench.keys(&["5", "e", "ctrl-l", document, "ctrl-r"]).until_ended();
    };
    for (name, panel) in [("wide-trace", "1"), ("wide-output", "3"), ("wide-input", "5")] {
        on_each(name, Workbench::on_samples, |workbench| {
            given(workbench);
            let screen = workbench.keys(&[panel]).screen();
            let columns = screen.lines().map(unicode_width::UnicodeWidthStr::width).max().unwrap();
            for line in screen.lines().filter(|line| line.ends_with('│') || line.ends_with('╮') || line.ends_with('╯')) {
                assert_eq!(unicode_width::UnicodeWidthStr::width(line), columns, "the border is straight: {line}");
            }
            screen
        });
    }
}
