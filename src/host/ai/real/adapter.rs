//! From a provider's settings to the client library's terms: adapter, address, model, key.
//!
//! The configured kind alone decides the adapter. The library reads more than a name from some model names (`space::`
//! before it, `-high` behind it); what can be kept from it is kept from it.

use super::super::key::Key;
use crate::skill::ProviderSettings;
use genai::adapter::AdapterKind;
use genai::chat::{ChatOptions, ReasoningEffort};
use genai::resolver::{AuthData, Endpoint, ProviderConfig};
use genai::{Headers, ModelIden, ServiceTarget};
use url::{Host, Url};

/// Where adapters demand a key and none is configured.
const NO_KEY: &str = "none";
/// Endings of model names that the library takes for a wish how hard to think.
const EFFORTS: [&str; 8] = ["zero", "none", "minimal", "low", "medium", "high", "xhigh", "max"];

/// What one provider's requests are made of.
pub(super) struct Target {
    pub(super) model: ModelIden,
    pub(super) access: ProviderConfig,
    pub(super) options: ChatOptions,
    /// The server to which it talks.
    pub(super) server: Server,
}

/// What must be known of the server to build a client for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Server {
    /// Whether it is reached by `https`.
    pub(super) tls: bool,
    /// Whether it runs on this machine, where no proxy is of use.
    pub(super) here: bool,
}

/// The adapter of a provider's kind; `None` for a kind that the library does not speak.
pub(super) fn adapter_of(settings: &ProviderSettings) -> Option<AdapterKind> {
    AdapterKind::from_lower_str(settings.kind.word())
}

/// The environment variable that holds the provider's key: the configured one; without it the adapter's usual one, or
/// none at all where an own address is configured.
pub(super) fn key_variable(settings: &ProviderSettings, adapter: AdapterKind) -> Option<&str> {
    match (&settings.api_key_env, &settings.base_url) {
        (Some(variable), _) => Some(variable),
        (None, Some(_)) => None,
        (None, None) => adapter.default_key_env_name(),
    }
}

impl Target {
    /// The target of a provider, asked with `key`.
    pub(super) fn new(settings: &ProviderSettings, adapter: AdapterKind, key: Option<&Key>) -> Self {
        let address = settings.base_url.as_ref();
        let server = server(address, adapter);
        let adapter = effective_adapter(adapter, address.is_some(), key.is_some());
        let access: ProviderConfig = (address.map(endpoint), auth(adapter, key)).into();
        Self { model: model(adapter, &settings.model), access, options: options(adapter, &settings.model, key), server }
    }
}

/// Three adapters demand a key; their protocol is OpenAI's, and another speaks it without.
const fn effective_adapter(adapter: AdapterKind, own_address: bool, has_key: bool) -> AdapterKind {
    match adapter {
        AdapterKind::OpenAI | AdapterKind::Zai | AdapterKind::Baidu if own_address && !has_key => AdapterKind::Omlx,
        other => other,
    }
}

/// The service at the address by which the library asks for it, and its real one. The library's own way ends at the relay, which
/// takes plain `http`. Two adapters know one address only; their protocol is OpenAI's, and its adapter takes any.
pub(super) fn by_plain_http(mut service: ServiceTarget) -> Result<(ServiceTarget, Url), url::ParseError> {
    let base = Url::parse(service.endpoint.base_url())?;
    let mut plain = base.clone();
    // It fails where the one is an address of HTTP and the other is not; where this one is not, the library says so.
    let _ = plain.set_scheme("http");
    service.endpoint = Endpoint::from_owned(String::from(plain));
    if matches!(service.model.adapter_kind, AdapterKind::Zai | AdapterKind::Baidu) {
        service.model.adapter_kind = AdapterKind::OpenAI;
    }
    Ok((service, base))
}

fn auth(adapter: AdapterKind, key: Option<&Key>) -> Option<AuthData> {
    Some(match (key, adapter) {
        (Some(key), _) => AuthData::from_single(key.expose()),
        (None, AdapterKind::Omlx) => AuthData::None,
        (None, _) => AuthData::from_single(NO_KEY),
    })
}

/// The library puts paths right behind the address, so that it must end in a slash.
fn endpoint(address: &Url) -> Endpoint {
    let mut address = address.clone();
    if !address.path().ends_with('/') {
        let path = format!("{}/", address.path());
        address.set_path(&path);
    }
    Endpoint::from_owned(String::from(address))
}

fn server(address: Option<&Url>, adapter: AdapterKind) -> Server {
    let Some(address) = address else {
        let here = matches!(adapter, AdapterKind::Ollama);
        return Server { tls: !here, here };
    };
    let here = match address.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    Server { tls: address.scheme() == "https", here }
}

/// What stands before `::` would be dropped as a name space: then the adapter's own is put before it all.
fn model(adapter: AdapterKind, name: &str) -> ModelIden {
    if name.contains("::") {
        ModelIden::new(adapter, format!("{}::{name}", adapter.as_lower_str()))
    } else {
        ModelIden::new(adapter, name)
    }
}

