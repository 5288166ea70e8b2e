//! Real providers against servers of each protocol, over HTTP on this machine.

use super::*;
use crate::skill::Settings;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use wiremock::matchers::{body_partial_json, header, method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

const KEY: &str = "sk-V3ry+s3cret/key";

/// A provider of a kind at an address, with the key of `THE_KEY` if `keyed`.
fn provider(kind: &str, base_url: &str, keyed: bool) -> RealProvider {
    named_model(kind, base_url, "the-model", keyed)
}

fn named_model(kind: &str, base_url: &str, model: &str, keyed: bool) -> RealProvider {
    let settings = ProviderSettings {
        kind: ProviderKind::find(kind).unwrap(),
        base_url: Some(base_url.parse().unwrap()),
        model: model.into(),
        api_key_env: keyed.then(|| "THE_KEY".into()),
    };
    RealProvider::new("box", &settings, &|name| (name == "THE_KEY").then(|| KEY.to_owned())).unwrap()
}

/// A server that answers every request so.
async fn server(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(answer).mount(&server).await;
    server
}

async fn ask(provider: &RealProvider) -> Result<Answer, AiError> {
    tokio::time::timeout(Duration::from_secs(20), provider.ask("Say hi.".into())).await.unwrap()
}

/// What an OpenAI-compatible server that answers so makes of a question, asked with the key.
async fn openai(answer: ResponseTemplate) -> Result<Answer, AiError> {
    let server = server(answer).await;
    ask(&provider("openai", &format!("{}/v1", server.uri()), true)).await
}

fn message_of(result: Result<Answer, AiError>) -> String {
    match result {
        Err(AiError::Failed { provider, message }) => {
            assert_eq!(provider, "box (the-model)");
            message
        }
        other => panic!("{other:?}"),
    }
}

fn completion(text: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({
        "id": "1", "object": "chat.completion", "model": "the-model-0613",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 7, "total_tokens": 10},
    }))
}

async fn only_request(server: &MockServer) -> (Request, Value) {
    let requests = server.received_requests().await.unwrap();
    let [request] = requests.as_slice() else { panic!("{} requests", requests.len()) };
    (request.clone(), request.body_json().unwrap())
}

#[tokio::test]
async fn an_openai_compatible_server_is_asked_and_answers() {
    for slash in ["", "/"] {
        let server = MockServer::start().await;
        Mock::given(method("POST"))
            .and(path("/v1/chat/completions"))
            .and(header("authorization", format!("Bearer {KEY}")))
            .and(body_partial_json(json!({"model": "the-model", "messages": [{"role": "user", "content": "Say hi."}]})))
            .respond_with(completion("Hi!"))
            .mount(&server)
            .await;
        let answer = ask(&provider("openai", &format!("{}/v1{slash}", server.uri()), true)).await.unwrap();
        assert_eq!(answer, Answer { text: "Hi!".into(), tokens: Some(Tokens { prompt: Some(3), answer: Some(7) }) });
    }
}

#[tokio::test]
async fn an_anthropic_server_is_asked_and_answers() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1/messages"))
        .and(header("x-api-key", KEY))
        .and(body_partial_json(json!({"model": "the-model"})))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": "the-model", "stop_reason": "end_turn",
            "content": [{"type": "text", "text": "Hi "}, {"type": "text", "text": "there"}],
            "usage": {"input_tokens": 4, "output_tokens": 2},
        })))
        .mount(&server)
        .await;
    let answer = ask(&provider("anthropic", &format!("{}/v1", server.uri()), true)).await.unwrap();
    assert_eq!(answer, Answer { text: "Hi there".into(), tokens: Some(Tokens { prompt: Some(4), answer: Some(2) }) });
    let (request, body) = only_request(&server).await;
    assert!(request.headers.contains_key("anthropic-version") && !request.headers.contains_key("authorization"));
    assert!(body["max_tokens"].as_u64().unwrap() > 0 && body["messages"].to_string().contains("Say hi."), "{body}");
}

#[tokio::test]
async fn a_gemini_server_is_asked_and_answers() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1beta/models/the-model:generateContent"))
        .and(header("x-goog-api-key", KEY))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({
            "candidates": [{"content": {"role": "model", "parts": [{"text": "Hi!"}]}, "finishReason": "STOP"}],
            "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 6, "totalTokenCount": 11},
        })))
        .mount(&server)
        .await;
    let answer = ask(&provider("gemini", &format!("{}/v1beta", server.uri()), true)).await.unwrap();
    assert_eq!(answer, Answer { text: "Hi!".into(), tokens: Some(Tokens { prompt: Some(5), answer: Some(6) }) });
    let (request, body) = only_request(&server).await;
    assert!(!request.url.as_str().contains("s3cret") && body["contents"].to_string().contains("Say hi."), "{body}");
}

