//! Reading the keys of the settings, and what each of them must hold.

use super::{
    AiSettings, MockAnswer, MockMatch, MockRule, PROVIDER_KINDS, ProviderKind, ProviderSettings, RECORD_PROVIDER, Settings,
};
use crate::event::DEFAULT_MAX_MODULE_BYTES;
use crate::skill::limit::parse_module_limit;
use crate::skill::nearest_name::nearest_name;
use crate::skill::table_reader::{Item, TableReader};
use crate::skill::toml_source::{Reported, TomlError, TomlProblem, TomlProblemKind, read_toml};
use regex::Regex;
use std::path::Path;
use std::time::Duration;
use unicode_width::UnicodeWidthStr as _;
use url::Url;

/// Names of providers that `--ai` and `lead` give another meaning.
const RESERVED_NAMES: [&str; 3] = ["mock", "real", "both"];

/// Reads settings from the text of `path`.
pub(super) fn settings(path: &Path, text: &str) -> Result<Settings, TomlError> {
    let read = read_toml(path, text, |root| {
        let ai = root.optional("ai", ai);
        let max_module_bytes = root.optional("limits", limits);
        let workbench = root.optional("workbench", super::workbench::workbench);
        Ok(Settings {
            ai: ai?.unwrap_or_default(),
            max_module_bytes: max_module_bytes?.unwrap_or(DEFAULT_MAX_MODULE_BYTES),
            workbench: workbench?.unwrap_or_default(),
        })
    });
    match read {
        Ok(mut settings) => {
            settings.ai.file = Some(path.to_owned());
            for name in [&mut settings.ai.real, &mut settings.ai.lead].into_iter().flatten() {
                beside(path, name);
            }
            Ok(settings)
        }
        Err(mut error) => {
            error.problems.iter_mut().for_each(hide_secrets);
            Err(error)
        }
    }
}

/// A record is named by its path from the settings' directory.
fn beside(settings: &Path, name: &mut String) {
    if let (Some(file), Some(directory)) = (name.strip_prefix(RECORD_PROVIDER), settings.parent()) {
        *name = format!("{RECORD_PROVIDER}{}", directory.join(file).display());
    }
}

fn limits(item: &Item<'_>) -> Result<u64, Reported> {
    let mut table = item.table()?;
    let max_module = table.optional("max_module", |item| item.quantity(parse_module_limit));
    table.finish();
    Ok(max_module?.unwrap_or(DEFAULT_MAX_MODULE_BYTES))
}

fn ai(item: &Item<'_>) -> Result<AiSettings, Reported> {
    let mut table = item.table()?;
    let providers = table.optional("providers", providers);
    let names: Vec<&str> = providers.iter().flatten().flatten().map(|(name, _)| *name).collect();
    let real = table.optional("real", |item| reference(item, &names, &[]));
    let lead = table.optional("lead", |item| reference(item, &names, &["mock", "real"]));
    let mock = table.optional("mock", mock_rules);
    table.finish();
    let providers = providers?.unwrap_or_default().into_iter();
    Ok(AiSettings {
        file: None,
        real: real?,
        lead: lead?,
        providers: providers.map(|(name, provider)| Ok((name.to_owned(), provider?))).collect::<Result<_, _>>()?,
        mock: mock?.unwrap_or_default(),
    })
}

/// A name of one of the providers, or one of some other words.
fn reference(item: &Item<'_>, providers: &[&str], others: &[&str]) -> Result<String, Reported> {
    let name = item.string()?;
    let is_record = name.strip_prefix(RECORD_PROVIDER).is_some_and(|file| !file.is_empty());
    if is_record || providers.contains(&name) || others.contains(&name) {
        return Ok(name.to_owned());
    }
    let known = || providers.iter().chain(others).copied();
    let hint = match nearest_name(name, known()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None if providers.is_empty() => "configure it: [ai.providers.NAME] with `kind` and `model`".to_owned(),
        None => format!("known here: {}", known().collect::<Vec<_>>().join(", ")),
    };
    Err(item.bad_value(format_args!("there is no provider {name:?}"), Some(hint)))
}

/// All that are there, so that a reference to a faulty one is not taken for a second fault.
type NamedProviders<'d> = Vec<(&'d str, Result<ProviderSettings, Reported>)>;

fn providers<'d>(item: &Item<'d>) -> Result<NamedProviders<'d>, Reported> {
    let read = |(name, item): (&'d str, Item<'d>)| (name, provider_name(name, &item).and_then(|()| provider(&item)));
    Ok(item.table()?.into_items().into_iter().map(read).collect())
}

fn provider_name(name: &str, item: &Item<'_>) -> Result<(), Reported> {
    if RESERVED_NAMES.contains(&name) {
        let message = format_args!("a provider cannot have the name {name:?}: it has a meaning of its own");
        return Err(item.bad_key(message, Some("choose another name".to_owned())));
    }
    let usable =
        !name.is_empty() && !name.starts_with('-') && !name.starts_with(RECORD_PROVIDER) && !name.chars().any(char::is_control);
    if usable { Ok(()) } else { Err(item.bad_key("this is no name for a provider: --ai could not take it", None)) }
}

