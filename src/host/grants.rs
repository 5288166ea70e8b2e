//! What a skill may do, exactly: key patterns and hosts, made ready for matching.
//!
//! It knows the manifest's permissions and URLs. An empty list grants nothing; each denial names the line that would grant it.

use crate::skill::Permissions;
use std::net::Ipv6Addr;
use url::{Host, Url};

/// A skill's permissions, ready for matching.
#[derive(Clone, Debug, Default)]
pub struct Grants {
    ai: bool,
    keys: Vec<KeyPattern>,
    hosts: Vec<HostGrant>,
}

/// A call that no permission covers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Asking an AI.
    #[error("denied: `ai = true` under [permissions] in skill.toml would grant it")]
    Ai,
    /// A key of the store.
    #[error("denied for the key {key:?}: `memory = [{key:?}]` under [permissions] in skill.toml would grant it")]
    Key {
        /// The key.
        key: String,
    },
    /// A host, with its port where it is not the scheme's own.
    #[error("denied for {host}: `http = [\"{host}\"]` under [permissions] in skill.toml, or --allow-http {host}, would grant it")]
    Host {
        /// The host as a grant would name it.
        host: String,
    },
}

impl Grants {
    /// Makes permissions ready. An entry that names no host grants nothing.
    pub fn new(permissions: &Permissions) -> Self {
        Self {
            ai: permissions.ai,
            keys: permissions.memory.iter().map(|pattern| KeyPattern::new(pattern)).collect(),
            hosts: permissions.http.iter().filter_map(|host| HostGrant::parse(host)).collect(),
        }
    }

    /// Whether an AI may be asked.
    ///
    /// # Errors
    /// [`Denied`] where not.
    pub fn check_ai(&self) -> Result<(), Denied> {
        if self.ai { Ok(()) } else { Err(Denied::Ai) }
    }

    /// Whether a key may be read and written.
    ///
    /// # Errors
    /// [`Denied`] where not.
    pub fn check_key(&self, key: &str) -> Result<(), Denied> {
        let granted = self.keys.iter().any(|pattern| pattern.matches(key));
        if granted { Ok(()) } else { Err(Denied::Key { key: key.to_owned() }) }
    }