#[tokio::test]
async fn an_ollama_server_is_asked_and_answers() {
    for keyed in [false, true] {
        let server = MockServer::start().await;
        Mock::given(method("POST"))
            .and(path("/api/chat"))
            .and(body_partial_json(json!({"model": "the-model", "stream": false})))
            .respond_with(ResponseTemplate::new(200).set_body_json(json!({
                "model": "the-model", "message": {"role": "assistant", "content": "Hi!"}, "done": true,
                "done_reason": "stop", "prompt_eval_count": 8, "eval_count": 9,
            })))
            .mount(&server)
            .await;
        let answer = ask(&provider("ollama", &server.uri(), keyed)).await.unwrap();
        assert_eq!(answer, Answer { text: "Hi!".into(), tokens: Some(Tokens { prompt: Some(8), answer: Some(9) }) });
        let (request, body) = only_request(&server).await;
        assert_eq!(request.headers.contains_key("authorization"), keyed);
        assert!(body["messages"].to_string().contains("Say hi."), "{body}");
    }
}

#[tokio::test]
async fn without_a_key_no_authorization_is_sent() {
    for kind in ["openai", "zai"] {
        let server = server(completion("Hi!")).await;
        assert_eq!(ask(&provider(kind, &server.uri(), false)).await.unwrap().text, "Hi!");
        let (request, body) = only_request(&server).await;
        assert_eq!(request.url.path(), "/chat/completions", "{kind}");
        assert!(!request.headers.contains_key("authorization"), "{kind}");
        assert_eq!(body["model"], "the-model");
    }
}

#[tokio::test]
async fn the_configured_kind_decides_and_the_model_name_arrives_whole() {
    for name in ["claude-sonnet-4-5", "gemini::x::y", "mistral-medium", "qwen-max", "org/model:7b", "o3-mini-high"] {
        for keyed in [false, true] {
            let server = server(completion("Hi!")).await;
            assert!(ask(&named_model("openai", &server.uri(), name, keyed)).await.is_ok());
            let (request, body) = only_request(&server).await;
            assert_eq!((request.url.path(), &body["model"]), ("/chat/completions", &json!(name)));
            assert_eq!(body.get("reasoning_effort"), None, "{body}");
        }
    }
}

#[tokio::test]
async fn errors_are_one_short_line_without_the_key() {
    for (status, told) in [
        (401, "HTTP 401 Unauthorized: wrong key [redacted] given"),
        (429, "HTTP 429 Too Many Requests: wrong key [redacted] given"),
        (500, "HTTP 500 Internal Server Error: wrong key [redacted] given"),
    ] {
        let body = json!({"error": {"message": format!("wrong key\n {KEY} given"), "code": 1}});
        assert_eq!(message_of(openai(ResponseTemplate::new(status).set_body_json(body)).await), told);
    }
    let page = ResponseTemplate::new(503).set_body_string(format!("<html>{KEY}\x1b[2J{}</html>", "x".repeat(10_000)));
    let message = message_of(openai(page).await);
    assert!(message.starts_with("HTTP 503 Service Unavailable: <html>[redacted]␛[2Jxxx"), "{message}");
    assert!(message.chars().count() <= 301, "{message}");
}

#[tokio::test]
async fn answers_that_are_no_answers_are_told_in_words() {
    let malformed = ResponseTemplate::new(200).set_body_raw(format!("{{\"{KEY}"), "application/json");
    let message = message_of(openai(malformed).await);
    assert!(message.starts_with("the answer is not valid JSON: EOF while parsing"), "{message}");
    let page = ResponseTemplate::new(200).set_body_raw(format!("<p>{KEY}</p>"), "text/html");
    assert_eq!(message_of(openai(page).await), "the answer is not JSON but text/html: <p>[redacted]</p>");
    let late_error = ResponseTemplate::new(200).set_body_json(json!({"error": {"message": format!("no credit for {KEY}")}}));
    assert_eq!(message_of(openai(late_error).await), "no credit for [redacted]");
    let redirect = ResponseTemplate::new(307).insert_header("location", "http://127.0.0.1:9/elsewhere");
    assert!(message_of(openai(redirect).await).starts_with("HTTP 307 Temporary Redirect: redirects are not followed"));
}

#[tokio::test]
async fn an_answer_without_a_text_is_told_as_that() {
    for body in [json!({"choices": []}), json!({}), json!([]), json!({"choices": [{"message": {"content": null}}]})] {
        let result = openai(ResponseTemplate::new(200).set_body_json(&body)).await;
        assert_eq!(result, Err(AiError::NoText { provider: "box (the-model)".into() }), "{body}");
    }
    assert_eq!(openai(completion(" \n")).await, Err(AiError::NoText { provider: "box (the-model)".into() }));
}

