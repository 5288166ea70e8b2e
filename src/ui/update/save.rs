//! What is saved to a file: the trace, a call, an answer, the output, the logs, a record. The session writes it.

use super::{ai_actions, clipboard};
use crate::event::figures;
use crate::session::{Saveable, WorkbenchCommand};
use crate::ui::effect::Effect;
use crate::ui::model::Model;
use crate::ui::model::overlay::{Choice, ChoicePurpose, Overlay, PromptPurpose};
use crate::ui::model::place::{Focus, Panel};
use crate::ui::model::status::Weight;
use std::path::PathBuf;

/// Asks for the file, with a name proposed.
pub fn ask(model: &mut Model) -> Vec<Effect> {
    if let Some(choice) = parts_of_entry(model) {
        model.overlay = Some(Overlay::Choice(choice));
        return Vec::new();
    }
    match what(model) {
        Ok((what, name)) => super::prompt::ask(model, PromptPurpose::Save(what), &name),
        Err(words) => {
            model.status.tell(Weight::Notice, words);
            Vec::new()
        }
    }
}

/// The file's name as typed; one that ends in `!` may overwrite.
pub fn to(what: &Saveable, text: &str) -> Result<Vec<Effect>, String> {
    let (name, overwrite) = text.strip_suffix('!').map_or((text, false), |name| (name.trim_end(), true));
    if name.is_empty() {
        return Err("a file needs a name".into());
    }
    let command = WorkbenchCommand::Save { what: what.clone(), to: PathBuf::from(name), overwrite };
    Ok(vec![Effect::Session(command)])
}

/// The parts of the call whose details are shown: each payload as the bytes that it is, and all of it as the panel shows it.
fn parts_of_entry(model: &Model) -> Option<Choice> {
    let details = model.details.as_ref().filter(|_| model.panel == Panel::Trace && model.focus == Focus::Panel)?;
    let run = model.shown_run()?;
    let call = run.selected()?.1.call()?;
    let stem = format!("{}-call-{}", file_stem(&run.skill), call.record.id.0);
    let request = call.edited.as_ref().unwrap_or(&call.record.request);
    let response = call.record.finished.as_ref().and_then(|finished| finished.response.as_ref());
    let payloads = response.map(|response| ("response", response)).into_iter();
    let payloads = payloads.chain(request.0.iter().map(|(name, value)| (name.as_ref(), value)));
    let (mut items, mut parts) = (Vec::new(), Vec::new());
    for (name, payload) in payloads {
        items.push(format!("{name}, {} bytes", figures::count(payload.len() as u64)));
        let ending = match payload.as_text() {
            Some(text) if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() => "json",
            Some(_) => "txt",
            None => "bin",
        };
        parts.push((Saveable::Bytes(payload.as_bytes().to_vec()), format!("{stem}-{name}.{ending}")));
    }
    items.push("all of it, as it is shown".to_owned());
    parts.push((Saveable::Text(details.pager.text()), format!("{stem}.txt")));
    Some(Choice { purpose: ChoicePurpose::Save(parts), title: "What to save".to_owned(), items, selected: 0 })
}

/// What the panel shows, and a name for its file.
fn what(model: &Model) -> Result<(Saveable, String), &'static str> {
    const NOTHING: &str = "there is nothing here to save";
    if model.focus == Focus::Skills {
        return Err("go to a panel (tab): what it shows is saved");
    }
    let skill = match model.panel {
        Panel::Input | Panel::Module | Panel::Limits => model.skills.selected_name(),
        _ => model.shown_run().map(|run| run.skill.as_str()),
    };
    let stem = file_stem(skill.unwrap_or("skill"));
    if model.panel == Panel::Trace && model.shown_run().is_none() && model.failure.is_shown() {
        let stem = file_stem(model.skills.selected_name().unwrap_or("skill"));
        return Ok((Saveable::Text(model.failure.pager.text()), format!("{stem}-refusal.txt")));
    }
    if model.panel == Panel::Trace && model.details.is_none() {
        return trace(model).map(|what| (what, format!("{stem}-trace.jsonl")));
    }
    if model.panel == Panel::History {
        let path = model.history.selected_run().map(|run| run.path.clone()).ok_or(NOTHING)?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        return Ok((Saveable::Record(path), name));
    }
    let text = match model.panel {
        // All that is known of the call, as the panel shows it.
        Panel::Trace => model.details.as_ref().map(|details| details.pager.text()),
        Panel::Ai => model.ai_view.call.map(|_| model.ai_view.text()),
        _ => clipboard::selected_text(model),
    };
    let text = text.filter(|text| !text.is_empty()).ok_or(NOTHING)?;
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
    let ending = if is_json { "json" } else { "txt" };
    let part = match model.panel {
        Panel::Trace => {
            let call = model.shown_run().and_then(|run| run.selected()).and_then(|(_, entry)| Some(entry.call()?.record.id.0));
            call.map_or_else(|| "entry".to_owned(), |call| format!("call-{call}"))
        }
        Panel::Ai => {
            let call = ai_actions::shown_call(model).map(|(_, call)| call.record.id.0).unwrap_or_default();
            format!("answers-{call}")
        }
        Panel::Output => "output".to_owned(),
        Panel::Logs => "log".to_owned(),
        Panel::Input => "input".to_owned(),
        Panel::Module if model.module.wat => return Ok((Saveable::Text(text), format!("{stem}.wat"))),
        Panel::Module => "module".to_owned(),
        Panel::History | Panel::Limits => return Err(NOTHING),
    };
    Ok((Saveable::Text(text), format!("{stem}-{part}.{ending}")))
}

/// The whole trace under the filter in force.
fn trace(model: &Model) -> Result<Saveable, &'static str> {
    let run = model.shown_run().ok_or("nothing has run here yet")?;
    let record = run.record.clone().ok_or("this run is not recorded, so its trace cannot be saved; E shows why")?;
    let options = &model.trace_options;
    let mut marked: Vec<u64> = run.marked.iter().copied().collect();
    marked.sort_unstable();
    Ok(Saveable::Trace {
        record,
        filter: options.filter.as_ref().map(ToString::to_string),
        wasi: options.wasi,
        logs: !options.no_logs,
        marked,
    })
}

/// A name of a skill as a part of a file's name.
fn file_stem(skill: &str) -> String {
    let stem: String = skill.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
    let stem = stem.trim_start_matches('.');
    if stem.is_empty() { "skill".to_owned() } else { stem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_harmless() {
        assert_eq!(file_stem("a/../b c"), "a-..-b-c");
        assert_eq!(file_stem("../../etc"), "-..-etc");
        assert_eq!(file_stem(".."), "skill");
    }

    #[test]
    fn a_name_that_ends_in_an_exclamation_mark_overwrites() {
        let what = Saveable::Text("x".into());
        let command = |text: &str| to(&what, text).unwrap().remove(0);
        let save = |to: &str, overwrite| Effect::Session(WorkbenchCommand::Save { what: what.clone(), to: to.into(), overwrite });
        assert_eq!(command("a.txt"), save("a.txt", false));
        assert_eq!(command("a.txt !"), save("a.txt", true));
        assert!(to(&what, "!").is_err());
    }
}
