//! Real providers: whatever the client library speaks, over HTTP.
//!
//! The client that asks a server is built at the first question, so that runs that ask nobody pay nothing. Nothing but the
//! caller's deadline bounds an answer's time: dropping the future closes the connection. An answer's size is bounded while it is
//! read: the client library reaches its server through the relay alone.

mod adapter;
mod fault;
mod relay;
mod request;
#[cfg(test)]
mod tests;

use super::key::{Environment, Key, KeyError};
use super::{AiError, Answer, Provider};
use crate::event::{MAX_TRANSFER_BYTES, Tokens};
use crate::host::tls;
use crate::skill::{ProviderKind, ProviderSettings};
use adapter::{Server, Target};
use futures::future::BoxFuture;
use genai::chat::{ChatRequest, ChatResponse, Usage};
use relay::{Relay, RelayError, Upstream};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// The most bytes of a provider's whole answer: a text as large as it may be, and a mebibyte of what a protocol puts around it.
const MAX_ANSWER_BYTES: u64 = MAX_TRANSFER_BYTES + (1 << 20);

/// A provider that is configured in the settings; cheap to clone.
#[derive(Clone)]
pub struct RealProvider(Arc<Connection>);

/// All that is known of the provider, and its client once somebody has asked.
struct Connection {
    label: String,
    key: Result<Option<Key>, KeyError>,
    target: Target,
    client: OnceLock<Result<reqwest::Client, AiError>>,
}

/// The client library does not speak the kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no provider of the kind `{0}` can be asked")]
pub struct UnspokenKind(pub ProviderKind);

impl RealProvider {
    /// The provider of that name; its key is looked up now, and a fault in that is kept for [`RealProvider::key_fault`].
    ///
    /// # Errors
    /// Where the client library does not speak its kind.
    pub fn new(name: &str, settings: &ProviderSettings, environment: Environment<'_>) -> Result<Self, UnspokenKind> {
        let adapter = adapter::adapter_of(settings).ok_or(UnspokenKind(settings.kind))?;
        let key =
            adapter::key_variable(settings, adapter).map(|variable| Key::from_environment(variable, environment)).transpose();
        let target = Target::new(settings, adapter, key.as_ref().ok().and_then(Option::as_ref));
        let label = format!("{name} ({})", settings.model);
        Ok(Self(Arc::new(Connection { label, key, target, client: OnceLock::new() })))
    }

    /// Why every question would fail for want of a key.
    pub fn key_fault(&self) -> Option<&KeyError> {
        self.0.key.as_ref().err()
    }
}

impl fmt::Debug for RealProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RealProvider").field(&self.0.label).finish()
    }
}

impl Provider for RealProvider {
    fn label(&self) -> String {
        self.0.label.clone()
    }

    fn ask(&self, prompt: String) -> BoxFuture<'static, Result<Answer, AiError>> {
        let connection = Arc::clone(&self.0);
        Box::pin(async move { connection.ask(prompt).await })
    }
}

impl Connection {
    async fn ask(&self, prompt: String) -> Result<Answer, AiError> {
        self.check_key()?;
        let client = self.client.get_or_init(|| self.build_client()).clone()?;
        let relay = Relay::open().await.map_err(|error| self.lost(&error.into()))?;
        let library = self.library(&relay)?;
        let fault = |error: genai::Error| self.failed(&fault::describe(&error));
        let service = library.resolve_service_target(self.target.model.clone()).await.map_err(fault)?;
        let (service, base) = adapter::by_plain_http(service).map_err(|error| self.failed(&error.to_string()))?;
        let upstream = Upstream { client, base, limit: MAX_ANSWER_BYTES };
        let response = tokio::select! {
            biased;
            error = relay.serve(&upstream) => return Err(self.lost(&error)),
            response = library.exec_chat(service, ChatRequest::from_user(prompt), Some(&self.target.options)) => response,
        };
        self.answer(response.map_err(fault)?)
    }

    fn check_key(&self) -> Result<(), AiError> {
        match &self.key {
            Ok(_) => Ok(()),
            Err(KeyError::Missing { variable }) => {
                Err(AiError::NoKey { provider: self.label.clone(), variable: variable.clone() })
            }
            Err(error @ KeyError::Unusable { .. }) => Err(self.failed(&error.to_string())),
        }
    }

    /// The client that asks the server.
    fn build_client(&self) -> Result<reqwest::Client, AiError> {
        let Server { tls: with_tls, here } = self.target.server;
        let builder = if with_tls { tls::client_builder() } else { tls::plain_client_builder() };
        // A redirect would carry the key's header to another server; a compressed answer could unpack to any size.
        let builder = builder.redirect(reqwest::redirect::Policy::none()).no_gzip();
        let builder = if here { builder.no_proxy() } else { builder };
        builder.build().map_err(|error| self.failed(&format!("no HTTP client can be made: {error:#}")))
    }

    /// The client library, which reaches nothing but the relay.
    fn library(&self, relay: &Relay) -> Result<genai::Client, AiError> {
        let proxy = relay.proxy().map_err(|error| self.lost(&error))?;
        let builder = tls::plain_client_builder().redirect(reqwest::redirect::Policy::none()).no_gzip().proxy(proxy);
        let http = builder.build().map_err(|error| self.failed(&format!("no HTTP client can be made: {error:#}")))?;
        genai::Client::builder()
            .with_reqwest(http)
            .append_provider_config(self.target.model.adapter_kind, self.target.access.clone())
            .build()
            .map_err(|error| self.failed(&error.to_string()))
    }

    fn answer(&self, response: ChatResponse) -> Result<Answer, AiError> {
        let text = response.texts().concat();
        if text.trim().is_empty() {
            return Err(match response.captured_raw_body.as_ref().and_then(fault::error_message) {
                Some(message) => self.failed(message),
                None => AiError::NoText { provider: self.label.clone() },
            });
        }
        let redacted = match &self.key {
            Ok(Some(key)) => key.redact(&text).into_owned(),
            _ => text,
        };
        Ok(Answer { text: redacted, tokens: tokens(&response.usage) })
    }

    /// The failure of a question that came to nothing on its way.
    fn lost(&self, error: &RelayError) -> AiError {
        match error {
            RelayError::TooLarge { limit } => AiError::TooLarge { provider: self.label.clone(), limit: *limit },
            RelayError::Server(error) => self.failed(&fault::describe_transport(error)),
            RelayError::Loopback(_) | RelayError::Request(_) => self.failed(&error.to_string()),
        }
    }

    /// The failure with that message, made one short line without the key.
    fn failed(&self, message: &str) -> AiError {
        let message = match &self.key {
            Ok(Some(key)) => fault::one_line(&key.redact(message)),
            _ => fault::one_line(message),
        };
        AiError::Failed { provider: self.label.clone(), message }
    }
}

fn tokens(usage: &Usage) -> Option<Tokens> {
    let count = |tokens: Option<i32>| tokens.and_then(|tokens| u64::try_from(tokens).ok());
    let tokens = Tokens { prompt: count(usage.prompt_tokens), answer: count(usage.completion_tokens) };
    (tokens != Tokens::default()).then_some(tokens)
}
