//! Every panel, at three sizes, made by real events and keys.

use super::workbench::Workbench;
use skillscope::ui::{Model, Theme, ThemeName};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

/// Snapshots of what `act` leads to on the samples, at each size.
#[track_caller]
pub fn at_each_size(name: &str, act: impl Fn(&mut Workbench)) {
    on_each(name, Workbench::on_samples, |workbench| {
        act(workbench);
        workbench.screen()
    });
}

/// Snapshots of what `act` makes of a workbench, at each size.
#[track_caller]
pub fn on_each(name: &str, open: impl Fn((u16, u16)) -> Workbench, act: impl Fn(&mut Workbench) -> String) {
    for size in SIZES {
        let mut workbench = open(size);
        let screen = act(&mut workbench);
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("{name}-{}x{}", size.0, size.1), screen);
        });
    }
}

/// Selects a skill by its name.
pub fn select(workbench: &mut Workbench, name: &str) {
    workbench.keys(&["h", "g"]);
    for _ in 0..40 {
        if workbench.model().skills.selected_name() == Some(name) {
            return;
        }
        workbench.keys(&["j"]);
    }
    panic!("no skill {name}");
}

pub fn summarized(workbench: &mut Workbench) {
    select(workbench, "summarize");
    // The document before is that of a case.
    workbench.keys(&["5", "e", "ctrl-l"]);
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
        workbench.keys(&["2", "c", "ctrl-u", "\"mock 2 input\"", "enter"]);
        workbench
            .until("they are compared", |model| model.comparison.as_ref().is_some_and(|comparison| comparison.end.is_some()));
    });
}

