//! Settings, right and wrong, with the exact words of each refusal.

use super::*;

fn read(text: &str) -> Result<Settings, TomlError> {
    read::settings(Path::new("skillscope.toml"), text)
}

fn refused(text: &str) -> Failure {
    read(text).unwrap_err().into()
}

/// The only problem of a text, as `LINE:COLUMN message`, and its hint.
fn problem(text: &str) -> (String, Option<String>) {
    let error = read(text).unwrap_err();
    let [problem] = error.problems.as_slice() else { panic!("not one problem: {error}") };
    (format!("{}:{} {}", problem.line, problem.column, problem.message), problem.hint.clone())
}

const PROVIDER: &str = "[ai.providers.local]\nkind = \"openai\"\nmodel = \"m\"\n";

#[test]
fn everything_is_read() {
    let settings = read(
        r#"
        [ai]
        real = "local"
        lead = "mock"

        [ai.providers.local]
        kind = "openai"
        base_url = "http://127.0.0.1:11434/v1"
        model = "llama3.2"
        api_key_env = "LOCAL_KEY"

        [[ai.mock]]
        contains = "weather"
        reply = "Sunny."

        [[ai.mock]]
        regex = "^(?i)fail"
        error = "no luck"
        delay = "2s"

        [limits]
        max_module = "10MiB"

        [workbench]
        auto_run = false
        on_save = "wait"
        theme = "light"
        ascii = true
        panel = "output"
        trace_entries = 1_000
        trace_bytes = "2MiB"
        "#,
    )
    .unwrap();
    assert_eq!(settings.max_module_bytes, 10 << 20);
    let workbench = WorkbenchSettings {
        auto_run: false,
        on_save: crate::event::OnSave::Wait,
        theme: Some("light".into()),
        ascii: true,
        panel: Some("output".into()),
        trace_entries: 1_000,
        trace_bytes: 2 << 20,
    };
    assert_eq!(settings.workbench, workbench);
    let AiSettings { file, real, lead, providers, mock } = settings.ai;
    assert_eq!(file.as_deref(), Some(Path::new("skillscope.toml")));
    assert_eq!((real.as_deref(), lead.as_deref()), (Some("local"), Some("mock")));
    let local = ProviderSettings {
        kind: ProviderKind::find("openai").unwrap(),
        base_url: Some("http://127.0.0.1:11434/v1".parse().unwrap()),
        model: "llama3.2".into(),
        api_key_env: Some("LOCAL_KEY".into()),
    };
    assert_eq!(providers, [("local".to_owned(), local)].into());
    let [sunny, luck] = mock.as_slice() else { panic!("{mock:?}") };
    assert!(sunny.fits("the weather") && !sunny.fits("the Weather"));
    assert!(luck.fits("Failure") && !luck.fits("a failure"));
    assert_eq!(luck.answer, MockAnswer::Error("no luck".into()));
    assert_eq!((sunny.delay.as_secs(), luck.delay.as_secs()), (0, 2));
}

#[test]
fn an_empty_file_gives_the_defaults() {
    let settings = read("").unwrap();
    assert_eq!(settings.max_module_bytes, 100 << 20);
    assert!(settings.ai.providers.is_empty() && settings.ai.mock.is_empty() && settings.ai.real.is_none());
}

#[test]
fn an_unknown_key_is_shown_with_its_place_and_the_nearest_one() {
    let failure = refused("[ai.providers.local]\nkind = \"openai\"\nmodel = \"m\"\nbase-url = \"http://h\"\n");
    assert_eq!(failure.kind, "unknown-key");
    let message = "skillscope.toml:4:1: unknown key `base-url` in [ai.providers.local]\n\
                   4 | base-url = \"http://h\"\n  | ^^^^^^^^";
    assert_eq!(failure.message, message);
    assert_eq!(failure.hint.as_deref(), Some("did you mean `base_url`?"));
}

