//! Every panel, at three sizes, made by real events and keys.

use super::workbench::Workbench;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

/// Snapshots of what `act` leads to, at each size.
#[track_caller]
fn at_each_size(name: &str, act: impl Fn(&mut Workbench)) {
    for size in SIZES {
        let mut workbench = Workbench::on_samples(size);
        act(&mut workbench);
        let screen = workbench.screen();
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("{name}-{}x{}", size.0, size.1), screen);
        });
    }
}

/// Selects a skill by its name.
fn select(workbench: &mut Workbench, name: &str) {
    workbench.keys(&["h", "g"]);
    for _ in 0..40 {
        if workbench.model().skills.selected_name() == Some(name) {
            return;
        }
        workbench.keys(&["j"]);
    }
    panic!("no skill {name}");
}

fn summarized(workbench: &mut Workbench) {
    select(workbench, "summarize");
    // The document before is `null`.
    workbench.keys(&["5", "e", "ctrl-e", "backspace", "backspace", "backspace", "backspace"]);
    workbench.keys(&["\"{\"note\": \"Buy milk and eggs\"}", "ctrl-r"]).until_ended();
}

#[test]
fn the_first_screen_shows_the_skills_and_how_to_run_one() {
    at_each_size("first", |_| {});
}

#[test]
fn the_trace_shows_host_calls_and_log_lines() {
    at_each_size("trace", |workbench| {
        summarized(workbench);
        workbench.keys(&["1"]);
    });
}

#[test]
fn details_show_a_call_in_full() {
    at_each_size("details", |workbench| {
        summarized(workbench);
        workbench.keys(&["1", "g", "j", "j", "enter"]);
    });
}

#[test]
fn the_ai_panel_shows_the_prompt_and_the_answers() {
    at_each_size("ai", |workbench| {
        summarized(workbench);
        workbench.keys(&["2"]);
    });
}

#[test]
fn providers_are_compared_in_bulk() {
    at_each_size("comparison", |workbench| {
        summarized(workbench);
        workbench.keys(&["2", "c", "ctrl-u", "\"mock 2\"", "enter"]);
        workbench
            .until("they are compared", |model| model.comparison.as_ref().is_some_and(|comparison| comparison.end.is_some()));
    });
}

#[test]
fn a_comparison_asks_for_providers_that_are_there() {
    let mut workbench = Workbench::on_samples(SIZES[0]);
    workbench.keys(&["2", "c"]);
    assert!(workbench.screen().contains("> mock,local 3"), "{}", workbench.screen());
    for (typed, told) in [
        ("\"mokc 3\"", "there is no provider mokc; there are mock, local"),
        ("\"mock 0\"", "each can be tried from 1 to 10000 times"),
        ("\" \"", "name providers, with commas between them"),
    ] {
        workbench.keys(&["ctrl-u", typed, "enter"]);
        assert!(workbench.screen().contains(told), "{}", workbench.screen());
    }
    // Nobody answers at its address: that is told of the runs, and ends no workbench.
    workbench.keys(&["h", "g", "2", "esc"]);
    select(&mut workbench, "mood");
    workbench.keys(&["2", "c", "ctrl-u", "\"local\"", "enter"]);
    workbench.until("they are compared", |model| model.comparison.as_ref().is_some_and(|comparison| comparison.end.is_some()));
    assert!(workbench.screen().contains("0/1") || workbench.screen().contains("1/1"), "{}", workbench.screen());
    workbench.keys(&["esc"]);
    assert!(!workbench.screen().contains("Providers compared"));
}

#[test]
fn the_output_is_a_tree() {
    at_each_size("output", |workbench| {
        summarized(workbench);
        workbench.keys(&["3"]);
    });
}

#[test]
fn a_trap_shows_its_backtrace() {
    at_each_size("trap", |workbench| {
        select(workbench, "panics");
        workbench.keys(&["enter"]).until_ended().keys(&["3"]);
    });
}

#[test]
fn logs_show_lines_with_their_levels() {
    at_each_size("logs", |workbench| {
        summarized(workbench);
        workbench.keys(&["4"]);
    });
}

#[test]
fn the_input_is_shown_and_edited() {
    at_each_size("input", |workbench| {
        summarized(workbench);
        workbench.keys(&["5"]);
    });
    at_each_size("input-editor", |workbench| {
        select(workbench, "summarize");
        workbench.keys(&["5", "e", "\"{\"a\": ", "ctrl-s"]);
    });
}

#[test]
fn a_refused_module_shows_why_and_what_it_is_made_of() {
    at_each_size("refused", |workbench| {
        select(workbench, "refused");
    });
    at_each_size("module", |workbench| {
        select(workbench, "word-count");
        workbench.keys(&["6"]).until("the module is read", |model| model.module.report.is_some());
    });
}

#[test]
fn limits_can_be_changed_for_the_next_run() {
    at_each_size("limits", |workbench| {
        select(workbench, "summarize");
        workbench.keys(&["8", "j", "e", "ctrl-u", "\"2s\"", "enter"]);
        workbench.until("the limit is changed", |model| {
            model.selected_view().and_then(|view| view.terms.as_ref()).is_some_and(|terms| terms.changed)
        });
    });
}

#[test]
fn help_and_the_palette_list_every_command() {
    at_each_size("help", |workbench| {
        workbench.keys(&["1", "?"]);
    });
    at_each_size("palette", |workbench| {
        workbench.keys(&[":", "\"mock\""]);
    });
}
