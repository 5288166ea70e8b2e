//! One request of the client library, as it comes over a local connection: HTTP/1.1, in the form for proxies.

use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use url::Url;

/// The most bytes of what comes before the body.
const HEAD_BYTES: usize = 64 << 10;
/// The most bytes of a body: a prompt as large as it may be, with every byte escaped.
const BODY_BYTES: usize = 128 << 20;
/// The most headers.
const HEADERS: usize = 64;

/// A request, headers of the connection included.
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: Vec<u8>,
}

/// Why there is no request.
#[derive(Debug, thiserror::Error)]
pub(super) enum RequestError {
    /// It is none for a proxy, or does not carry the token.
    #[error("it is not meant for this relay")]
    NotMeant,
    /// It has no body, or one whose length is not told.
    #[error("its length is not told")]
    Length,
    /// The connection broke.
    #[error("{0}")]
    Connection(#[from] io::Error),
}

/// Reads a request that carries this word as its `Proxy-Authorization`. Of any other, nothing but the head is read.
pub(super) async fn read_request(
    connection: &mut (impl AsyncRead + Unpin),
    authorization: &str,
) -> Result<Request, RequestError> {
    let mut bytes = Vec::new();
    let (mut request, head) = loop {
        if let Some(read) = parse_head(&bytes)? {
            break read;
        }
        if bytes.len() >= HEAD_BYTES || connection.read_buf(&mut bytes).await? == 0 {
            return Err(RequestError::NotMeant);
        }
    };
    if request.header("proxy-authorization") != Some(authorization) {
        return Err(RequestError::NotMeant);
    }
    let length = request.header("content-length").and_then(|length| length.parse::<usize>().ok());
    let length = length.filter(|length| *length <= BODY_BYTES).ok_or(RequestError::Length)?;
    request.body = bytes.split_off(head);
    let missing = length.checked_sub(request.body.len()).ok_or(RequestError::Length)?;
    let missing = u64::try_from(missing).map_err(|_| RequestError::Length)?;
    connection.take(missing).read_to_end(&mut request.body).await?;
    if request.body.len() == length { Ok(request) } else { Err(RequestError::Length) }
}

impl Request {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.to_str().ok())
    }
}

/// The head of a request and its length, where it is there as a whole.
fn parse_head(bytes: &[u8]) -> Result<Option<(Request, usize)>, RequestError> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut head = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(length) = head.parse(bytes).map_err(|_| RequestError::NotMeant)? else { return Ok(None) };
    let method = head.method.and_then(|method| method.parse().ok()).ok_or(RequestError::NotMeant)?;
    let url =
        head.path.and_then(|url| Url::parse(url).ok()).filter(|url| url.scheme() == "http").ok_or(RequestError::NotMeant)?;
    let header = |header: &httparse::Header<'_>| {
        let name = header.name.parse().map_err(|_| RequestError::NotMeant)?;
        Ok((name, HeaderValue::from_bytes(header.value).map_err(|_| RequestError::NotMeant)?))
    };
    let headers = head.headers.iter().map(header).collect::<Result<_, RequestError>>()?;
    Ok(Some((Request { method, url, headers, body: Vec::new() }, length)))
}
