//! The hosts that a skill may send requests to: `host` or `host:port`, exact.

use url::Host;

/// Why a text names no host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpGrantError {
    /// Nothing there.
    #[error("a host is missing; write for example api.example.com")]
    Empty,
    /// A pattern.
    #[error("{0:?} is a pattern, and hosts are granted exactly; name each host, for example api.example.com")]
    Pattern(String),
    /// A URL.
    #[error("{given:?} is a URL, and hosts are granted; write {host:?}")]
    Url {
        /// What was given.
        given: String,
        /// The host in it.
        host: String,
    },
    /// An IPv6 address without brackets.
    #[error("an IPv6 address stands in brackets; write \"[{0}]\"")]
    Brackets(String),
    /// A port that is none.
    #[error("{port:?} in {given:?} is not a port; a port is a number from 1 to 65535")]
    Port {
        /// What was given.
        given: String,
        /// What stands for the port.
        port: String,
    },
    /// Something else.
    #[error("{0:?} is not a host name or an IP address; write for example api.example.com or 127.0.0.1:8080")]
    NotAHost(String),
}

/// Reads a grant and gives it in the form that a URL's host has: lower case, international names in their ASCII form,
/// IPv6 in brackets, the port where one was given.
///
/// # Errors
/// Where it is not exactly one host, with or without a port.
pub fn parse_http_grant(text: &str) -> Result<String, HttpGrantError> {
    let given = || text.chars().take(100).collect::<String>();
    if text.is_empty() {
        return Err(HttpGrantError::Empty);
    }
    if text.contains('*') {
        return Err(HttpGrantError::Pattern(given()));
    }
    if text.contains("//") || text.contains('/') {
        return Err(url_given(text).unwrap_or_else(|| HttpGrantError::NotAHost(given())));
    }
    if text.matches(':').count() > 1 && !text.starts_with('[') {
        return match text.parse::<std::net::Ipv6Addr>() {
            Ok(address) => Err(HttpGrantError::Brackets(address.to_string())),
            Err(_) => Err(HttpGrantError::NotAHost(given())),
        };
    }
    let (host, port) = split_port(text);
    let host = Host::parse(host).map_err(|_| HttpGrantError::NotAHost(given()))?;
    match port {
        None => Ok(host.to_string()),
        Some(port) => match port.parse::<u16>() {
            Ok(number) if number > 0 && port.bytes().all(|byte| byte.is_ascii_digit()) => Ok(format!("{host}:{number}")),
            _ => Err(HttpGrantError::Port { given: given(), port: port.chars().take(20).collect() }),
        },
    }
}

/// The part after the last colon that is not inside brackets.
fn split_port(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (text, None),
    }
}

fn url_given(text: &str) -> Option<HttpGrantError> {
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{}", text.trim_start_matches('/')) };
    let url = url::Url::parse(&with_scheme).ok()?;
    let host = url.host()?;
    let host = url.port().map_or_else(|| host.to_string(), |port| format!("{host}:{port}"));
    Some(HttpGrantError::Url { given: text.chars().take(100).collect(), host })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_taken_as_urls_spell_them() {
        for (text, grant) in [
            ("api.example.com", "api.example.com"),
            ("API.Example.COM:8443", "api.example.com:8443"),
            ("127.0.0.1:8080", "127.0.0.1:8080"),
            ("localhost", "localhost"),
            ("[::1]", "[::1]"),
            ("[0:0:0:0:0:0:0:1]:80", "[::1]:80"),
            ("bücher.example", "xn--bcher-kva.example"),
        ] {
            assert_eq!(parse_http_grant(text).as_deref(), Ok(grant), "{text}");
        }
    }

    #[test]
    fn what_is_no_exact_host_is_refused_with_what_to_write() {
        for (text, message) in [
            ("", "a host is missing; write for example api.example.com"),
            ("*", "\"*\" is a pattern, and hosts are granted exactly; name each host, for example api.example.com"),
            (
                "*.example.com",
                "\"*.example.com\" is a pattern, and hosts are granted exactly; name each host, for example api.example.com",
            ),
            (
                "https://api.example.com/v1",
                "\"https://api.example.com/v1\" is a URL, and hosts are granted; write \"api.example.com\"",
            ),
            ("localhost:8080/x", "\"localhost:8080/x\" is a URL, and hosts are granted; write \"localhost:8080\""),
            ("//x.org", "\"//x.org\" is a URL, and hosts are granted; write \"x.org\""),
            ("::1", "an IPv6 address stands in brackets; write \"[::1]\""),
            ("a.org:0", "\"0\" in \"a.org:0\" is not a port; a port is a number from 1 to 65535"),
            ("a.org:", "\"\" in \"a.org:\" is not a port; a port is a number from 1 to 65535"),
            ("a.org:+80", "\"+80\" in \"a.org:+80\" is not a port; a port is a number from 1 to 65535"),
            ("[::1", "\"[::1\" is not a host name or an IP address; write for example api.example.com or 127.0.0.1:8080"),
            ("a b", "\"a b\" is not a host name or an IP address; write for example api.example.com or 127.0.0.1:8080"),
            ("u@h", "\"u@h\" is not a host name or an IP address; write for example api.example.com or 127.0.0.1:8080"),
            (":80", "\":80\" is not a host name or an IP address; write for example api.example.com or 127.0.0.1:8080"),
        ] {
            assert_eq!(parse_http_grant(text).unwrap_err().to_string(), message, "{text}");
        }
    }
}
