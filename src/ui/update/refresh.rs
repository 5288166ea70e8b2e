//! What the screen lays out from the model: texts for their panels, lists for their heights. Done once where something changed,
//! never while drawing.

use super::ai_actions;
use crate::ui::model::Model;
use crate::ui::model::pager::Pager;
use crate::ui::model::place::Panel;
use crate::ui::view::layout::{self, Parts};
use ratatui::layout::Rect;

/// Lays out what the screen shows.
pub fn lay_out(model: &mut Model) {
    match model.panel {
        Panel::Output => output(model),
        Panel::Ai => ai(model),
        Panel::Trace => trace(model),
        Panel::Logs | Panel::Input | Panel::Module | Panel::History | Panel::Limits => {}
    }
    let (columns, rows) = model.size;
    let Some(parts) = layout::parts(columns, rows, model.panel) else { return };
    areas(model, &parts);
    texts(model, parts.panel);
    let screen = Rect::new(0, 0, columns, rows);
    if let Some(overlay) = &mut model.overlay {
        let area = crate::ui::view::overlay_text_area(overlay, screen);
        if let crate::ui::model::overlay::Overlay::Text { pager, .. } = overlay {
            fit(pager, area);
        }
    }
}

fn areas(model: &mut Model, parts: &Parts) {
    model.areas.skills = parts.skills;
    model.areas.panel = parts.panel;
    model.areas.tabs = parts.tabs.iter().map(|(panel, _, area)| (*panel, *area)).collect();
    model.areas.first_skill =
        in_sight(model.areas.first_skill, model.skills.position(), model.skills.rows().len(), parts.skills.height);
    let rows = parts.panel.height.saturating_sub(1);
    let (position, count) = match model.panel {
        Panel::History => (model.history.selected, model.history.runs.len()),
        _ => model.shown_run().map_or((0, 0), |run| (run.list().1.position().unwrap_or_default(), run.list().1.len())),
    };
    model.areas.first_row = in_sight(model.areas.first_row, position, count, rows);
}

/// The first row in sight, moved no further than the selected one needs.
fn in_sight(first: usize, selected: usize, count: usize, height: u16) -> usize {
    let height = usize::from(height).max(1);
    let last_first = count.saturating_sub(height);
    first.clamp((selected + 1).saturating_sub(height), selected).min(last_first)
}

fn texts(model: &mut Model, area: Rect) {
    match model.panel {
        Panel::Trace => {
            model.details.iter_mut().for_each(|details| fit(&mut details.pager, area));
            // Below the names of a run's columns.
            let names = u16::from(model.shown_run().is_some());
            fit(&mut model.failure.pager, Rect { height: area.height.saturating_sub(names), ..area });
        }
        Panel::Ai => {
            model.ai_view.prompt.lay_out(usize::from(area.width), 1);
            let (prompt, columns) =
                crate::ui::view::ai::parts(area, model.ai_view.prompt.position().1, model.ai_view.columns.len());
            fit(&mut model.ai_view.prompt, prompt);
            for (at, (_, text)) in model.ai_view.in_sight(columns.len()).into_iter().zip(columns) {
                model.ai_view.columns.get_mut(at).into_iter().for_each(|column| fit(&mut column.pager, text));
            }
        }
        Panel::Output => fit(&mut model.output.pager, area),
        Panel::Logs => {
            if let Some(run) = model.shown_run_mut() {
                fit(&mut run.logs, area);
            }
        }
        Panel::Input => {
            let below = Rect { height: area.height.saturating_sub(1), ..area };
            if let Some(name) = model.skills.selected_name().map(str::to_owned)
                && let Some(view) = model.runs.by_skill.get_mut(&name)
            {
                fit(&mut view.input.pager, below);
            }
        }
        Panel::Module => fit(&mut model.module.pager, area),
        Panel::History | Panel::Limits => {}
    }
}

fn fit(pager: &mut Pager, area: Rect) {
    pager.lay_out(usize::from(area.width), usize::from(area.height));
}

/// The list in its order, and the details as the call is now; or what went wrong.
fn trace(model: &mut Model) {
    let mut view = std::mem::take(&mut model.failure);
    view.show(model.failure_in_trace(), |outcome, failure| {
        crate::ui::view::status::failure_lines(failure, outcome.word(), &model.theme)
    });
    model.failure = view;
    let Some(run) = model.runs.shown_mut(model.skills.selected_name()) else { return };
    run.sort(&model.trace_options);
    if let (Some(details), Some((number, entry))) = (&mut model.details, run.selected()) {
        details.follow(number, entry, || crate::ui::view::details::lines(entry, &model.theme));
    }
}

fn output(model: &mut Model) {
    let Some(view) = model.shown_run() else { return };
    let Some(finished) = view.finished.as_ref() else { return };
    let run = view.run;
    if model.output.is_laid_out_for(run) {
        return;
    }
    let document = finished.output.as_ref().map(ToString::to_string);
    let instead = finished.output_text.as_ref().map(|text| text.to_text_lossy().into_owned());
    let previous = model.runs.by_skill.get(&view.skill).and_then(|view| view.previous_output.clone());
    model.output.lay_out(run, document.as_deref(), instead.as_deref(), previous.as_deref(), &model.theme);
}

fn ai(model: &mut Model) {
    // Both are parts of the model: the call is cloned, which happens only where something changed.
    let Some((run, call)) = ai_actions::shown_call(model) else {
        model.ai_view.clear();
        return;
    };
    if model.ai_view.is_laid_out_for(run, call) {
        return;
    }
    let call = call.clone();
    model.ai_view.lay_out(run, &call, &model.theme);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selected_row_is_always_in_sight_and_no_row_is_wasted() {
        assert_eq!(in_sight(0, 3, 10, 5), 0);
        assert_eq!(in_sight(0, 5, 10, 5), 1);
        assert_eq!(in_sight(5, 2, 10, 5), 2);
        assert_eq!(in_sight(8, 9, 10, 5), 5);
        assert_eq!(in_sight(3, 0, 0, 5), 0);
        assert_eq!(in_sight(0, 0, 1, 0), 0);
    }
}
