//! The way from the client library to a server, on which an answer is read no further than it may be large.
//!
//! The library reads every answer whole before anyone sees it, and takes no transport but a finished HTTP client. So the client
//! that it is given has this relay for a proxy: a listener on loopback for the time of one question, which takes requests that
//! carry its token, sends them to the server, and reads the answer piece by piece up to the limit.

use super::request::{Request, RequestError, read_request};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::stream::{FuturesUnordered, StreamExt as _};
use reqwest::header::{CONTENT_TYPE, HeaderName};
use std::io;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// The most of the body of an answer that is an error, in bytes: a message is wanted, not a page.
const ERROR_BODY_BYTES: usize = 64 << 10;
/// How long such a body is waited for.
const ERROR_BODY_WAIT: Duration = Duration::from_secs(1);
/// Headers that are between the library and this relay alone.
const OF_THE_CONNECTION: [&str; 6] =
    ["host", "connection", "proxy-authorization", "proxy-connection", "content-length", "transfer-encoding"];

/// Why a question came to nothing on its way.
#[derive(Debug, thiserror::Error)]
pub(super) enum RelayError {
    /// The answer is larger than allowed.
    #[error("the answer is larger than the limit of {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// The network or the server failed.
    #[error("{0}")]
    Server(#[from] reqwest::Error),
    /// There is no way from this program to itself.
    #[error("no connection on loopback: {0}")]
    Loopback(#[from] io::Error),
    /// The library sent what this relay does not take.
    #[error("the request cannot be passed on: {0}")]
    Request(#[from] RequestError),
}

/// Where a relay sends what it takes.
#[derive(Clone, Debug)]
pub(super) struct Upstream {
    /// Sends it; it must not follow redirects or unpack what it reads.
    pub(super) client: reqwest::Client,
    /// The server's real address; of it, scheme and port count.
    pub(super) base: Url,
    /// The most bytes of an answer.
    pub(super) limit: u64,
}

/// A listener for one question.
pub(super) struct Relay {
    listener: TcpListener,
    token: String,
}

impl Relay {
    pub(super) async fn open() -> io::Result<Self> {
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
        let mut secret = [0; 16];
        getrandom::fill(&mut secret).map_err(|error| io::Error::other(error.to_string()))?;
        Ok(Self { listener, token: STANDARD.encode(secret) })
    }

    /// What makes a client send its requests here: those for plain `http`.
    pub(super) fn proxy(&self) -> Result<reqwest::Proxy, RelayError> {
        let address = self.listener.local_addr()?;
        Ok(reqwest::Proxy::http(format!("http://{address}"))?.basic_auth("", &self.token))
    }

    /// Serves the question until it is dropped, or until something fails that the library could not tell.
    pub(super) async fn serve(self, upstream: &Upstream) -> RelayError {
        let expected = format!("Basic {}", STANDARD.encode(format!(":{}", self.token)));
        let mut connections = FuturesUnordered::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((connection, _)) => connections.push(relay(connection, &expected, upstream)),
                    Err(error) => return error.into(),
                },
                Some(Err(error)) = connections.next(), if !connections.is_empty() => return error,
            }
        }
    }
}

/// Takes one request and gives its answer. Whoever does not know the token is not heard and learns nothing.
async fn relay(mut connection: TcpStream, expected: &str, upstream: &Upstream) -> Result<(), RelayError> {
    let request = match read_request(&mut connection, expected).await {
        Err(RequestError::NotMeant) => return Ok(()),
        other => other?,
    };
    let answer = send(request, upstream).await?;
    // The library reads it, or has gone; either way it knows more than this side does.
    let _ = give(&mut connection, &answer).await;
    Ok(())
}

struct Answer {
    status: reqwest::StatusCode,
    content_type: Vec<u8>,
    body: Vec<u8>,
}

async fn send(request: Request, upstream: &Upstream) -> Result<Answer, RelayError> {
    let mut to_server = upstream.client.request(request.method, real_address(request.url, &upstream.base)).body(request.body);
    for (name, value) in request.headers {
        if !is_of_the_connection(&name) {
            to_server = to_server.header(name, value);
        }
    }
    let mut response = to_server.send().await?;
    let status = response.status();
    let content_type = response.headers().get(CONTENT_TYPE).map(|kind| kind.as_bytes().to_vec()).unwrap_or_default();
    let body = if status.is_success() {
        whole_body(&mut response, upstream.limit).await?
    } else {
        beginning_of_body(&mut response).await
    };
    Ok(Answer { status, content_type, body })
}

/// The library's requests are for plain `http`, so that they come here; the server may be asked by `https`, and by another port.
fn real_address(mut url: Url, base: &Url) -> Url {
    // Neither can fail: both are addresses of HTTP with a host.
    let _ = url.set_scheme(base.scheme());
    let _ = url.set_port(base.port());
    url
}

fn is_of_the_connection(name: &HeaderName) -> bool {
    OF_THE_CONNECTION.contains(&name.as_str())
}

