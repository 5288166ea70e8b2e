//! What somebody does who has never seen the workbench: run, look, edit, hold, cancel, go back, press anything.

use super::panels::{select, summarized};
use super::workbench::{Workbench, calling};
use skillscope::ui::{Effect, Model, Theme, ThemeName};

fn quits(workbench: &Workbench) -> usize {
    workbench.wanted.iter().filter(|effect| matches!(effect, Effect::Quit)).count()
}

fn told(workbench: &Workbench) -> String {
    workbench.model().status.messages().next().map(|message| message.text.clone()).unwrap_or_default()
}

fn input_of_run(model: &Model) -> String {
    let started = model.shown_run().and_then(|run| run.started.as_ref());
    started.map(|started| started.input.to_text_lossy().into_owned()).unwrap_or_default()
}

#[test]
fn a_skill_is_first_run_with_the_input_of_a_case_and_the_other_cases_are_offered() {
    let mut workbench = Workbench::on_samples((120, 40));
    select(&mut workbench, "mood");
    workbench.keys(&["5"]);
    let screen = workbench.screen();
    assert!(screen.contains("e edits it, 2 others there; event message; case \"keeps a tally of moods\""), "{screen}");
    workbench.keys(&["h", "enter"]).until_ended();
    assert!(input_of_run(workbench.model()).contains("Thank you!"));
    let run = workbench.model().shown_run().unwrap();
    assert_eq!(run.started.as_ref().unwrap().event_type.as_deref(), Some("message"));
    // Another case is taken with its event; what it was run with comes back with its own.
    workbench.keys(&["e", "alt-up"]);
    assert!(workbench.screen().contains("Input of mood, event report, of the case \"greets as it is configured to\""));
    let before = workbench.model().shown_run().unwrap().run;
    let is_another = move |model: &Model| model.shown_run().is_some_and(|run| run.run != before && !run.is_running());
    workbench.keys(&["ctrl-r"]).until("it runs as that case", is_another);
    let run = workbench.model().shown_run().unwrap();
    assert_eq!(run.started.as_ref().unwrap().event_type.as_deref(), Some("report"));
    workbench.keys(&["7"]).until("both are listed", |model| {
        model.history.runs.len() == 2 && model.history.runs.iter().all(|run| run.outcome.is_some())
    });
    let is_read = |model: &Model| model.runs.opened.as_ref().is_some_and(|run| !run.is_running());
    workbench.keys(&["j", "enter"]).until("it is opened", is_read);
    workbench.keys(&["1", "r"]).until("the first is run again", |model| {
        model.shown_run().is_some_and(|run| !run.is_running() && !run.recorded) && input_of_run(model).contains("Thank you!")
    });
    let run = workbench.model().shown_run().unwrap();
    assert_eq!(run.started.as_ref().unwrap().event_type.as_deref(), Some("message"), "with its own event");
}

#[test]
fn the_first_and_the_last_line_of_every_panel_are_reached_at_once() {
    let mut workbench = Workbench::on_samples((120, 40));
    summarized(&mut workbench);
    for panel in ["1", "2", "3", "4", "5", "6", "7", "8"] {
        workbench.keys(&[panel, "G", "g", "G", "g"]);
    }
    workbench.keys(&["3", "G"]);
    workbench.screen();
    let selected = |workbench: &Workbench| workbench.model().output.tree.borrow().selected().to_vec();
    let last = selected(&workbench);
    workbench.keys(&["g"]);
    assert_ne!(selected(&workbench), last, "the first line is another");
}

#[test]
fn only_two_ctrl_c_in_a_row_quit() {
    let mut workbench = Workbench::on_samples((120, 40));
    workbench.keys(&["ctrl-c"]);
    assert_eq!(told(&workbench), "nothing runs; ctrl-c once more quits");
    workbench.keys(&["j", "ctrl-c"]);
    assert_eq!(quits(&workbench), 0, "something else was done in between");
    select(&mut workbench, "infinite-loop");
    workbench.keys(&["ctrl-c", "enter"]).until("it runs", |model| model.shown_run().is_some_and(|run| run.is_running()));
    workbench.keys(&["ctrl-c"]).until_ended();
    assert_eq!(quits(&workbench), 0, "it cancelled");
    workbench.keys(&["ctrl-c", "ctrl-c"]);
    assert_eq!(quits(&workbench), 1);
}

#[test]
fn details_follow_their_call_and_then_the_next_one_that_is_held() {
    let mut workbench = Workbench::on_samples((120, 40));
    let holds = |id: u64| move |model: &Model| model.shown_run().is_some_and(|run| run.held.iter().any(|held| held.0 == id));
    workbench.keys(&["i", "ctrl-u", "\"~all", "enter"]).until("calls are held", |model| model.intercept.on);
    select(&mut workbench, "summarize");
    workbench.keys(&["enter"]).until("the first is held", holds(1)).keys(&["1", "enter"]);
    assert!(workbench.screen().contains("memory_get  call 1"), "{}", workbench.screen());
    workbench.keys(&["a"]).until("the second is held", holds(2));
    let screen = workbench.screen();
    assert!(screen.contains("ai_prompt  call 2") && screen.contains("held: a lets it go on"), "{screen}");
    // Whose answer it is is told.
    workbench.keys(&["b"]);
    assert!(workbench.screen().contains("Your answer to the held call 2"), "{}", workbench.screen());
    workbench.keys(&["\"Milk.", "ctrl-s"]).until("the third is held", holds(3));
    // What is not held is read on, however it goes on.
    workbench.keys(&["esc", "k", "enter"]);
    let screen = workbench.screen();
    assert!(screen.contains("ai_prompt  call 2") && screen.contains("you answered it") && screen.contains("Milk."), "{screen}");
    workbench.keys(&["I"]).until("no more are held", |model| !model.intercept.on).keys(&["A"]).until_ended();
    workbench.keys(&["esc", "1"]);
    assert!(workbench.screen().contains("you: \"Milk.\"") && !workbench.screen().contains("you you"), "{}", workbench.screen());
}

