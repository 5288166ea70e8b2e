//! Who answers: what `--ai mock`, `real`, `both` or a provider's name means under the settings.

use super::cassette::Cassette;
use super::key::{Environment, KeyError};
use super::mock::{MOCK, MockProvider};
use super::real::{RealProvider, UnspokenKind};
use super::{AiChoice, Provider};
use crate::event::Failure;
use crate::skill::{AiSettings, ProviderSettings, RECORD_PROVIDER, SETTINGS_FILE, nearest_names};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The word for the provider that the settings name as `real`.
pub const REAL: &str = "real";
/// The word for the mock and the real provider, asked side by side.
pub const BOTH: &str = "both";

/// A minimal configuration of a real provider, for hints.
const EXAMPLE: &str = "[ai]\nreal = \"local\"\n\n[ai.providers.local]\nkind = \"openai\"\n\
                       base_url = \"http://127.0.0.1:11434/v1\"\nmodel = \"llama3.2\"";

/// Why nobody can be chosen. No message holds a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AiConfigError {
    /// `real` means nobody.
    #[error("no real AI provider is configured")]
    NoRealProvider {
        /// Where it would be configured.
        file: Option<PathBuf>,
    },
    /// `real` could mean several.
    #[error("several AI providers are configured and none of them is named as `real`: {}", .names.join(", "))]
    SeveralProviders {
        /// Where it would be named.
        file: Option<PathBuf>,
        /// Their names.
        names: Vec<String>,
    },
    /// There is no provider of that name.
    #[error("there is no AI provider {name:?}")]
    UnknownProvider {
        /// The name.
        name: String,
        /// Names that are near to it, the nearest first.
        near: Vec<String>,
        /// All names that can be chosen.
        known: Vec<String>,
    },
    /// The client library does not speak its kind.
    #[error("the AI provider {name:?} cannot be asked: {fault}")]
    UnspokenKind {
        /// The provider's name.
        name: String,
        /// The kind.
        fault: UnspokenKind,
    },
    /// The record in its place cannot be read.
    #[error("{}", .failure.message)]
    Cassette {
        /// Why.
        failure: Failure,
    },
    /// Its key is missing or unusable.
    #[error("the AI provider {name:?} has no key: {fault}")]
    NoKey {
        /// The provider's name.
        name: String,
        /// What is wrong with the environment variable.
        fault: KeyError,
    },
}

impl AiConfigError {
    fn kind(&self) -> &'static str {
        match self {
            Self::NoRealProvider { .. } | Self::SeveralProviders { .. } => "no-real-provider",
            Self::UnknownProvider { .. } => "unknown-provider",
            Self::UnspokenKind { .. } => "unspoken-kind",
            Self::Cassette { .. } => "record",
            Self::NoKey { .. } => "no-key",
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::NoRealProvider { file } => format!("write for example into {}:\n{EXAMPLE}", place(file.as_ref())),
            Self::SeveralProviders { file, names } => {
                let first = names.first().map_or("NAME", String::as_str);
                let file = place(file.as_ref());
                format!("write `real = \"{first}\"` under [ai] in {file}, or choose one by name: --ai {first}")
            }
            Self::UnknownProvider { near, known, .. } if near.is_empty() => format!("known here: {}", known.join(", ")),
            Self::UnknownProvider { near, .. } => format!("did you mean {}?", near.join(" or ")),
            Self::Cassette { failure } => failure
                .hint
                .clone()
                .unwrap_or_else(|| format!("--ai {RECORD_PROVIDER}FILE wants a record, as --record FILE makes it")),
            Self::UnspokenKind { .. } => "most servers speak \"openai\"; give their address as `base_url`".to_owned(),
            Self::NoKey { fault: KeyError::Missing { variable } | KeyError::Unusable { variable }, .. } => {
                format!("set {variable} to the provider's key, or use --ai mock")
            }
        }
    }
}

impl From<AiConfigError> for Failure {
    fn from(error: AiConfigError) -> Self {
        Self::new(error.kind(), error.to_string()).with_hint(error.hint())
    }
}

/// Who answers under `--ai MODE`, keys being looked up in the process's environment.
///
/// # Errors
/// Where the mode names nobody, or the one who would lead has no key.
pub fn choose(settings: &AiSettings, mode: &str) -> Result<AiChoice, AiConfigError> {
    choose_with(settings, mode, &|variable| std::env::var(variable).ok())
}

/// Who answers under `--ai MODE`, keys being looked up in `environment`.
///
/// # Errors
/// As [`choose`].
pub fn choose_with(settings: &AiSettings, mode: &str, environment: Environment<'_>) -> Result<AiChoice, AiConfigError> {
    let chooser = Chooser { settings, environment };
    match mode {
        BOTH => chooser.both(),
        name => Ok(AiChoice { lead: chooser.lead(name)?, shadows: Vec::new() }),
    }
}

