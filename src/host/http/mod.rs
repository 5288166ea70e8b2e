//! HTTP requests of a skill, within its grants.
//!
//! It knows grants, URLs and the network; it must not know guest memory, events or a run's deadline: whoever sends waits through
//! the bridge. What a skill may reach is decided here at each hop, by host before anything is sent and by address when a name is resolved.

mod exchange;
mod resolver;

pub use resolver::is_public;

use super::grants::{Denied, Grants};
use super::tls;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use url::Url;

/// Redirects that are followed at most.
pub const MAX_REDIRECTS: usize = 10;

/// Makes requests; cheap to clone, and all clones share their connections. Nothing is read or opened before the first request.
#[derive(Clone, Debug, Default)]
pub struct HttpClient {
    clients: Arc<Clients>,
    answers: Option<Arc<dyn HttpAnswers>>,
}

/// Who answers requests in the place of the network; grants are checked and redirects followed as ever.
pub trait HttpAnswers: Send + Sync + std::fmt::Debug {
    /// What becomes of one request: each hop of a redirect is one.
    fn answer(&self, method: Method, url: &Url, body: &[u8]) -> HttpAnswer;
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HttpAnswer {
    /// It goes to the network.
    Passed,
    /// It is answered with this.
    Answered(CannedResponse),
    /// It fails, with this message, after a while.
    Failed(String, Duration),
}

/// A response that no server gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CannedResponse {
    /// The status.
    pub status: u16,
    /// Where it leads, where it is a redirect: its header `location`.
    pub location: Option<String>,
    /// The body.
    pub body: Vec<u8>,
    /// How long it takes.
    pub delay: Duration,
}

/// One client for plain HTTP, and one that has read the system's certificates.
#[derive(Debug, Default)]
struct Clients {
    plain: OnceLock<Result<reqwest::Client, HttpError>>,
    secure: OnceLock<Result<reqwest::Client, HttpError>>,
}

/// How a request is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Without a body.
    Get,
    /// With a JSON body.
    Post,
}

impl Method {
    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// A request of a skill.
#[derive(Clone, Debug)]
pub struct HttpRequest {
    /// How.
    pub method: Method,
    /// Where to; checked by [`parse_url`].
    pub url: Url,
    /// What is posted.
    pub body: Vec<u8>,
    /// What the skill may reach.
    pub grants: Arc<Grants>,
    /// The largest response, in bytes.
    pub response_limit: u64,
}

/// A response. One that is not 2xx has at most the beginning of its body, for people's eyes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status, from 100 to 599.
    pub status: u16,
    /// The body, unpacked where it came packed.
    pub body: Vec<u8>,
}

/// Why there is no response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// No grant covers the host.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// A redirect leads to a host that no grant covers.
    #[error("redirected to {url}: {denied}")]
    RedirectDenied {
        /// Where to.
        url: String,
        /// What would grant it.
        denied: Denied,
    },
    /// A name leads to an address inside this machine or network.
    #[error(
        "denied: {host} leads to {address}, which is not a public address; only a grant of that address itself, or of localhost, opens it"
    )]
    NotPublic {
        /// The name.
        host: String,
        /// Where it leads.
        address: IpAddr,
    },
    /// More redirects than are followed.
    #[error("more than {MAX_REDIRECTS} redirects")]
    TooManyRedirects,
    /// A redirect leads to what is no address of HTTP.
    #[error("redirected to an address that cannot be followed: {0}")]
    BadRedirect(String),
    /// The response is too large.
    #[error("the response is larger than the limit of {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// The network or the server failed.
    #[error("{0}")]
    Failed(String),
}

/// Why a text is no URL that a skill may ask for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// It is not a URL.
    #[error("not a URL: {0}")]
    Malformed(#[from] url::ParseError),
    /// Another scheme.
    #[error("the scheme {0:?} is neither http nor https")]
    Scheme(String),
    /// A user name or password before the host, which hides where a request goes.
    #[error("a URL with a user name or password is not taken")]
    UserInfo,
}

/// Reads a URL that a request may go to.
///
/// # Errors
/// See [`UrlError`].
pub fn parse_url(text: &str) -> Result<Url, UrlError> {
    check_form(Url::parse(text)?)
}

fn check_form(url: Url) -> Result<Url, UrlError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(UrlError::Scheme(url.scheme().to_owned()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlError::UserInfo);
    }
    Ok(url)
}

impl HttpClient {
    /// A client that has not read or opened anything yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A client that asks `answers` first.
    pub fn answered_by(self, answers: Arc<dyn HttpAnswers>) -> Self {
        Self { answers: Some(answers), ..self }
    }

    /// Sends a request, follows its redirects and reads the response. It ends when it is dropped.
    ///
    /// # Errors
    /// See [`HttpError`].
    pub async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        exchange::run(self, request).await
    }

    async fn client_for(&self, url: &Url) -> Result<reqwest::Client, HttpError> {
        if url.scheme() != "https" {
            return self.clients.plain.get_or_init(|| build(tls::plain_client_builder())).clone();
        }
        if let Some(ready) = self.clients.secure.get() {
            return ready.clone();
        }
        // Reading the system's certificates takes a while, which is not for a thread that serves other calls.
        let clients = Arc::clone(&self.clients);
        tokio::task::spawn_blocking(move || clients.secure.get_or_init(|| build(tls::client_builder())).clone())
            .await
            .map_err(|_| HttpError::Failed("the HTTP client cannot be made".to_owned()))?
    }
}

/// A client that goes straight to public addresses: no proxy, no redirects of its own.
fn build(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, HttpError> {
    builder
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .dns_resolver(resolver::PublicResolver)
        .build()
        .map_err(|error| HttpError::Failed(format!("the HTTP client cannot be made: {error:#}")))
}
