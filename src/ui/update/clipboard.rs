//! What is copied: the selected entry, document or text; an HTTP call as a curl command.

use super::ai_actions;
use crate::event::{CallRequest, Payload};
use crate::ui::effect::Effect;
use crate::ui::model::Model;
use crate::ui::model::place::{Focus, Panel};
use crate::ui::model::status::Weight;
use crate::ui::model::trace::What;

/// The most bytes that terminals take through OSC 52 without trouble.
const MAX_COPIED: usize = 74_994;

/// Copies what is selected.
pub fn copy(model: &mut Model) -> Vec<Effect> {
    let text = if model.focus == Focus::Skills {
        model.skills.selected().map(|row| row.info.path.display().to_string())
    } else {
        selected_text(model)
    };
    hand_over(model, text)
}

/// Copies an HTTP call as a curl command.
pub fn export_curl(model: &mut Model) -> Vec<Effect> {
    let selected = model.shown_run().and_then(|run| run.selected()).and_then(|(_, entry)| entry.call());
    let command = selected.and_then(|call| curl(call.edited.as_ref().unwrap_or(&call.record.request)));
    if command.is_none() {
        model.status.tell(Weight::Notice, "this entry is no HTTP call");
        return Vec::new();
    }
    hand_over(model, command)
}

fn hand_over(model: &mut Model, text: Option<String>) -> Vec<Effect> {
    match text {
        None => {
            model.status.tell(Weight::Notice, "there is nothing here to copy");
            Vec::new()
        }
        Some(text) if text.len() > MAX_COPIED => {
            model.status.tell(Weight::Error, format!("{} bytes are more than terminals copy", text.len()));
            Vec::new()
        }
        Some(text) => {
            model.status.tell(Weight::Done, format!("copied {} bytes", text.len()));
            vec![Effect::Copy(text)]
        }
    }
}

/// What is selected, or the panel's text.
pub fn selected_text(model: &Model) -> Option<String> {
    match model.panel {
        Panel::Trace if model.details.is_none() && model.failure.is_shown() => Some(model.failure.pager.text()),
        Panel::Trace => match (&model.details, model.shown_run()?.selected()?.1) {
            (Some(details), _) => Some(details.pager.text()),
            (None, entry) => match &entry.what {
                What::Call(call) => {
                    let response = call.record.finished.as_ref().and_then(|finished| finished.response.as_ref());
                    response.map(|response| response.to_text_lossy().into_owned()).or_else(|| first_text(&call.record.request))
                }
                What::Wasi(call) => Some(call.name.to_string()),
                What::Log(_, text) | What::Warning(text) => Some(text.clone()),
            },
        },
        Panel::Ai => {
            let (_, call) = ai_actions::shown_call(model)?;
            let response = call.record.finished.as_ref().and_then(|finished| finished.response.as_ref());
            response.map(|response| response.to_text_lossy().into_owned())
        }
        Panel::Output => {
            let finished = model.shown_run()?.finished.as_ref()?;
            let document = finished.output.as_ref().map(ToString::to_string);
            document.or_else(|| finished.output_text.as_ref().map(|text| text.to_text_lossy().into_owned()))
        }
        Panel::Logs => Some(model.shown_run()?.logs.text()),
        Panel::Input => Some(model.selected_view()?.input.now.document.clone()),
        Panel::Module => Some(model.module.pager.text()),
        Panel::History => Some(model.history.selected_run()?.path.display().to_string()),
        Panel::Limits => None,
    }
}

fn first_text(request: &CallRequest) -> Option<String> {
    request.0.first().map(|(_, value)| value.to_text_lossy().into_owned())
}

/// The request of an HTTP call as a command for a shell.
fn curl(request: &CallRequest) -> Option<String> {
    let url = request.get("url")?.as_text()?;
    let mut command = String::from("curl");
    let method = request.get("method").and_then(Payload::as_text).unwrap_or("GET");
    if method != "GET" {
        command.push_str(&format!(" -X {method} -H 'content-type: application/json'"));
        if let Some(body) = request.get("body") {
            match body {
                Payload::Text(text) => command.push_str(&format!(" --data-raw {}", quoted(text))),
                // A shell's arguments hold no bytes that are no text: they go through a pipe.
                Payload::Bytes(bytes) => {
                    use base64::Engine as _;
                    let encoded = base64::engine::general_purpose::STANDARD.encode(bytes);
                    return Some(format!("echo {encoded} | base64 -d | {command} --data-binary @- {}", quoted(url)));
                }
            }
        }
    }
    Some(format!("{command} {}", quoted(url)))
}

/// A text as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(fields: &[(&'static str, Payload)]) -> CallRequest {
        CallRequest(fields.iter().map(|(name, value)| ((*name).into(), value.clone())).collect())
    }

    #[test]
    fn an_http_call_becomes_a_curl_command_that_a_shell_takes() {
        let get = request(&[("url", "http://a/?q='x'".into()), ("method", "GET".into()), ("body", "".into())]);
        assert_eq!(curl(&get).unwrap(), r"curl 'http://a/?q='\''x'\'''");
        let post = request(&[("url", "http://a/".into()), ("method", "POST".into()), ("body", r#"{"a":"$b"}"#.into())]);
        assert_eq!(
            curl(&post).unwrap(),
            r#"curl -X POST -H 'content-type: application/json' --data-raw '{"a":"$b"}' 'http://a/'"#
        );
        assert_eq!(curl(&request(&[("prompt", "x".into())])), None);
    }
}