struct Chooser<'s> {
    settings: &'s AiSettings,
    environment: Environment<'s>,
}

impl Chooser<'_> {
    /// The lead answers; of the mock, the real one and the lead, the others are asked beside it.
    fn both(&self) -> Result<AiChoice, AiConfigError> {
        let lead = self.name_of(self.settings.lead.as_deref().unwrap_or(MOCK))?;
        let mut others = vec![MOCK];
        match self.real_name() {
            Ok(real) => others.push(real),
            // A lead of its own is a second one already, whoever `real` might mean.
            Err(_) if lead != MOCK => {}
            Err(error) => return Err(error),
        }
        others.retain(|other| *other != lead);
        let shadows = others.into_iter().map(|other| self.provider(other)).collect::<Result<_, _>>()?;
        Ok(AiChoice { lead: self.lead(lead)?, shadows })
    }

    /// A provider that could answer; `mock` and `real` are names too.
    fn lead(&self, name: &str) -> Result<Arc<dyn Provider>, AiConfigError> {
        let name = self.name_of(name)?;
        if name == MOCK {
            return Ok(self.mock());
        }
        if let Some(file) = name.strip_prefix(RECORD_PROVIDER) {
            return cassette(file);
        }
        let real = self.real(name)?;
        match real.key_fault() {
            Some(fault) => Err(AiConfigError::NoKey { name: name.to_owned(), fault: fault.clone() }),
            None => Ok(Arc::new(real)),
        }
    }

    /// A provider that may lack its key: then each of its answers says so.
    fn provider(&self, name: &str) -> Result<Arc<dyn Provider>, AiConfigError> {
        match name.strip_prefix(RECORD_PROVIDER) {
            Some(file) => cassette(file),
            None if name == MOCK => Ok(self.mock()),
            None => Ok(Arc::new(self.real(name)?)),
        }
    }

    fn mock(&self) -> Arc<dyn Provider> {
        Arc::new(MockProvider::new(&self.settings.mock))
    }

    fn real(&self, name: &str) -> Result<RealProvider, AiConfigError> {
        RealProvider::new(name, self.configured(name)?, self.environment)
            .map_err(|fault| AiConfigError::UnspokenKind { name: name.to_owned(), fault })
    }

    /// The provider's own name: `real` stands for another.
    fn name_of<'n>(&'n self, name: &'n str) -> Result<&'n str, AiConfigError> {
        if name == REAL { self.real_name() } else { Ok(name) }
    }

    /// Whom `real` means: whom the settings say, else the only one there is.
    fn real_name(&self) -> Result<&str, AiConfigError> {
        let AiSettings { real, providers, file, .. } = self.settings;
        let mut names = providers.keys();
        match (real, names.next(), names.next()) {
            (Some(real), ..) => Ok(real),
            (None, Some(only), None) => Ok(only),
            (None, None, _) => Err(AiConfigError::NoRealProvider { file: file.clone() }),
            (None, Some(_), Some(_)) => {
                Err(AiConfigError::SeveralProviders { file: file.clone(), names: providers.keys().cloned().collect() })
            }
        }
    }

    fn configured(&self, name: &str) -> Result<&ProviderSettings, AiConfigError> {
        self.settings.providers.get(name).ok_or_else(|| {
            let known: Vec<String> = [MOCK, REAL, BOTH]
                .into_iter()
                .chain(self.settings.providers.keys().map(String::as_str))
                .map(str::to_owned)
                .collect();
            let near = nearest_names(name, known.iter().map(String::as_str), 3).into_iter().map(str::to_owned).collect();
            AiConfigError::UnknownProvider { name: name.to_owned(), near, known }
        })
    }
}

fn cassette(file: &str) -> Result<Arc<dyn Provider>, AiConfigError> {
    let cassette = Cassette::open(Path::new(file)).map_err(|error| AiConfigError::Cassette { failure: error.into() })?;
    Ok(Arc::new(cassette))
}

