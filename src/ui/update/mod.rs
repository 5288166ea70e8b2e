//! How the model changes: a message comes in, effects go out. Nothing here draws, waits, reads a file or asks the session.

mod ai_actions;
mod choose;
mod clipboard;
mod comparison;
mod edit;
mod history;
mod intercept;
mod key;
mod mouse;
mod movement;
mod perform;
mod prompt;
mod read_back;
mod refresh;
mod save;
mod session_event;
mod terms;
mod trace_list;

pub use intercept::held;
pub use perform::is_paused;
pub use terms::written;

use super::effect::Effect;
use super::message::Message;
use super::model::Model;

/// Takes in one message.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    // What happens in a run is laid out when it is drawn: there may be a hundred thousand of it a second.
    let is_laid_out_later = matches!(&message, Message::Session(event) if matches!(**event, crate::event::Event::Run { .. }));
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
    if !is_laid_out_later {
        refresh::lay_out(model);
    }
    effects
}
