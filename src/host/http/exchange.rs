//! One request of a skill from hop to hop, up to the body of the response.

use super::resolver::NotPublic;
use super::{CannedResponse, HttpAnswer, HttpClient, HttpError, HttpRequest, HttpResponse, MAX_REDIRECTS, Method, check_form};
use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, LOCATION};
use std::error::Error;
use std::time::Duration;
use url::Url;

/// How much is kept of the body of a response that is not 2xx, in bytes.
const ERROR_BODY_BYTES: u64 = 64 << 10;
/// How long such a body is waited for: the skill is given the status alone.
const ERROR_BODY_WAIT: Duration = Duration::from_secs(1);

pub(super) async fn run(client: &HttpClient, request: HttpRequest) -> Result<HttpResponse, HttpError> {
    let HttpRequest { mut method, mut url, mut body, grants, response_limit } = request;
    grants.check_url(&url)?;
    for _ in 0..=MAX_REDIRECTS {
        let answer = client.answers.as_ref().map_or(HttpAnswer::Passed, |answers| answers.answer(method, &url, &body));
        let response = match answer {
            HttpAnswer::Passed => Answered::ByServer(send_once(client, method, &url, body.clone()).await?),
            HttpAnswer::Answered(response) => {
                tokio::time::sleep(response.delay).await;
                Answered::Canned(response)
            }
            HttpAnswer::Failed(message, delay) => {
                tokio::time::sleep(delay).await;
                return Err(HttpError::Failed(message));
            }
        };
        let Some(next) = redirect_target(&url, &response)? else { return response.finish(response_limit).await };
        if changes_to_get(response.status()) {
            method = Method::Get;
            body = Vec::new();
        }
        grants.check_url(&next).map_err(|denied| HttpError::RedirectDenied { url: next.to_string(), denied })?;
        url = next;
    }
    Err(HttpError::TooManyRedirects)
}

async fn send_once(client: &HttpClient, method: Method, url: &Url, body: Vec<u8>) -> Result<Response, HttpError> {
    let client = client.client_for(url).await?;
    let request = match method {
        Method::Get => client.get(url.clone()),
        Method::Post => client.post(url.clone()).header(CONTENT_TYPE, "application/json").body(body),
    };
    request.send().await.map_err(failure)
}

/// Where a redirect leads; `None` for any other response, and for a redirect that does not say.
fn redirect_target(from: &Url, response: &Answered) -> Result<Option<Url>, HttpError> {
    if !matches!(response.status(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(text) = response.location() else { return Ok(None) };
    let target = from.join(&text).map_err(|error| HttpError::BadRedirect(format!("{text}: {error}")))?;
    check_form(target).map(Some).map_err(|error| HttpError::BadRedirect(error.to_string()))
}

/// As browsers do it, and as the standard says of 303; 307 and 308 keep method and body.
const fn changes_to_get(status: u16) -> bool {
    matches!(status, 301..=303)
}

/// A response, whoever gave it.
enum Answered {
    ByServer(Response),
    Canned(CannedResponse),
}

impl Answered {
    fn status(&self) -> u16 {
        match self {
            Self::ByServer(response) => response.status().as_u16(),
            Self::Canned(response) => response.status,
        }
    }

    fn location(&self) -> Option<String> {
        match self {
            Self::ByServer(response) => {
                response.headers().get(LOCATION).map(|location| String::from_utf8_lossy(location.as_bytes()).into_owned())
            }
            Self::Canned(response) => response.location.clone(),
        }
    }

    async fn finish(self, limit: u64) -> Result<HttpResponse, HttpError> {
        match self {
            Self::ByServer(response) => finish(response, limit).await,
            Self::Canned(CannedResponse { status, body, .. }) => {
                let is_success = (200..300).contains(&status);
                if is_success && byte_count(body.len()) > limit {
                    return Err(HttpError::TooLarge { limit });
                }
                let kept = if is_success { body.len() } else { usize::try_from(ERROR_BODY_BYTES).unwrap_or(usize::MAX) };
                Ok(HttpResponse { status, body: body.into_iter().take(kept).collect() })
            }
        }
    }
}

async fn finish(mut response: Response, limit: u64) -> Result<HttpResponse, HttpError> {
    let status = response.status().as_u16();
    if !(100..=599).contains(&status) {
        return Err(HttpError::Failed(format!("the server answered with {status}, which is not a status of HTTP")));
    }
    if response.status().is_success() {
        return Ok(HttpResponse { status, body: read_whole(&mut response, limit).await? });
    }
    let mut body = Vec::new();
    let reading = read_beginning(&mut response, &mut body);
    // Late or broken, the rest of it is of no interest.
    let _ = tokio::time::timeout(ERROR_BODY_WAIT, reading).await;
    Ok(HttpResponse { status, body })
}

/// Reads a body piece by piece, unpacked; what the server says of its length beforehand may only shorten the matter.
async fn read_whole(response: &mut Response, limit: u64) -> Result<Vec<u8>, HttpError> {
    if response.content_length().is_some_and(|announced| announced > limit) {
        return Err(HttpError::TooLarge { limit });
    }
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(failure)? {
        if byte_count(body.len()) + byte_count(piece.len()) > limit {
            return Err(HttpError::TooLarge { limit });
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

async fn read_beginning(response: &mut Response, body: &mut Vec<u8>) {
    while let Ok(Some(piece)) = response.chunk().await {
        let room = ERROR_BODY_BYTES.saturating_sub(byte_count(body.len()));
        let taken = piece.get(..usize::try_from(room).unwrap_or(usize::MAX));
        body.extend_from_slice(taken.unwrap_or(&piece));
        if taken.is_some() {
            return;
        }
    }
}

fn byte_count(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// The whole chain of causes, since the outermost alone says nothing (`error sending request`).
fn failure(error: reqwest::Error) -> HttpError {
    let error = error.without_url();
    let mut words: Vec<String> = Vec::new();
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(link) = cause {
        if let Some(NotPublic { host, address }) = link.downcast_ref() {
            return HttpError::NotPublic { host: host.clone(), address: *address };
        }
        let text = link.to_string();
        if words.last().is_none_or(|last| !last.ends_with(&text)) {
            words.push(text);
        }
        cause = link.source();
    }
    HttpError::Failed(words.join(": "))
}