fn place(file: Option<&PathBuf>) -> String {
    file.map_or_else(|| format!("{SETTINGS_FILE} at the workspace's root"), |file| file.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::skill::Settings;

    fn provider(api_key_env: Option<&str>) -> ProviderSettings {
        ProviderSettings {
            kind: crate::skill::ProviderKind::find("openai").unwrap(),
            base_url: Some("http://127.0.0.1:1/v1".parse().unwrap()),
            model: "m".into(),
            api_key_env: api_key_env.map(str::to_owned),
        }
    }

    fn settings(providers: &[&str], real: Option<&str>, lead: Option<&str>) -> AiSettings {
        AiSettings {
            real: real.map(str::to_owned),
            lead: lead.map(str::to_owned),
            providers: providers.iter().map(|name| ((*name).to_owned(), provider(None))).collect(),
            ..Settings::default().ai
        }
    }

    /// The labels of the lead and of the shadows.
    fn labels(settings: &AiSettings, mode: &str) -> Result<(String, Vec<String>), AiConfigError> {
        let AiChoice { lead, shadows } = choose_with(settings, mode, &|_| None)?;
        Ok((lead.label(), shadows.iter().map(|shadow| shadow.label()).collect()))
    }

    #[test]
    fn the_mode_and_the_settings_decide_who_leads_and_who_is_asked_beside() {
        let (two, one) = (["a", "b"], ["a"]);
        for (settings, mode, lead, shadows) in [
            (settings(&[], None, None), "mock", "mock", vec![]),
            (settings(&two, Some("b"), None), "mock", "mock", vec![]),
            (settings(&two, Some("b"), None), "real", "b (m)", vec![]),
            (settings(&one, None, None), "real", "a (m)", vec![]),
            (settings(&two, None, None), "b", "b (m)", vec![]),
            (settings(&one, None, None), "both", "mock", vec!["a (m)"]),
            (settings(&two, Some("b"), None), "both", "mock", vec!["b (m)"]),
            (settings(&two, Some("b"), Some("b")), "both", "b (m)", vec!["mock"]),
            (settings(&two, Some("b"), Some("real")), "both", "b (m)", vec!["mock"]),
            (settings(&two, Some("b"), Some("a")), "both", "a (m)", vec!["mock", "b (m)"]),
            (settings(&two, None, Some("a")), "both", "a (m)", vec!["mock"]),
        ] {
            let expected = (lead.to_owned(), shadows.into_iter().map(str::to_owned).collect());
            assert_eq!(labels(&settings, mode), Ok(expected), "{mode} under {settings:?}");
        }
    }

    #[test]
    fn real_without_a_provider_tells_what_to_write_where() {
        for mode in ["real", "both"] {
            let failure: Failure = labels(&settings(&[], None, None), mode).unwrap_err().into();
            assert_eq!(
                (failure.kind.as_ref(), failure.message.as_str()),
                ("no-real-provider", "no real AI provider is configured")
            );
            let hint = failure.hint.unwrap();
            assert!(hint.starts_with("write for example into skillscope.toml at the workspace's root:\n[ai]\n"), "{hint}");
        }
        let several = AiSettings { file: Some("/w/skillscope.toml".into()), ..settings(&["a", "b"], None, None) };
        let failure: Failure = labels(&several, "real").unwrap_err().into();
        assert_eq!(failure.message, "several AI providers are configured and none of them is named as `real`: a, b");
        let hint = "write `real = \"a\"` under [ai] in /w/skillscope.toml, or choose one by name: --ai a";
        assert_eq!(failure.hint.as_deref(), Some(hint));
    }

    #[test]
    fn the_example_in_the_hint_can_be_used_as_it_stands() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(SETTINGS_FILE);
        std::fs::write(&path, EXAMPLE).unwrap();
        let settings = Settings::load(&path).unwrap();
        assert_eq!(labels(&settings.ai, "real").unwrap().0, "local (llama3.2)");
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest() {
        let failure: Failure = labels(&settings(&["local"], None, None), "loacl").unwrap_err().into();
        assert_eq!((failure.kind.as_ref(), failure.message.as_str()), ("unknown-provider", "there is no AI provider \"loacl\""));
        assert_eq!(failure.hint.as_deref(), Some("did you mean local?"));
        let failure: Failure = labels(&settings(&["local"], None, None), "zzzzz").unwrap_err().into();
        assert_eq!(failure.hint.as_deref(), Some("known here: mock, real, both, local"));
    }

    #[test]
    fn a_missing_key_refuses_the_lead_and_not_a_shadow() {
        let mut settings = settings(&[], Some("a"), None);
        settings.providers.insert("a".into(), provider(Some("A_KEY")));
        for (mode, lead) in [("real", None), ("a", None), ("both", Some("a"))] {
            settings.lead = lead.map(str::to_owned);
            let failure: Failure = labels(&settings, mode).unwrap_err().into();
            assert_eq!(failure.message, "the AI provider \"a\" has no key: the environment variable A_KEY is not set");
            assert_eq!(
                (failure.kind.as_ref(), failure.hint.as_deref()),
                ("no-key", Some("set A_KEY to the provider's key, or use --ai mock"))
            );
        }
        settings.lead = None;
        assert_eq!(labels(&settings, "both").unwrap(), ("mock".into(), vec!["a (m)".into()]));
        let keyed = choose_with(&settings, "real", &|name| (name == "A_KEY").then(|| "k".to_owned()));
        assert!(keyed.is_ok());
    }
}