#[test]
fn unknown_keys_are_found_at_every_level() {
    assert_eq!(problem("[aii]\n"), ("1:2 unknown key `aii` at the top level".into(), Some("did you mean `ai`?".into())));
    assert_eq!(problem("[ai]\nreel = \"x\"\n"), ("2:1 unknown key `reel` in [ai]".into(), Some("did you mean `real`?".into())));
    assert_eq!(problem("[limits]\nmax_modul = 1\n").0, "2:1 unknown key `max_modul` in [limits]");
    let rule = "[[ai.mock]]\ncontains = \"a\"\nreply = \"b\"\ndealy = \"2s\"\n";
    assert_eq!(problem(rule), ("4:1 unknown key `dealy` in [ai.mock]".into(), Some("did you mean `delay`?".into())));
}

#[test]
fn a_provider_needs_kind_and_model() {
    let error = read("[ai.providers.local]\n").unwrap_err();
    let messages: Vec<&str> = error.problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(
        messages,
        ["the key `kind` is missing in [ai.providers.local]", "the key `model` is missing in [ai.providers.local]"]
    );
    assert_eq!(
        problem("[ai.providers.x]\nkind = \"openai\"\nmodel = \" \"\n").0,
        "3:9 `ai.providers.x.model`: a model's name is missing"
    );
}

#[test]
fn an_unknown_kind_is_answered_with_the_nearest() {
    let (message, hint) = problem("[ai.providers.x]\nkind = \"antropic\"\nmodel = \"m\"\n");
    assert_eq!(message, "2:8 `ai.providers.x.kind`: unknown kind \"antropic\"");
    assert_eq!(hint.unwrap(), "did you mean \"anthropic\"?");
    let (_, hint) = problem("[ai.providers.x]\nkind = \"zzzzzz\"\nmodel = \"m\"\n");
    assert!(hint.unwrap().starts_with("known kinds: openai, openai_resp, "));
}

#[test]
fn reserved_names_are_no_providers() {
    for name in ["mock", "real", "both"] {
        let (message, _) = problem(&format!("[ai.providers.{name}]\nkind = \"openai\"\nmodel = \"m\"\n"));
        let expected = format!("`ai.providers.{name}`: a provider cannot have the name {name:?}: it has a meaning of its own");
        assert_eq!(message, format!("1:15 {expected}"));
    }
    assert!(problem("[ai.providers.-x]\nkind = \"openai\"\nmodel = \"m\"\n").0.contains("no name for a provider"));
}

#[test]
fn real_and_lead_name_a_provider_that_exists() {
    let (message, hint) = problem(&format!("[ai]\nreal = \"locla\"\n{PROVIDER}"));
    assert_eq!(message, "2:8 `ai.real`: there is no provider \"locla\"");
    assert_eq!(hint.unwrap(), "did you mean \"local\"?");
    assert_eq!(problem("[ai]\nreal = \"mock\"\n").0, "2:8 `ai.real`: there is no provider \"mock\"");
    assert_eq!(problem(&format!("[ai]\nlead = \"xyz\"\n{PROVIDER}")).1.unwrap(), "known here: local, mock, real");
    for lead in ["mock", "real", "local"] {
        assert!(read(&format!("[ai]\nlead = \"{lead}\"\n{PROVIDER}")).is_ok());
    }
}

#[test]
fn a_reference_to_a_faulty_provider_is_not_a_second_problem() {
    let text = "[ai]\nreal = \"local\"\n[ai.providers.local]\nkind = \"opnai\"\nmodel = \"m\"\n";
    assert_eq!(problem(text).0, "4:8 `ai.providers.local.kind`: unknown kind \"opnai\"");
}

#[test]
fn a_base_url_is_one_of_the_web() {
    for (url, why) in [
        ("127.0.0.1:11434", "not a URL: relative URL without a base"),
        ("ftp://h/v1", "the URL must begin with http:// or https://"),
        ("localhost:1/v1", "the URL must begin with http:// or https://"),
        ("http://", "not a URL: empty host"),
        ("http://h/#a", "a part after # does not belong in the URL"),
        ("https://me:pw@h/", "a name or password does not belong in the URL"),
    ] {
        let (message, _) = problem(&format!("{PROVIDER}base_url = \"{url}\"\n"));
        assert_eq!(message, format!("4:12 `ai.providers.local.base_url`: {why}"));
    }
}

