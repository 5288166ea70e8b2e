//! Fetches a page and returns its title: `{"url": "http://…"}`.

use serde_json::{Value, json};
use skill_sdk::http_request;

skill_sdk::d04!(run);

fn run(input: &str) -> String {
    let input: Value = serde_json::from_str(input).unwrap_or_default();
    let url = input["url"].as_str().unwrap_or("http://example.com/");
    match http_request(url, b"") {
        Ok(body) => json!({ "url": url, "title": title(&String::from_utf8_lossy(&body)) }),
        Err(error) => json!({ "url": url, "error": error.to_string(), "code": error.code }),
    }
    .to_string()
}

/// The text of the first `<title>`, with white space collapsed and the common character references resolved.
fn title(page: &str) -> Option<String> {
    let lower = page.to_ascii_lowercase();
    let tag = lower.find("<title")?;
    let start = tag + lower.get(tag..)?.find('>')? + 1;
    let end = start + lower.get(start..)?.find("</title")?;
    let words: Vec<&str> = page.get(start..end)?.split_whitespace().collect();
    Some(unescape(&words.join(" ")))
}

fn unescape(text: &str) -> String {
    const REFERENCES: [(&str, &str); 6] =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    REFERENCES.iter().fold(text.to_owned(), |text, (reference, character)| text.replace(reference, character))
}