    /// Whether a request may go to an URL's host and port.
    ///
    /// # Errors
    /// [`Denied`] where not.
    pub fn check_url(&self, url: &Url) -> Result<(), Denied> {
        if self.hosts.iter().any(|grant| grant.covers(url)) {
            return Ok(());
        }
        let host = url.host_str().unwrap_or_default();
        Err(Denied::Host { host: url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")) })
    }
}

/// A pattern of keys: `*` stands for any characters, `/` too; everything else for itself.
#[derive(Clone, Debug)]
struct KeyPattern {
    /// The literal pieces between the stars; one piece where there is no star.
    pieces: Vec<String>,
}

impl KeyPattern {
    fn new(pattern: &str) -> Self {
        Self { pieces: pattern.split('*').map(str::to_owned).collect() }
    }

    /// Takes time linear in the key: each piece is looked for once, where the one before ended.
    fn matches(&self, key: &str) -> bool {
        let Some((first, rest)) = self.pieces.split_first() else { return false };
        let Some((last, middle)) = rest.split_last() else { return key == first };
        let Some(mut between) = key.strip_prefix(first.as_str()).and_then(|key| key.strip_suffix(last.as_str())) else {
            return false;
        };
        for piece in middle {
            let Some((_, after)) = between.split_once(piece.as_str()) else { return false };
            between = after;
        }
        true
    }
}

/// A host, with a port where it is not the scheme's own.
#[derive(Clone, Debug, PartialEq, Eq)]
struct HostGrant {
    host: Host<String>,
    port: Option<u16>,
}

impl HostGrant {
    /// Reads `api.example.com`, `127.0.0.1:8080`, `[::1]:80`, `bücher.example`; names are brought into the form that URLs have.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(address) = text.parse::<Ipv6Addr>() {
            return Some(Self { host: Host::Ipv6(address), port: None });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, digits)) if !digits.ends_with(']') => (host, Some(digits.parse().ok()?)),
            _ => (text, None),
        };
        Some(Self { host: Host::parse(host).ok()?, port })
    }

    fn covers(&self, url: &Url) -> bool {
        let port_fits = match self.port {
            Some(port) => url.port_or_known_default() == Some(port),
            None => url.port().is_none(),
        };
        port_fits && url.host().is_some_and(|host| host.to_owned() == self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    fn keys(patterns: &[&str]) -> Grants {
        Grants::new(&Permissions { ai: false, memory: patterns.iter().map(|&p| p.to_owned()).collect(), http: Vec::new() })
    }

    fn hosts(hosts: &[&str]) -> Grants {
        Grants::new(&Permissions { ai: false, memory: Vec::new(), http: hosts.iter().map(|&h| h.to_owned()).collect() })
    }

    fn may_visit(grants: &Grants, url: &str) -> bool {
        grants.check_url(&Url::parse(url).unwrap()).is_ok()
    }

    #[test]
    fn a_star_matches_any_characters_and_everything_else_itself() {
        let cases = [
            ("notes/*", "notes/", true),
            ("notes/*", "notes/a/b", true),
            ("notes/*", "notes", false),
            ("notes/*", "Notes/a", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("*b*", "abc", true),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "acb", false),
            ("a*bc*c", "abc", false),
            ("**", "x", true),
            ("[ab]?.", "a", false),
            ("[ab]?.", "[ab]?.", true),
            ("é*", "éa", true),
        ];
        for (pattern, key, expected) in cases {
            assert_eq!(keys(&[pattern]).check_key(key).is_ok(), expected, "{pattern:?} {key:?}");
        }
        assert!(keys(&[]).check_key("").is_err());
        assert!(keys(&["a", "b*"]).check_key("bc").is_ok());
    }

    #[test]
    fn a_hostile_pattern_takes_no_time() {
        let grants = keys(&[&"a*".repeat(4000), &format!("{}b", "*a".repeat(4000))]);
        let began = Instant::now();
        assert!(grants.check_key(&format!("{}c", "a".repeat(3999))).is_err());
        assert!(began.elapsed() < Duration::from_secs(1));
    }

    #[test]
    fn hosts_are_exact_with_their_port() {
        let grants = hosts(&["api.example.com", "127.0.0.1:8080", "secure.example:443", "[::1]:9", "::1", "bücher.example"]);
        for url in [
            "https://api.example.com/x?y",
            "http://API.example.com",
            "http://api.example.com:80/",
            "http://127.0.0.1:8080/",
            "http://2130706433:8080/",
            "https://secure.example/",
            "http://secure.example:443/",
            "http://[::1]:9/",
            "http://[::1]/",
            "https://BÜCHER.example/",
            "https://xn--bcher-kva.example/",
        ] {
            assert!(may_visit(&grants, url), "{url}");
        }
        for url in [
            "https://api.example.com:8443/",
            "https://api.example.com.evil.example/",
            "https://evil-api.example.com/",
            "https://example.com/",
            "https://api.example.com@evil.example/",
            "http://127.0.0.1/",
            "http://127.0.0.1:8081/",
            "http://secure.example/",
            "http://[::1]:10/",
            "http://localhost:8080/",
            "data:text/plain,api.example.com",
        ] {
            assert!(!may_visit(&grants, url), "{url}");
        }
    }

    #[test]
    fn an_empty_list_or_one_that_names_no_host_grants_nothing() {
        assert!(!may_visit(&hosts(&[]), "http://a.example/"));
        let nonsense = hosts(&["", "*", "https://a.example", "a.example/path", "a.example:", "a.example:99999", "*.example"]);
        assert!(!may_visit(&nonsense, "https://a.example/"));
    }

    #[test]
    fn a_denial_names_the_line_that_would_grant_it() {
        let grants = Grants::default();
        let denied = grants.check_url(&Url::parse("http://127.0.0.1:8080/x").unwrap()).unwrap_err().to_string();
        assert!(denied.contains("http = [\"127.0.0.1:8080\"]"), "{denied}");
        assert!(grants.check_key("notes/1").unwrap_err().to_string().contains("memory = [\"notes/1\"]"));
        assert!(grants.check_ai().unwrap_err().to_string().contains("ai = true"));
    }
}