fn options(adapter: AdapterKind, model: &str, key: Option<&Key>) -> ChatOptions {
    // The body tells what went wrong where a server reports an error as a success.
    let mut options = ChatOptions::default().with_capture_raw_body(true);
    let ending = model.rsplit_once('-').map(|(_, ending)| ending);
    if speaks_openai(adapter) && ending.is_some_and(|ending| EFFORTS.contains(&ending)) {
        // A given effort keeps the name whole, and a budget is one that this protocol has no word for: nothing is sent.
        options = options.with_reasoning_effort(ReasoningEffort::Budget(0));
    }
    if let (AdapterKind::Ollama, Some(key)) = (adapter, key) {
        // The adapter itself sends none, but a server behind a guard wants it.
        options = options.with_extra_headers(Headers::from(("Authorization", format!("Bearer {}", key.expose()))));
    }
    options
}

/// Whether the adapter's requests are OpenAI's chat completions, and no more than these.
const fn speaks_openai(adapter: AdapterKind) -> bool {
    !matches!(
        adapter,
        AdapterKind::OpenAIResp
            | AdapterKind::Gemini
            | AdapterKind::GeminiIx
            | AdapterKind::Anthropic
            | AdapterKind::MiniMax
            | AdapterKind::DeepSeek
            | AdapterKind::Cohere
            | AdapterKind::Ollama
            | AdapterKind::OllamaCloud
            | AdapterKind::OpenCodeGo
            | AdapterKind::BedrockApi
            | AdapterKind::Vertex
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::skill::{PROVIDER_KINDS, ProviderKind};

    fn settings(kind: &str, base_url: Option<&str>, api_key_env: Option<&str>) -> ProviderSettings {
        ProviderSettings {
            kind: ProviderKind::find(kind).unwrap(),
            base_url: base_url.map(|url| url.parse().unwrap()),
            model: "m".into(),
            api_key_env: api_key_env.map(str::to_owned),
        }
    }

    #[test]
    fn the_known_kinds_are_those_of_the_client_library() {
        let library: Vec<&str> = AdapterKind::all().iter().map(AdapterKind::as_lower_str).collect();
        assert_eq!(library, PROVIDER_KINDS);
        for kind in PROVIDER_KINDS {
            assert!(adapter_of(&settings(kind, None, None)).is_some(), "{kind}");
        }
    }

    #[test]
    fn the_documented_kinds_and_key_variables_are_those_of_the_client_library() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ai.md");
        let document = std::fs::read_to_string(path).unwrap();
        let (_, table) = document.split_once("| kind | usual key variable |").unwrap();
        let rows: Vec<&str> = table.lines().skip(2).take_while(|line| line.starts_with('|')).collect();
        let row = |kind: &AdapterKind| match kind.default_key_env_name() {
            Some(variable) => format!("| `{}` | `{variable}` |", kind.as_lower_str()),
            None => format!("| `{}` | none |", kind.as_lower_str()),
        };
        assert_eq!(rows, AdapterKind::all().iter().map(row).collect::<Vec<_>>());
    }

    #[test]
    fn an_own_address_needs_no_key_unless_one_is_named() {
        let variable = |kind, base_url, env| {
            let settings = settings(kind, base_url, env);
            key_variable(&settings, adapter_of(&settings).unwrap()).map(str::to_owned)
        };
        assert_eq!(variable("openai", None, None).unwrap(), "OPENAI_API_KEY");
        assert_eq!(variable("anthropic", None, Some("MINE")).unwrap(), "MINE");
        assert_eq!(variable("openai", Some("http://h/v1"), Some("MINE")).unwrap(), "MINE");
        assert_eq!(variable("openai", Some("http://h/v1"), None), None);
        assert_eq!(variable("ollama", None, None), None);
    }

    #[test]
    fn an_address_ends_in_a_slash_and_keeps_its_query() {
        let base = |text: &str| endpoint(&text.parse().unwrap()).base_url().to_owned();
        assert_eq!(base("http://h/v1"), "http://h/v1/");
        assert_eq!(base("http://h/v1/"), "http://h/v1/");
        assert_eq!(base("http://h"), "http://h/");
        assert_eq!(base("https://h/openai?api-version=1"), "https://h/openai/?api-version=1");
    }

    #[test]
    fn certificates_and_proxies_are_left_alone_where_they_are_of_no_use() {
        let server = |text: &str| server(Some(&text.parse().unwrap()), AdapterKind::OpenAI);
        assert_eq!(server("http://127.0.0.1:1/v1"), Server { tls: false, here: true });
        assert_eq!(server("http://[::1]:1/v1"), Server { tls: false, here: true });
        assert_eq!(server("http://localhost/v1"), Server { tls: false, here: true });
        assert_eq!(server("https://example.com/v1"), Server { tls: true, here: false });
        assert_eq!(super::server(None, AdapterKind::Ollama), Server { tls: false, here: true });
        assert_eq!(super::server(None, AdapterKind::Gemini), Server { tls: true, here: false });
    }
}