fn provider(item: &Item<'_>) -> Result<ProviderSettings, Reported> {
    let mut table = item.table()?;
    let kind = table.required("kind", "kind = \"openai\"", provider_kind);
    let base_url = table.optional("base_url", base_url);
    let model = table.required("model", "model = \"llama3.2\"", |item| match item.string()?.trim() {
        "" => Err(item.bad_value("a model's name is missing", None)),
        model => Ok(model.to_owned()),
    });
    let api_key_env = table.optional("api_key_env", variable_name);
    table.finish();
    Ok(ProviderSettings { kind: kind?, base_url: base_url?, model: model?, api_key_env: api_key_env? })
}

fn provider_kind(item: &Item<'_>) -> Result<ProviderKind, Reported> {
    let word = item.string()?;
    ProviderKind::find(word).ok_or_else(|| {
        let hint = match nearest_name(word, PROVIDER_KINDS.iter().copied()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("known kinds: {}; most servers speak \"openai\"", PROVIDER_KINDS.join(", ")),
        };
        item.bad_value(format_args!("unknown kind {word:?}"), Some(hint))
    })
}

fn base_url(item: &Item<'_>) -> Result<Url, Reported> {
    let hint = || Some("write it for example so: \"http://127.0.0.1:11434/v1\"".to_owned());
    let url = match Url::parse(item.string()?.trim()) {
        Ok(url) => url,
        Err(error) => return Err(item.bad_value(format_args!("not a URL: {error}"), hint())),
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(item.bad_value("the URL must begin with http:// or https://", hint()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(item.bad_value("a name or password does not belong in the URL", key_hint()));
    }
    if url.fragment().is_some() {
        return Err(item.bad_value("a part after # does not belong in the URL", None));
    }
    Ok(url)
}

fn variable_name(item: &Item<'_>) -> Result<String, Reported> {
    let name = item.string()?;
    let usable = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if usable { Ok(name.to_owned()) } else { Err(item.bad_value("this is no name of an environment variable", key_hint())) }
}

fn key_hint() -> Option<String> {
    Some("put the key into an environment variable and write the variable's name: api_key_env = \"MY_KEY\"".to_owned())
}

fn mock_rules(item: &Item<'_>) -> Result<Vec<MockRule>, Reported> {
    let rules: Vec<_> = item.array()?.iter().map(mock_rule).collect();
    rules.into_iter().collect()
}

fn mock_rule(item: &Item<'_>) -> Result<MockRule, Reported> {
    let mut table = item.table()?;
    let matches = mock_match(&mut table);
    let answer = mock_answer(&mut table);
    let delay = table.optional("delay", Item::duration);
    table.finish();
    Ok(MockRule { matches: matches?, answer: answer?, delay: delay?.unwrap_or(Duration::ZERO) })
}

fn mock_match(table: &mut TableReader<'_>) -> Result<MockMatch, Reported> {
    match (table.item("contains"), table.item("regex")) {
        (Some(text), None) => Ok(MockMatch::Contains(text.text()?)),
        (None, Some(expression)) => Ok(MockMatch::Regex(regex(&expression)?)),
        (Some(_), Some(second)) => Err(second.bad_key("a rule has either `contains` or `regex`, not both", None)),
        (None, None) => {
            let message = "a rule in [[ai.mock]] needs `contains` or `regex`";
            Err(table.report(TomlProblemKind::MissingKey, message, "for every prompt, write it: contains = \"\""))
        }
    }
}

fn mock_answer(table: &mut TableReader<'_>) -> Result<MockAnswer, Reported> {
    match (table.item("reply"), table.item("error")) {
        (Some(reply), None) => Ok(MockAnswer::Reply(reply.text()?)),
        (None, Some(error)) => Ok(MockAnswer::Error(error.text()?)),
        (Some(_), Some(second)) => Err(second.bad_key("a rule has either `reply` or `error`, not both", None)),
        (None, None) => {
            let message = "a rule in [[ai.mock]] needs `reply` or `error`";
            Err(table.report(TomlProblemKind::MissingKey, message, "write it: reply = \"Sunny.\""))
        }
    }
}

fn regex(item: &Item<'_>) -> Result<Regex, Reported> {
    Regex::new(item.string()?).map_err(|error| {
        let told = error.to_string();
        // Of several lines with a caret of their own, the last one says what is wrong.
        let why = told.lines().last().unwrap_or_default();
        item.bad_value(format_args!("not a regular expression: {}", why.strip_prefix("error: ").unwrap_or(why)), None)
    })
}

/// A key or password that was written into the file by mistake is not shown in the excerpt.
fn hide_secrets(problem: &mut TomlProblem) {
    let Some((source, carets)) = problem.excerpt.split_once('\n') else { return };
    let after_key = source.to_ascii_lowercase().find("key").and_then(|key| Some(key + source.get(key..)?.find('=')? + 1));
    let after_scheme = source.find("://").filter(|_| source.contains('@')).map(|scheme| scheme + "://".len());
    let Some(kept) = after_key.into_iter().chain(after_scheme).min().and_then(|end| source.get(..end)) else { return };
    let carets: String = carets.trim_end().chars().take(kept.width() + 2).collect();
    problem.excerpt = format!("{kept} …\n{carets}\n");
    if problem.kind == TomlProblemKind::WrongType {
        // Its hint repeats the value.
        problem.hint = None;
    }
}
