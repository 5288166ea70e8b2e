//! A real HTTP server on loopback, for skills' requests and for providers.

use std::time::Duration;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

/// A server that lives as long as the value, on threads of its own.
pub struct Server {
    runtime: tokio::runtime::Runtime,
    server: MockServer,
}

impl Server {
    /// A server that answers every request by `respond`.
    pub fn answering(respond: impl Fn(&Request) -> ResponseTemplate + Send + Sync + 'static) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let server = runtime.block_on(async {
            let server = MockServer::start().await;
            Mock::given(any()).respond_with(Responder(respond)).mount(&server).await;
            server
        });
        Self { runtime, server }
    }

    /// An OpenAI-compatible server that gives this answer to every prompt, after a delay.
    pub fn openai(answer: &str, delay: Duration) -> Self {
        let body = serde_json::json!({
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "test-model",
            "choices": [{ "index": 0, "finish_reason": "stop", "message": { "role": "assistant", "content": answer } }],
            "usage": { "prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10 },
        });
        Self::answering(move |_| ResponseTemplate::new(200).set_body_json(&body).set_delay(delay))
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        self.server.uri()
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        self.server.address().to_string()
    }

    /// What was asked so far.
    pub fn requests(&self) -> Vec<Request> {
        self.runtime.block_on(self.server.received_requests()).unwrap()
    }
}

struct Responder<F>(F);

impl<F: Fn(&Request) -> ResponseTemplate + Send + Sync> Respond for Responder<F> {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        self.0(request)
    }
}