#[test]
fn providers_are_compared_on_the_cases_of_a_skill_that_has_any() {
    at_each_size("comparison-cases", |workbench| {
        select(workbench, "summarize");
        workbench.keys(&["2", "c", "ctrl-u", "\"mock 2\"", "enter"]);
        workbench
            .until("they are compared", |model| model.comparison.as_ref().is_some_and(|comparison| comparison.end.is_some()));
    });
    // What is there is chosen where nothing is said; what is not there is refused.
    let is_over = |model: &skillscope::ui::Model| model.comparison.as_ref().is_some_and(|comparison| comparison.end.is_some());
    let mut workbench = Workbench::on_samples_with(SIZES[0], Theme::new(ThemeName::Dark, false), |workspace| {
        workspace.write("bare.wat", super::workbench::calling(1));
    });
    select(&mut workbench, "bare");
    workbench.keys(&["2", "c", "ctrl-u", "\"mock 1 cases\"", "enter"]).until("it is refused", is_over);
    assert!(workbench.screen().contains("has no cases"), "{}", workbench.screen());
    workbench.keys(&["esc"]);
    workbench.keys(&["2", "c", "ctrl-u", "\"mock 1\"", "enter"]).until("they are compared", is_over);
    assert!(workbench.screen().contains("with the newest input"), "{}", workbench.screen());
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
    workbench.keys(&["2", "c", "ctrl-u", "\"local input\"", "enter"]);
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

#[test]
fn history_lists_recorded_runs_and_compares_two() {
    let twice = |workbench: &mut Workbench| {
        summarized(workbench);
        workbench.keys(&["5", "e", "ctrl-l", "\"{\"note\": \"Call Ada\"}", "ctrl-r"]);
        workbench.until("the second run has ended", |model| {
            let run = model.shown_run().filter(|run| !run.is_running());
            run.and_then(|run| run.started.as_ref()).is_some_and(|started| started.input.to_text_lossy().contains("Ada"))
        });
        workbench.keys(&["7"]).until("both are listed", |model| {
            model.history.runs.len() == 2 && model.history.runs.iter().all(|run| run.outcome.is_some())
        });
    };
    at_each_size("history", |workbench| {
        twice(workbench);
        workbench.keys(&["j", "m", "p"]);
        workbench.until("one is pinned", |model| model.history.runs.iter().any(|run| run.is_pinned));
    });
    at_each_size("compared", |workbench| {
        twice(workbench);
        workbench.keys(&["c"]).until("they are compared", |model| model.overlay.is_some());
    });
}

#[test]
fn a_held_call_waits_for_what_the_user_decides() {
    at_each_size("held", |workbench| {
        workbench.keys(&["1", "i", "ctrl-u", "\"~k ai", "enter"]).until("calls are held", |model| model.intercept.on);
        select(workbench, "summarize");
        workbench.keys(&["5", "e", "ctrl-l", "\"{\"note\": \"Buy milk\"}", "ctrl-r", "1"]);
        workbench.until("a call is held", |model| model.shown_run().is_some_and(|run| !run.held.is_empty()));
    });
}

#[test]
fn two_providers_answers_stand_side_by_side_and_their_differences_are_shown() {
    let server = crate::server::Server::openai("There is milk to be bought.", std::time::Duration::from_millis(20));
    let open = |size| {
        Workbench::on_samples_with(size, Theme::new(ThemeName::Dark, false), |workspace| {
            let path = workspace.path().join("skillscope.toml");
            let settings = std::fs::read_to_string(&path).unwrap();
            std::fs::write(path, settings.replace("http://127.0.0.1:11434/v1", &format!("{}/v1", server.url()))).unwrap();
        })
    };
    let asked = |workbench: &mut Workbench| {
        workbench.keys(&["M", "M"]).until("both answer", |model| model.ai.mode == "both" && !model.ai.others.is_empty());
        summarized(workbench);
        workbench
            .keys(&["2"])
            .until("both have answered", |model| model.ai_view.columns.len() == 2 && model.ai_view.columns[1].text.is_some());
    };
    on_each("ai-both", open, |workbench| {
        asked(workbench);
        workbench.screen()
    });
    on_each("ai-difference", open, |workbench| {
        asked(workbench);
        workbench.keys(&["d"]).screen()
    });
}

#[test]
fn a_refused_binary_is_shown_with_the_text_form_round_the_fault() {
    let fault = "(module (memory (export \"memory\") 1)
        (func (export \"alloc\") (param i32) (result i32) i32.const 8) (func (export \"dealloc\") (param i32 i32))
        (func $total (param i32) (result i32) local.get 0 i32.const 2 i32.mul drop f64.const 1.5)
        (func (export \"execute\") (param i32) (result i32) local.get 0 call $total))";
    let open = |size| {
        let mut workbench = Workbench::open(size, |workspace| {
            workspace.write("mistyped.wasm", wat::parse_str(fault).unwrap());
        });
        workbench.until("it is refused", |model| model.skills.rows().iter().any(|row| row.refused.is_some()));
        workbench
    };
    on_each("refused-wat", open, Workbench::screen);
}

#[test]
fn a_long_refusal_is_read_to_its_end_in_the_place_of_the_trace() {
    let imports = |count: u32| {
        let import = |number| format!("(import \"env\" \"unknown_{number:02}\" (func (param i32)))");
        format!("(module {})", (0..count).map(import).collect::<String>())
    };
    let is_refused = |model: &Model| model.skills.rows().iter().any(|row| row.refused.is_some());
    let mut workbench = Workbench::open((80, 24), |workspace| {
        workspace.write("many.wat", imports(40));
    });
    workbench.until("it is refused", is_refused).keys(&["1"]);
    let first = workbench.screen();
    assert!(first.contains("cannot be served") && first.contains("unknown_00") && !first.contains("unknown_39"), "{first}");
    let last = workbench.keys(&["G"]).screen();
    assert!(!last.contains("cannot be served") && last.contains("57 of 57"), "{last}");
    let up = workbench.keys(&["k", "k", "ctrl-b"]).screen();
    assert!(up.contains("29-42 of 57"), "{up}");
    let found = workbench.keys(&["/", "\"unknown_21\"", "enter"]).screen();
    assert!(found.contains("unknown_21"), "{found}");
    assert!(workbench.keys(&["g"]).screen().contains("cannot be served"));
    assert!(workbench.keys(&["w"]).screen().contains("many-refusal.txt"));
}