#[test]
fn the_type_of_the_event_is_asked_from_the_editor_and_what_was_typed_is_not_lost() {
    let mut workbench = Workbench::on_samples((120, 40));
    select(&mut workbench, "mood");
    workbench.keys(&["e", "ctrl-l", "\"{\"text\": \"so good", "ctrl-t", "ctrl-u", "\"praise", "enter"]);
    let screen = workbench.screen();
    assert!(screen.contains("Input of mood, event praise") && screen.contains("so good"), "{screen}");
    workbench.keys(&["ctrl-t", "esc"]);
    assert!(workbench.screen().contains("so good"), "leaving the line leaves the editor open");
    workbench.keys(&["esc"]);
    assert!(!workbench.screen().contains("so good"));
    assert_eq!(told(&workbench), "not taken; in the editor, alt-up brings it back");
    workbench.keys(&["e", "alt-up"]);
    let screen = workbench.screen();
    assert!(screen.contains("so good") && screen.contains("event praise"), "{screen}");
    // Neither is what was typed before others were looked at.
    workbench.keys(&["esc", "e", "ctrl-l", "\"[1, 2", "alt-up", "alt-up", "esc", "e", "alt-up"]);
    assert!(workbench.screen().contains("[1, 2"), "{}", workbench.screen());
}

#[test]
fn an_opened_run_is_shown_with_its_calls_and_left_to_the_list_it_came_from() {
    let mut workbench = Workbench::on_samples((120, 40));
    summarized(&mut workbench);
    workbench.keys(&["7"]).until("it is listed", |model| model.history.runs.iter().any(|run| run.outcome.is_some()));
    workbench.keys(&["enter"]).until("it is opened", |model| model.runs.opened.as_ref().is_some_and(|run| !run.is_running()));
    let screen = workbench.screen();
    assert!(screen.contains("ai_prompt") && screen.contains("from its record"), "{screen}");
    workbench.keys(&["esc"]);
    assert!(workbench.screen().contains("began (UTC)"), "{}", workbench.screen());
}

#[test]
fn who_answers_from_now_on_is_told() {
    let mut workbench = Workbench::on_samples((120, 40));
    workbench.keys(&["M"]).until("a real one answers", |model| model.ai.lead.starts_with("local"));
    assert!(told(&workbench).starts_with("from the next run on local (llama3.2) answers the skill"), "{}", told(&workbench));
    assert!(workbench.screen().contains("AI real: local (llama3.2)"));
    workbench.keys(&["M"]).until("both do", |model| !model.ai.others.is_empty());
    assert!(told(&workbench).ends_with("is asked beside"), "{}", told(&workbench));
}

#[test]
fn what_cannot_be_seen_is_not_steered() {
    let mut workbench = Workbench::open((30, 8), |workspace| {
        workspace.write("calls.wat", calling(3));
    });
    workbench.until("it is ready", |model| model.skills.rows().iter().any(|row| row.loaded.is_some()));
    workbench.keys(&["R", "3", "e"]);
    assert!(workbench.model().shown_run().is_none() && workbench.model().overlay.is_none());
    workbench.keys(&["q"]);
    assert_eq!(quits(&workbench), 1);
}

/// Any key, in any place, at any time.
#[test]
fn four_thousand_keys_at_random_do_no_harm() {
    const NAMED: [&str; 12] =
        ["enter", "esc", "tab", "space", "up", "down", "F5", "backspace", "ctrl-c", "ctrl-r", "ctrl-s", "alt-up"];
    let mut seed = 0x5eed_u64;
    let mut next = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below as u64).unwrap()
    };
    let mut workbench = Workbench::on_samples_with((100, 30), Theme::new(ThemeName::None, true), |workspace| {
        workspace.write("calls.wat", calling(2_000));
    });
    workbench.saves_nothing = true;
    for round in 0..4_000 {
        let key = match next(4) {
            0 => NAMED[next(NAMED.len())].to_owned(),
            _ => char::from(u8::try_from(33 + next(94)).unwrap()).to_string(),
        };
        // A quote would begin a text.
        workbench.keys(&[if key == "\"" { "g" } else { &key }]);
        if round % 16 == 0 {
            workbench.take_what_is_there();
            workbench.screen();
        }
    }
    workbench.keys(&["esc", "esc", "esc", "esc", "1"]);
    assert!(workbench.screen().contains("Trace"), "{}", workbench.screen());
}
