//! Recorded runs on the screen: kept, deleted, compared.

use super::panels::summarized;
use super::workbench::Workbench;

fn listed(count: usize) -> impl Fn(&skillscope::ui::Model) -> bool {
    move |model| model.history.runs.len() == count && model.history.runs.iter().all(|run| run.outcome.is_some())
}

#[test]
fn a_run_is_kept_and_deleted_by_keys() {
    let mut workbench = Workbench::on_samples((120, 40));
    summarized(&mut workbench);
    workbench.keys(&["7"]).until("it is listed", listed(1));
    workbench.keys(&["p"]).until("it is pinned", |model| model.history.runs.iter().all(|run| run.is_pinned));
    let path = workbench.model().history.runs[0].path.clone();
    let place = workbench.workspace.path().join(".skillscope/runs").join(path.file_name().unwrap());
    assert!(place.exists());
    workbench.keys(&["d"]);
    assert!(workbench.screen().contains("Delete the record of this run of summarize? It is pinned."), "{}", workbench.screen());
    workbench.keys(&["n"]);
    assert!(place.exists());
}

#[test]
fn the_list_shows_a_run_as_soon_as_it_has_ended() {
    let mut workbench = Workbench::on_samples((120, 40));
    workbench.keys(&["7"]).until("the list is there", |model| model.history.known);
    workbench.keys(&["R"]).until("its run is listed", listed(1));
}

#[test]
fn without_a_mark_a_run_is_compared_with_the_one_before() {
    let mut workbench = Workbench::on_samples((120, 40));
    summarized(&mut workbench);
    workbench.keys(&["7"]).until("it is listed", listed(1)).keys(&["c"]);
    let told = workbench.model().status.messages().next().unwrap().text.clone();
    assert!(told.contains("no run of this skill before this one"), "{told}");
    workbench.keys(&["R"]).until("both are listed", listed(2));
    workbench.keys(&["g", "c"]).until("they are compared", |model| model.overlay.is_some());
    let screen = workbench.screen();
    assert!(screen.contains("Two runs compared") && screen.contains("AI answers"), "{screen}");
}

#[test]
fn a_recorded_run_is_made_again_and_is_the_same() {
    super::panels::at_each_size("replay", |workbench| {
        summarized(workbench);
        workbench.keys(&["7"]).until("it is listed", listed(1));
        workbench.keys(&["v"]).until("it is told", |model| model.overlay.is_some());
    });
    let mut workbench = Workbench::on_samples((120, 40));
    workbench.keys(&["7"]).until("the list is there", |model| model.history.known).keys(&["v"]);
    assert!(workbench.model().status.messages().next().unwrap().text.contains("no recorded run here"));
}

#[test]
fn a_replay_with_a_changed_module_tells_the_first_call_that_differs() {
    use crate::script::Arg::{Range, Text};
    use crate::script::{BUFFER, Script};
    let probe = |prompt: &str| Script::new().call("cis.ai_prompt", &[Text(prompt), Range(BUFFER, 64)]).module();
    let mut workbench = Workbench::open((120, 40), |workspace| {
        workspace.write("probe.wat", probe("What is up?"));
    });
    workbench.until("it is ready", |model| model.skills.selected().is_some_and(|row| row.loaded.is_some()));
    workbench.keys(&["R"]).until_ended().keys(&["7"]).until("it is listed", listed(1));
    workbench.keys(&["T"]).until("nothing runs by itself", |model| !model.auto_run);
    workbench.workspace.write("probe.wat", probe("What is new?"));
    workbench.keys(&["v"]).until("it is told", |model| model.overlay.is_some());
    let screen = workbench.screen();
    for told in ["a call differs from the recorded one", "another module than the recorded one", "What is up?", "What is new?"] {
        assert!(screen.contains(told), "{told}\n{screen}");
    }
    // What is made again is no new record.
    assert_eq!(workbench.model().history.runs.len(), 1);
    // One that is no record is refused.
    let path = workbench.model().history.runs[0].path.clone();
    std::fs::write(path, "nothing").unwrap();
    workbench.keys(&["esc", "v"]).until("it is refused", |model| {
        model.status.messages().next().is_some_and(|message| message.text.contains("is no record of a run"))
    });
}
