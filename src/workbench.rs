//! The workbench as a process: the terminal is taken over, a session is opened on the workspace, and the screen reads its events.

use crate::cli::{Cli, ThemeChoice};
use crate::exit::Exit;
use crate::fault::Fault;
use crate::{panic_report, setup};
use skillscope::event::KeptInput;
use skillscope::host::store::{MemoryStore, RedbStore, StoreOpenError, ValueStore};
use skillscope::session::{Command, Session, SessionError, WorkbenchStart};
use skillscope::skill::{Settings, StateDirectoryError, WorkbenchSettings, Workspace};
use skillscope::ui::{self, BindingError, Bindings, Ended, Model, Panel, Screen, Theme, ThemeName};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file of the workspace's stored values, in its state directory.
const STORE: &str = "memory.redb";
/// The file that tells of faults, there.
const LOG: &str = "skillscope.log";
/// The file of the user's own keys, in the user's configuration directory.
const KEYS: &str = "keys.toml";

/// Why the keys of the user's file are not taken.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// It cannot be read.
    #[error("cannot read the keys {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is not as it should be.
    #[error("the keys {}: {source}", path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: toml_edit::de::Error,
    },
    /// A word in it means nothing.
    #[error("the keys {}: {source}", path.display())]
    Binding {
        /// The file.
        path: PathBuf,
        /// Which, and why.
        source: BindingError,
    },
}

/// Runs the workbench until the user leaves.
///
/// # Errors
/// What keeps it from opening; nothing was taken over or left behind then.
pub fn run(cli: &Cli) -> Result<Exit, Fault> {
    let bindings = bindings(cli.screen.keys.as_deref())?;
    let directories = if cli.directories.is_empty() { vec![PathBuf::from(".")] } else { cli.directories.clone() };
    if let Some(missing) = directories.iter().find(|directory| !directory.exists()) {
        return Err(Fault::NoDirectory { path: missing.clone() });
    }
    let workspace = Workspace::find(&directories);
    // Before anything is made in the workspace: without a terminal nothing shall be.
    Screen::check()?;
    let (store, trouble) = store(cli.services.store.as_deref(), &workspace)?;
    let session = Session::start(setup::session_config(cli, None, store))?;
    // The session has read them already, so that what is wrong with them was told.
    let settings = match &workspace.settings_path {
        Some(path) => Settings::load(path).map_err(SessionError::from)?.workbench,
        None => WorkbenchSettings::default(),
    };
    let theme = Theme::new(
        theme_name(cli.screen.theme, settings.theme.as_deref()),
        cli.screen.ascii || settings.ascii || !speaks_unicode(),
    );
    let mut model = Model::new(shown_place(&workspace.root), bindings, theme);
    model.trace_bounds = (settings.trace_entries, settings.trace_bytes);
    model.panel = settings.panel.as_deref().and_then(Panel::named).unwrap_or_default();
    if let Some(trouble) = trouble {
        model.notice(&trouble);
    }
    session.commander().send(Command::OpenWorkbench(Box::new(start(cli))));
    let mut screen = Screen::open(panic_report::to_file(workspace.state_path().join(LOG)))?;
    let ended = ui::run(&mut screen, &session, &mut model);
    drop(screen);
    match ended? {
        Ended::Quit | Ended::SessionGone => Ok(Exit::Ok),
        Ended::Signal(number) => Ok(Exit::Signal(u8::try_from(number).unwrap_or(15))),
    }
}

fn start(cli: &Cli) -> WorkbenchStart {
    let typed = (cli.given.input != "null" && !cli.given.input.starts_with('@') && cli.given.input != "-")
        .then(|| cli.given.input.clone());
    WorkbenchStart {
        overrides: setup::overrides(cli),
        seed: cli.around.seed,
        auto_run: !cli.screen.no_auto_run,
        input: typed.map(|document| KeptInput { document, event: cli.given.event.clone() }),
    }
}

/// The workspace's own store; while another program has it open, values are kept in memory, and that is told.
fn store(path: Option<&Path>, workspace: &Workspace) -> Result<(Arc<dyn ValueStore>, Option<String>), Fault> {
    let path = match path {
        Some(path) => path.to_owned(),
        None => match workspace.state_directory() {
            Ok(directory) => directory.join(STORE),
            Err(error @ StateDirectoryError { .. }) => {
                return Ok((Arc::new(MemoryStore::new()), Some(format!("stored values are kept in memory only: {error}"))));
            }
        },
    };
    match RedbStore::open(&path) {
        Ok(store) => Ok((Arc::new(store), None)),
        Err(error @ StoreOpenError::InUse { .. }) => {
            Ok((Arc::new(MemoryStore::new()), Some(format!("stored values are kept in memory only: {error}"))))
        }
        Err(error) => Err(error.into()),
    }
}

/// The keys in force: those of the file that is named, or of the user's own where there is one.
fn bindings(named: Option<&Path>) -> Result<Bindings, KeysError> {
    let own = dirs::config_dir().map(|directory| directory.join("skillscope").join(KEYS)).filter(|path| path.is_file());
    let Some(path) = named.map(Path::to_owned).or(own) else { return Ok(Bindings::default()) };
    let text = std::fs::read_to_string(&path).map_err(|source| KeysError::Unreadable { path: path.clone(), source })?;
    let user: BTreeMap<String, BTreeMap<String, String>> =
        toml_edit::de::from_str(&text).map_err(|source| KeysError::Toml { path: path.clone(), source })?;
    Bindings::with(&user).map_err(|source| KeysError::Binding { path, source })
}

/// The flag wins, then the user's `NO_COLOR`, then the setting, then what the terminal tells.
fn theme_name(choice: Option<ThemeChoice>, setting: Option<&str>) -> ThemeName {
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    match choice {
        Some(ThemeChoice::Dark) => ThemeName::Dark,
        Some(ThemeChoice::Light) => ThemeName::Light,
        Some(ThemeChoice::None) => ThemeName::None,
        None if no_colour => ThemeName::None,
        None if setting.is_some() => match setting {
            Some("light") => ThemeName::Light,
            Some("none") => ThemeName::None,
            _ => ThemeName::Dark,
        },
        // Some terminals tell their background: the last number is its colour, and 7 and 15 are white.
        None => match std::env::var("COLORFGBG").ok().and_then(|value| value.rsplit(';').next().map(str::to_owned)).as_deref() {
            Some("7" | "15") => ThemeName::Light,
            _ => ThemeName::Dark,
        },
    }
}

/// Whether the user's locale has more than ASCII; where none is set, terminals of today do.
fn speaks_unicode() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let is_dumb = std::env::var("TERM").is_ok_and(|term| term == "linux" || term == "dumb");
    !is_dumb
        && set.is_none_or(|locale| {
            let locale = locale.to_lowercase();
            locale.contains("utf-8") || locale.contains("utf8") || locale == "c" || locale == "posix"
        })
}

/// A directory as people write it: `~` for their home.
fn shown_place(root: &Path) -> String {
    let absolute = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let home = dirs::home_dir().and_then(|home| absolute.strip_prefix(&home).ok().map(|rest| Path::new("~").join(rest)));
    home.unwrap_or(absolute).display().to_string()
}
