//! Asking providers a prompt again, beside the run that it came from.

use crate::event::{CallId, Event, Failure, RunId};
use crate::host::ai::Provider;
use crate::host::ask_beside;
use crate::session::config::SettingsInForce;
use crate::session::services::Shared;
use crossbeam_channel::Sender;
use std::sync::Arc;
use std::time::Duration;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(120);

/// Asks those who would answer a run now, or all that are configured. Their answers come as `ShadowAnswered`.
///
/// # Errors
/// Where the system gives no threads for it.
pub fn ask(
    shared: &Shared,
    settings: &SettingsInForce,
    events: &Sender<Event>,
    (run, call): (RunId, CallId),
    prompt: &str,
    all: bool,
) -> Result<(), Failure> {
    let bridge = shared.services(settings).bridge;
    bridge.start()?;
    let asked: Vec<Arc<dyn Provider>> = if all {
        settings.all_providers.clone()
    } else {
        std::iter::once(&settings.ai.lead).chain(&settings.ai.shadows).cloned().collect()
    };
    for provider in asked {
        ask_beside(&bridge, provider, prompt.to_owned(), PATIENCE, events.clone(), (run, call));
    }
    Ok(())
}