#[test]
fn a_secret_in_the_file_is_not_repeated() {
    let pasted = refused(&format!("{PROVIDER}api_key_env = \"sk-s3cret\"\n"));
    assert_eq!(
        pasted.message,
        "skillscope.toml:4:15: `ai.providers.local.api_key_env`: this is no name of an environment variable\n\
         4 | api_key_env = …\n  |               ^"
    );
    assert!(pasted.hint.unwrap().contains("api_key_env = \"MY_KEY\""));
    let unknown = refused(&format!("{PROVIDER}api_key = \"sk-s3cret\"\n"));
    assert!(unknown.message.ends_with("4 | api_key = …\n  | ^^^^^^^"), "{}", unknown.message);
    assert_eq!(unknown.hint.as_deref(), Some("did you mean `api_key_env`?"));
    for text in
        ["base_url = \"https://me:s3cret@h/\"", "x = { api_key = 's3cret' }", "API_KEY = s3cret", "api_key_env = [ \"s3cret\" ]"]
    {
        let failure = refused(&format!("{PROVIDER}{text}\n"));
        assert!(!failure.message.contains("s3cret"), "{}", failure.message);
    }
}

#[test]
fn a_mock_rule_has_one_condition_and_one_answer() {
    let rule = |body: &str| problem(&format!("[[ai.mock]]\n{body}"));
    let message = |body: &str| rule(body).0;
    assert_eq!(message("reply = \"b\"\n"), "1:1 a rule in [[ai.mock]] needs `contains` or `regex`");
    assert_eq!(message("contains = \"a\"\n"), "1:1 a rule in [[ai.mock]] needs `reply` or `error`");
    assert_eq!(
        message("contains = \"a\"\nregex = \"b\"\nreply = \"c\"\n"),
        "3:1 `ai.mock.regex`: a rule has either `contains` or `regex`, not both"
    );
    assert_eq!(
        message("contains = \"a\"\nreply = \"b\"\nerror = \"c\"\n"),
        "4:1 `ai.mock.error`: a rule has either `reply` or `error`, not both"
    );
    assert_eq!(message("regex = \"a(b\"\nreply = \"\"\n"), "2:9 `ai.mock.regex`: not a regular expression: unclosed group");
    let too_large = "regex = '(\\w{100}){100}{100}'\nreply = ''\n";
    assert!(message(too_large).contains("not a regular expression: "), "{}", message(too_large));
    assert!(message("contains = \"a\"\nreply = \"b\"\ndelay = \"2\"\n").contains("4:9 `ai.mock.delay`: a duration needs a unit"));
}

#[test]
fn the_module_limit_is_a_size_above_zero() {
    assert_eq!(read("[limits]\nmax_module = 1024\n").unwrap().max_module_bytes, 1024);
    assert_eq!(
        problem("[limits]\nmax_module = 0\n").0,
        "2:14 `limits.max_module`: no module is that small; write it for example so: 100MiB"
    );
    assert!(problem("[limits]\nmax_module = \"big\"\n").0.starts_with("2:14 `limits.max_module`: not a size"));
}

#[test]
fn what_the_workbench_begins_with_is_checked() {
    let (message, hint) = problem("[workbench]\non_save = \"wiat\"\n");
    assert_eq!(message, "2:11 `workbench.on_save`: there is no \"wiat\" here");
    assert_eq!(hint.unwrap(), "did you mean \"wait\"?");
    assert_eq!(problem("[workbench]\npanel = \"xyz\"\n").1.unwrap(), format!("known here: {}", PANELS.join(", ")));
    assert!(problem("[workbench]\ntrace_entries = 5\n").0.ends_with("the screen keeps 100 to 1000000 entries"));
    assert!(problem("[workbench]\ntrace_bytes = \"1KiB\"\n").0.ends_with("the screen keeps 1MiB to 4GiB"));
    assert_eq!(read("[workbench]\ntheme = \"auto\"\n").unwrap().workbench, WorkbenchSettings::default());
}

#[test]
fn a_file_that_is_no_toml_is_told_where() {
    let failure = refused("[ai\nreal = 1\n");
    assert_eq!(failure.kind, "syntax");
    assert!(failure.message.starts_with("skillscope.toml:1:4: not valid TOML: "), "{}", failure.message);
}

#[test]
fn a_missing_file_is_an_error_of_reading() {
    let directory = tempfile::tempdir().unwrap();
    let error = Settings::load(&directory.path().join("skillscope.toml")).unwrap_err();
    assert_eq!(Failure::from(error).kind, "no-such-file");
}
