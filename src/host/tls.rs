//! How every HTTP client of the host is built: TLS by rustls with the ring provider.
//!
//! Building a client that trusts the system's certificates reads them all from disk, so clients are built when they are
//! first needed, never at start-up.

use rustls::crypto::ring;
use std::time::Duration;

/// How long a connection may take to be made; all else is bounded by the deadline of whoever waits.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A builder of clients that trust the system's certificates.
///
/// `build` fails where the system has none; [`plain_client_builder`] serves plain `http` there too.
pub fn client_builder() -> reqwest::ClientBuilder {
    // It fails where a provider is installed already, which is as good.
    let _ = ring::default_provider().install_default();
    reqwest::Client::builder().connect_timeout(CONNECT_TIMEOUT).user_agent(concat!("skillscope/", env!("CARGO_PKG_VERSION")))
}

/// A builder of clients for plain `http` alone: they trust no certificate, read nothing from disk, and `https` fails.
pub fn plain_client_builder() -> reqwest::ClientBuilder {
    client_builder().tls_certs_only([])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_can_be_built_more_than_once() {
        for _ in 0..2 {
            plain_client_builder().build().unwrap();
        }
    }
}