/// Reads a body piece by piece; what the server says of its length beforehand may only shorten the matter.
async fn whole_body(response: &mut reqwest::Response, limit: u64) -> Result<Vec<u8>, RelayError> {
    if response.content_length().is_some_and(|announced| announced > limit) {
        return Err(RelayError::TooLarge { limit });
    }
    let server = response.url().clone();
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| error.with_url(server.clone()))? {
        if u64::try_from(body.len() + piece.len()).is_ok_and(|length| length > limit) {
            return Err(RelayError::TooLarge { limit });
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// What comes of the body of an error in a short while; the status says the most of it.
async fn beginning_of_body(response: &mut reqwest::Response) -> Vec<u8> {
    let mut body = Vec::new();
    let reading = async {
        while let Ok(Some(piece)) = response.chunk().await {
            let room = ERROR_BODY_BYTES.saturating_sub(body.len());
            body.extend(piece.iter().take(room));
            if piece.len() >= room {
                return;
            }
        }
    };
    // Late or broken, the rest of it is of no interest.
    let _ = tokio::time::timeout(ERROR_BODY_WAIT, reading).await;
    body
}

async fn give(connection: &mut TcpStream, answer: &Answer) -> io::Result<()> {
    let Answer { status, content_type, body } = answer;
    let mut head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n", body.len()).into_bytes();
    if !content_type.is_empty() {
        head.extend_from_slice(b"content-type: ");
        head.extend_from_slice(content_type);
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    connection.write_all(&head).await?;
    connection.write_all(body).await?;
    connection.shutdown().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt as _;
    use wiremock::matchers::any;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    /// What a relay to this server answers to these bytes.
    async fn answer(server: &MockServer, request: impl Fn(&str, &str) -> String) -> String {
        let relay = Relay::open().await.unwrap();
        let address = relay.listener.local_addr().unwrap();
        let base = server.uri().parse().unwrap();
        let request = request(&STANDARD.encode(format!(":{}", relay.token)), &format!("http://{}", server.address()));
        let upstream = Upstream { client: crate::host::tls::plain_client_builder().no_proxy().build().unwrap(), base, limit: 4 };
        let asked = async {
            let mut connection = TcpStream::connect(address).await.unwrap();
            connection.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            connection.read_to_string(&mut answer).await.unwrap();
            answer
        };
        tokio::select! {
            answer = asked => answer,
            error = relay.serve(&upstream) => error.to_string(),
        }
    }

    async fn server(body: &str) -> MockServer {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(ResponseTemplate::new(200).set_body_raw(body, "text/x")).mount(&server).await;
        server
    }

    #[tokio::test]
    async fn a_request_with_the_token_is_passed_on_without_what_belongs_to_the_connection() {
        let server = server("four").await;
        let answer = answer(&server, |token, url| {
            format!(
                "POST {url}/a?b HTTP/1.1\r\nhost: x\r\nproxy-authorization: Basic {token}\r\nx-own: 1\r\ncontent-length: 2\r\n\r\nhi"
            )
        });
        let answer = answer.await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("content-type: text/x\r\n\r\nfour"), "{answer}");
        let requests = server.received_requests().await.unwrap();
        let [request] = requests.as_slice() else { panic!("{} requests", requests.len()) };
        assert_eq!((request.url.path(), request.url.query(), request.body.as_slice()), ("/a", Some("b"), &b"hi"[..]));
        assert!(request.headers.contains_key("x-own") && !request.headers.contains_key("proxy-authorization"));
        assert_eq!(request.headers["host"], server.address().to_string());
    }

    #[tokio::test]
    async fn strangers_learn_nothing_and_send_nothing() {
        let server = server("four").await;
        for head in ["proxy-authorization: Basic x\r\n", "", "\0"] {
            let answer = answer(&server, |_, url| format!("POST {url}/ HTTP/1.1\r\n{head}content-length: 0\r\n\r\n")).await;
            assert_eq!(answer, "", "{head:?}");
        }
        let without_address = answer(&server, |token, _| {
            format!("POST / HTTP/1.1\r\nproxy-authorization: Basic {token}\r\ncontent-length: 0\r\n\r\n")
        });
        assert_eq!(without_address.await, "");
        assert!(server.received_requests().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn an_answer_past_the_limit_is_an_error() {
        let server = server("fives").await;
        let answer = answer(&server, |token, url| {
            format!("POST {url}/ HTTP/1.1\r\nproxy-authorization: Basic {token}\r\ncontent-length: 0\r\n\r\n")
        });
        assert_eq!(answer.await, "the answer is larger than the limit of 4 bytes");
    }

    #[test]
    fn the_server_is_asked_at_its_real_scheme_and_port() {
        let real = |asked: &str, base: &str| real_address(asked.parse().unwrap(), &base.parse().unwrap()).to_string();
        assert_eq!(real("http://h/v1/chat?k=a%20b", "https://h/v1/"), "https://h/v1/chat?k=a%20b");
        assert_eq!(real("http://h/v1", "https://h:80/"), "https://h:80/v1");
        assert_eq!(real("http://h:8443/v1", "https://h:8443/"), "https://h:8443/v1");
        assert_eq!(real("http://h:81/v1", "http://h:81/"), "http://h:81/v1");
    }
}
