//! The workbench's screen: a reader of the session's events that draws, and sends commands down.
//!
//! `Model` is what is shown, `update` the only one who changes it, `view` the only one who draws it, `bindings` the one table of
//! keys. It knows `session`, `skill`, `module` and `event`; it must not know the engine, the host's services, or how runs are made.

mod action;
mod bindings;
mod effect;
mod event_loop;
mod json_tree;
mod key;
mod message;
mod model;
mod signals;
mod terminal;
mod theme;
mod update;
mod view;
mod way_out;

pub use action::Action;
pub use bindings::{BINDINGS, Binding, BindingError, Bindings, Context};
pub use effect::Effect;
pub use event_loop::{Ended, run};
pub use message::Message;
pub use model::Model;
pub use model::gauges::LiveFigures;
pub use model::place::Panel;
pub use signals::{Signal, signals};
pub use terminal::{Screen, ScreenError, give_back};
pub use theme::{Theme, ThemeName};
pub use update::update;
pub use view::draw;
