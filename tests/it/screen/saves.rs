//! What becomes of a run in flight when its skill is saved.

use super::workbench::Workbench;
use crate::acceptance::asking;
use skillscope::event::Outcome;

/// A workbench whose one skill runs, and is held in a host call.
fn held() -> Workbench {
    let mut workbench = Workbench::open((100, 30), |workspace| {
        workspace.write("asks.wat", asking());
    });
    workbench.until_looked_at();
    workbench.keys(&["1", "i", "ctrl-u", "\"~k ai", "enter"]).until("calls are held", |model| model.intercept.on);
    workbench.keys(&["R"]).until("a call is held", is_held);
    workbench
}

fn is_held(model: &skillscope::ui::Model) -> bool {
    model.shown_run().is_some_and(|run| !run.held.is_empty())
}

fn run(workbench: &Workbench) -> skillscope::event::RunId {
    workbench.model().shown_run().unwrap().run
}

#[test]
fn a_run_in_flight_is_cancelled_for_the_new_version() {
    let mut workbench = held();
    let first = run(&workbench);
    workbench.workspace.write("asks.wat", asking() + " ");
    workbench
        .until("the new version runs", |model| model.shown_run().is_some_and(|run| run.run != first && !run.held.is_empty()));
    workbench.keys(&["a"]).until_ended();
    assert_eq!(workbench.model().shown_run().unwrap().outcome(), Some(Outcome::Ok));
}

#[test]
fn a_run_in_flight_is_waited_for_where_that_is_asked_for() {
    let mut workbench = held();
    workbench.keys(&["S"]);
    assert!(workbench.screen().contains("auto-run on, waits"), "{}", workbench.screen());
    let first = run(&workbench);
    let loaded = |model: &skillscope::ui::Model| model.skills.rows()[0].loaded.as_ref().map(|loaded| loaded.sha256.clone());
    let before = loaded(workbench.model());
    let newer = asking().replace("(global $top", "(global (export \"other\") i32 (i32.const 1)) (global $top");
    workbench.workspace.write("asks.wat", newer);
    workbench.until("the new version is loaded", |model| loaded(model) != before);
    assert_eq!(run(&workbench), first);
    assert!(is_held(workbench.model()), "it goes on");
    workbench.keys(&["I"]).until("no more calls are held", |model| !model.intercept.on);
    workbench.keys(&["a"]).until("the new version runs behind it", |model| model.shown_run().is_some_and(|run| run.run != first));
    workbench.until_ended();
}

#[test]
fn opening_it_runs_nothing() {
    let mut workbench = Workbench::open((100, 30), |workspace| {
        workspace.write("asks.wat", asking());
    });
    workbench.until_looked_at();
    // A skill that appears is run, and what is saved is looked for then.
    workbench.workspace.write("other.wat", asking());
    let has_run =
        |model: &skillscope::ui::Model, name: &str| model.runs.by_skill.get(name).is_some_and(|view| view.run.is_some());
    workbench.until("the new skill has run", |model| has_run(model, "other"));
    assert!(!has_run(workbench.model(), "asks"));
}

#[test]
fn a_broken_skill_that_has_no_name_of_its_own_is_shown_beside_the_one_of_that_name() {
    let mut workbench = Workbench::open((100, 30), |workspace| {
        workspace.write("asks.wat", asking());
        workspace.write("asks/skill.toml", "[skill");
        workspace.write("deep/asks/skill.toml", "skill]");
    });
    let shown = |model: &skillscope::ui::Model| {
        let rows = model.skills.rows().iter();
        rows.map(|row| (row.info.name.clone(), row.refused.is_some(), row.loaded.is_some())).collect::<Vec<_>>()
    };
    workbench.until("each is looked at", |model| {
        let rows = shown(model);
        rows.len() == 3 && rows.iter().all(|(_, refused, loaded)| *refused || *loaded)
    });
    let rows = shown(workbench.model());
    assert_eq!((rows[0].0.as_str(), rows[0].2), ("asks", true), "{rows:?}");
    assert!(rows[1].0.starts_with("asks (") && rows[2].0.starts_with("asks (") && rows[1].0 != rows[2].0, "{rows:?}");
    workbench.workspace.write("asks/skill.toml", "[skill]\nname = \"other\"\nversion = \"1\"\nmodule = \"m.wat\"\n");
    workbench.until("it is named when it is mended", |model| shown(model).iter().any(|(name, ..)| name == "other"));
}

#[test]
fn a_module_that_is_half_written_for_a_while_is_neither_refused_nor_missed() {
    let mut workbench = Workbench::open((100, 30), |workspace| {
        workspace.write("asks.wasm", wat::parse_str(asking()).unwrap());
    });
    workbench.until_looked_at();
    let loaded = |model: &skillscope::ui::Model| model.skills.rows()[0].loaded.as_ref().map(|loaded| loaded.sha256.clone());
    let is_refused = |model: &skillscope::ui::Model| model.skills.rows()[0].refused.is_some();
    for version in 1..4 {
        let before = loaded(workbench.model());
        let newer = format!("(global (export \"other\") i32 (i32.const {version})) (global $top");
        let whole = wat::parse_str(asking().replace("(global $top", &newer)).unwrap();
        workbench.workspace.write("asks.wasm", &whole[..whole.len() / 2]);
        std::thread::sleep(std::time::Duration::from_millis(60 * version));
        workbench.workspace.write("asks.wasm", &whole);
        workbench.until("the new version is loaded", |model| {
            assert!(!is_refused(model), "no passing error is told");
            loaded(model) != before
        });
        workbench.until_looked_at();
    }
}

#[test]
fn the_settings_say_what_the_workbench_begins_with_and_what_is_changed_there_counts() {
    let mut workbench = Workbench::open((100, 30), |workspace| {
        workspace.write("asks.wat", asking());
        workspace.write("skillscope.toml", "[workbench]\nauto_run = false\non_save = \"wait\"\n");
    });
    workbench.until("they are in force", |model| !model.auto_run && model.on_save.word() == "wait").until_looked_at();
    workbench.keys(&["T"]).until("it is switched on", |model| model.auto_run);
    workbench.workspace.write("skillscope.toml", "[workbench]\nauto_run = false\non_save = \"cancel\"\n");
    workbench.until("what was changed counts", |model| model.on_save.word() == "cancel");
    assert!(workbench.model().auto_run, "and what was switched since stays");
}

#[test]
#[cfg(unix)]
fn the_panel_that_the_settings_name_is_filled_from_the_start() {
    let workspace = crate::program::Workspace::new();
    workspace.write("asks.wat", asking());
    workspace.write("skillscope.toml", "[workbench]\npanel = \"history\"\ntheme = \"light\"\n");
    assert_eq!(shown_first(&workspace), "No run is recorded yet");
    workspace.write("skillscope.toml", "[workbench]\npanel = \"module\"\n");
    assert_eq!(shown_first(&workspace), "Exports");
}

/// Opens the program on a terminal, and tells which of the words it waits for are shown.
#[cfg(unix)]
fn shown_first(workspace: &crate::program::Workspace) -> &'static str {
    let mut command = portable_pty::CommandBuilder::new(env!("CARGO_BIN_EXE_skillscope"));
    command.cwd(workspace.path());
    let screen = super::pty::Screen::start(command, &crate::program::cache_home(), (120, 40));
    let known = ["No run is recorded yet", "Exports"];
    let text = screen.until("the panel is filled", |text| known.iter().any(|words| text.contains(words)));
    screen.press("q");
    assert_eq!(screen.ended().0, 0);
    known.into_iter().find(|words| text.contains(words)).unwrap()
}