#[tokio::test]
async fn a_document_of_another_shape_does_not_upset_any_protocol() {
    for kind in
        ["openai", "anthropic", "gemini", "ollama", "cohere", "openai_resp", "gemini_ix", "groq", "mistral", "ollama_cloud"]
    {
        for body in [json!(null), json!([]), json!("x"), json!({}), json!({"content": 1, "message": {}, "candidates": [{}]})] {
            let server = server(ResponseTemplate::new(200).set_body_json(&body)).await;
            let error = ask(&provider(kind, &server.uri(), true)).await.unwrap_err().to_string();
            assert!(!error.contains('\n') && !error.contains("s3cret") && error.chars().count() < 340, "{kind}: {error}");
        }
    }
}

#[tokio::test]
async fn a_key_in_an_answer_is_redacted() {
    assert_eq!(openai(completion(&format!("your key is {KEY}"))).await.unwrap().text, "your key is [redacted]");
}

#[tokio::test]
async fn a_refused_connection_names_the_server() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let message = message_of(ask(&provider("openai", &format!("http://{address}/v1"), true)).await);
    assert!(message.starts_with(&format!("cannot connect to {address}: ")), "{message}");
    assert!(message.to_lowercase().contains("refused"), "{message}");
}

#[tokio::test]
async fn a_server_that_hangs_up_is_a_failure() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        assert!(connection.read(&mut request).await.unwrap() > 0);
        connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{").await.unwrap();
    });
    let message = message_of(ask(&provider("openai", &format!("http://{address}/v1"), true)).await);
    assert!(message.starts_with(&format!("the connection failed to {address}: ")), "{message}");
    server.await.unwrap();
}

#[tokio::test]
async fn dropping_the_question_closes_the_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let provider = provider("openai", &format!("http://{}/v1", listener.local_addr().unwrap()), true);
    let asked = tokio::time::timeout(Duration::from_millis(200), provider.ask("Say hi.".into()));
    let (asked, accepted) = tokio::join!(asked, listener.accept());
    assert!(asked.is_err());
    let (mut connection, _) = accepted.unwrap();
    let mut everything = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(5), connection.read_to_end(&mut everything)).await;
    assert!(closed.is_ok(), "the connection stays open");
}

#[tokio::test]
async fn a_missing_key_is_told_at_each_question_and_kept_in_mind() {
    let settings =
        ProviderSettings { kind: ProviderKind::find("openai").unwrap(), base_url: None, model: "m".into(), api_key_env: None };
    let provider = RealProvider::new("cloud", &settings, &|_| None).unwrap();
    assert_eq!(provider.key_fault(), Some(&KeyError::Missing { variable: "OPENAI_API_KEY".into() }));
    let error = ask(&provider).await.unwrap_err();
    assert_eq!(error.to_string(), "cloud (m): the environment variable OPENAI_API_KEY is not set");
}

#[test]
fn nothing_that_can_be_printed_holds_the_key() {
    let provider = provider("ollama", "http://127.0.0.1:1", true);
    assert_eq!(format!("{provider:?}"), "RealProvider(\"box (the-model)\")");
    assert_eq!(provider.label(), "box (the-model)");
    assert!(!format!("{:?}", Settings::default()).contains("s3cret"));
}

#[tokio::test]
async fn https_to_a_server_that_does_not_speak_it_is_a_failure_and_no_panic() {
    let server = MockServer::start().await;
    let address = server.uri().replace("http://", "https://");
    let message = message_of(ask(&provider("openai", &address, true)).await);
    assert!(message.starts_with("cannot connect to ") || message.starts_with("no HTTP client can be made: "), "{message}");
}

#[tokio::test]
async fn no_kind_of_provider_is_reached_but_through_the_relay() {
    for kind in crate::skill::PROVIDER_KINDS {
        let settings = ProviderSettings {
            kind: ProviderKind::find(kind).unwrap(),
            base_url: None,
            // One kind tells by the model's name whose it is.
            model: "gemini-2.5-pro".into(),
            api_key_env: Some("THE_KEY".into()),
        };
        let provider = RealProvider::new("box", &settings, &|_| Some(KEY.to_owned())).unwrap();
        // The client behind the relay reaches every server through this one, which lets nobody pass.
        let gate = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = reqwest::Proxy::all(format!("http://{}", gate.local_addr().unwrap())).unwrap();
        let client = tls::plain_client_builder().proxy(proxy).build().unwrap();
        assert!(provider.0.client.set(Ok(client)).is_ok());
        let passing = async {
            let (mut connection, _) = gate.accept().await.unwrap();
            let mut request = vec![0; 4096];
            let length = connection.read(&mut request).await.unwrap();
            connection.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").await.unwrap();
            String::from_utf8_lossy(&request[..length]).lines().next().unwrap_or_default().to_owned()
        };
        let (asked, passed) = tokio::join!(ask(&provider), tokio::time::timeout(Duration::from_secs(5), passing));
        let passed = passed.unwrap_or_else(|_| panic!("{kind} went elsewhere: {asked:?}"));
        assert!(asked.is_err(), "{kind}");
        let expected = if *kind == "ollama" || *kind == "omlx" { "POST http://" } else { "CONNECT " };
        assert!(passed.starts_with(expected), "{kind}: {passed}");
    }
}
