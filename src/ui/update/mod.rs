//! How the model changes: a message comes in, effects go out. Nothing here draws, waits, reads a file or asks the session.

mod ai_actions;
mod choose;
mod clipboard;
mod comparison;
mod edit;
mod intercept;
mod key;
mod mouse;
mod movement;
mod perform;
mod prompt;
mod refresh;
mod session_event;
mod terms;

pub use intercept::held;
pub use terms::written;

use super::effect::Effect;
use super::message::Message;
use super::model::Model;

/// Takes in one message.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    let effects = match message {
        Message::Key(event) => key::pressed(model, event),
        Message::Mouse(event) => mouse::moved(model, event),
        Message::Paste(text) => key::pasted(model, &text),
        Message::Resize(columns, rows) => {
            model.size = (columns, rows);
            Vec::new()
        }
        Message::Session(event) => session_event::told(model, *event),
        Message::Figures(figures) => {
            for (run, figures) in figures {
                if let Some(view) = model.runs.get_mut(run).filter(|view| view.is_running()) {
                    view.gauges.take(figures);
                }
            }
            Vec::new()
        }
    };
    refresh::lay_out(model);
    effects
}
