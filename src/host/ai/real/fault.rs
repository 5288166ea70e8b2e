//! What a provider's failure is called in one short line.

use crate::event::sanitize_line;
use genai::Error;
use genai::webc::Error as WebError;
use serde_json::Value;
use std::error::Error as _;

/// How much of a message is shown, in characters.
const MOST_CHARACTERS: usize = 300;

/// What went wrong, at any length; it may hold the key.
pub(super) fn describe(error: &Error) -> String {
    match error {
        Error::WebModelCall { webc_error, .. } | Error::WebAdapterCall { webc_error, .. } => describe_web(webc_error),
        Error::HttpError { status, body, .. } => describe_status(status.as_u16(), status.canonical_reason(), body),
        Error::ChatResponseGeneration { cause, .. } => format!("the answer is not as expected: {cause}"),
        other => other.to_string(),
    }
}

/// The message in one line, at most 300 characters long, with no control characters.
pub(super) fn one_line(message: &str) -> String {
    let mut line = String::new();
    for word in message.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.chars().nth(MOST_CHARACTERS).is_some() {
            line = line.chars().take(MOST_CHARACTERS).chain(['…']).collect();
            break;
        }
    }
    sanitize_line(&line).into_owned()
}

/// The message in a provider's error document, whichever of the usual places it stands in.
pub(super) fn error_message(document: &Value) -> Option<&str> {
    let at = |pointer: &str| document.pointer(pointer).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    ["/error/message", "/error", "/0/error/message", "/errors/0/message", "/message", "/detail"].into_iter().find_map(at)
}

fn describe_web(error: &WebError) -> String {
    match error {
        WebError::ResponseFailedStatus { status, body, .. } => describe_status(status.as_u16(), status.canonical_reason(), body),
        WebError::ResponseFailedNotJson { content_type, body } => {
            let kind = if content_type.is_empty() { "no content type" } else { content_type };
            format!("the answer is not JSON but {kind}: {body}")
        }
        WebError::ResponseFailedInvalidJson { cause, .. } => format!("the answer is not valid JSON: {cause}"),
        WebError::JsonValueExt(error) => format!("the answer is not as expected: {error}"),
        WebError::Reqwest(error) => describe_transport(error),
    }
}

fn describe_status(status: u16, reason: Option<&str>, body: &str) -> String {
    let reason = reason.unwrap_or_default();
    if (300..400).contains(&status) {
        return format!("HTTP {status} {reason}: redirects are not followed; configure the final address as base_url");
    }
    let document = serde_json::from_str::<Value>(body).ok();
    match document.as_ref().and_then(error_message).unwrap_or(body).trim() {
        "" => format!("HTTP {status} {reason}"),
        message => format!("HTTP {status} {reason}: {message}"),
    }
}

/// The innermost cause says it; the outer ones repeat the URL and the steps.
pub(super) fn describe_transport(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    while let Some(inner) = cause.and_then(std::error::Error::source) {
        cause = Some(inner);
    }
    let cause = cause.map_or_else(|| "the request failed".to_owned(), ToString::to_string);
    let Some(host) = error.url().and_then(|url| url.host_str().map(|host| (host, url.port_or_known_default()))) else {
        return cause;
    };
    let server = match host {
        (host, Some(port)) => format!("{host}:{port}"),
        (host, None) => host.to_owned(),
    };
    let what = if error.is_connect() { "cannot connect to" } else { "the connection failed to" };
    format!("{what} {server}: {cause}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_message_is_found_where_providers_put_it() {
        for document in [
            json!({"error": {"message": "no", "type": "x"}}),
            json!({"error": "no"}),
            json!([{"error": {"message": "no"}}]),
            json!({"errors": [{"message": "no"}]}),
            json!({"message": "no"}),
            json!({"detail": "no"}),
        ] {
            assert_eq!(error_message(&document), Some("no"), "{document}");
        }
        assert_eq!(error_message(&json!({"error": null, "choices": []})), None);
        assert_eq!(error_message(&json!({"error": {"message": " "}})), None);
    }

    #[test]
    fn a_status_without_a_message_stands_alone_and_a_page_is_cut() {
        assert_eq!(describe_status(502, Some("Bad Gateway"), " "), "HTTP 502 Bad Gateway");
        let page = one_line(&describe_status(500, Some("Internal Server Error"), &"<p>\n\x1b[2J".repeat(1000)));
        assert!(page.starts_with("HTTP 500 Internal Server Error: <p> ␛[2J<p>"), "{page}");
        assert_eq!(page.chars().count(), 301);
    }

    #[test]
    fn a_word_of_a_megabyte_is_cut_too() {
        assert_eq!(one_line(&"x".repeat(1 << 20)).chars().count(), 301);
    }
}
