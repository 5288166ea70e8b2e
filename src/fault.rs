//! What ends the program before or beside a run, in words and with its exit code.

use crate::exit::Exit;
use crate::input::InputError;
use crate::workbench::KeysError;
use skillscope::event::Failure;
use skillscope::host::replay::ReplayError;
use skillscope::host::store;
use skillscope::record::{ExportError, RecordError};
use skillscope::session::SessionError;
use skillscope::ui::ScreenError;
use std::path::PathBuf;

/// Such an end.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error(transparent)]
    Input(#[from] InputError),
    #[error(transparent)]
    Screen(#[from] ScreenError),
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error(transparent)]
    Replay(#[from] ReplayError),
    #[error("{} is there and is no record of a run: it is left as it is", path.display())]
    NotOurs { path: PathBuf },
    #[error("{} is being written by another run", path.display())]
    Recording { path: PathBuf },
    #[error(transparent)]
    NoCase(ExportError),
    #[error("--export takes one record")]
    OneRecord,
    #[error("{} is the record itself: name another file to write to", path.display())]
    OntoItself { path: PathBuf },
    #[error("the record {} does not tell where its skill was", path.display())]
    NoSkill { path: PathBuf },
    #[error("there is no directory {}", path.display())]
    NoDirectory { path: PathBuf },
    #[error("no cache directory: this user has none, since neither XDG_CACHE_HOME nor HOME is set")]
    NoCacheDirectory,
    #[error("cannot empty the cache {}: {error}", path.display())]
    CacheDirectory { path: PathBuf, error: std::io::Error },
    #[error(transparent)]
    Store(#[from] store::StoreOpenError),
    #[error(transparent)]
    Values(#[from] store::StoreError),
    #[error("{}: {error}", path.display())]
    StoreFile { path: PathBuf, error: store::StoreJsonError },
    #[error("cannot read {}: {error}", path.display())]
    Unreadable { path: PathBuf, error: std::io::Error },
    #[error("cannot write {}: {error}", path.display())]
    Unwritable { path: PathBuf, error: std::io::Error },
    #[error("cannot write the report: {0}")]
    Report(#[from] std::io::Error),
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl From<ExportError> for Fault {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Record(error) => Self::Record(error),
            ExportError::Write(error) => Self::Report(error),
            error @ ExportError::NoCase { .. } => Self::NoCase(error),
        }
    }
}

impl Fault {
    /// What to do about it, where its floor knows.
    pub fn hint(self) -> Option<String> {
        match self {
            Self::Session(error) => Failure::from(error).hint,
            Self::Store(error) => Failure::from(error).hint,
            Self::StoreFile { error, .. } => Failure::from(error).hint,
            Self::Screen(ScreenError::NoTerminal(_)) => {
                Some("skillscope --run NAME runs a skill without a screen; --help tells all the rest".to_owned())
            }
            Self::Record(error) => Failure::from(error).hint,
            Self::Replay(error) => Failure::from(error).hint,
            Self::NotOurs { .. } => Some("name another file, or delete this one".to_owned()),
            Self::NoSkill { path } => Some(format!("name the skill: --replay {} NAME", path.display())),
            _ => None,
        }
    }

    /// The code that the program ends with.
    pub const fn exit(&self) -> Exit {
        match self {
            Self::Input(_)
            | Self::Session(SessionError::Settings(_) | SessionError::Ai(_))
            | Self::Screen(ScreenError::NoTerminal(_))
            | Self::Keys(_)
            | Self::NoCacheDirectory
            | Self::CacheDirectory { .. }
            | Self::Store(_)
            | Self::Values(_)
            | Self::StoreFile { .. }
            | Self::Record(_)
            | Self::Replay(_)
            | Self::NotOurs { .. }
            | Self::Recording { .. }
            | Self::NoSkill { .. }
            | Self::OneRecord
            | Self::NoCase(_)
            | Self::OntoItself { .. }
            | Self::Unreadable { .. }
            | Self::Unwritable { .. } => Exit::Usage,
            Self::NoDirectory { .. } => Exit::Manifest,
            Self::Screen(ScreenError::Io(_)) | Self::Report(_) | Self::Session(SessionError::Thread(_)) => Exit::Internal,
        }
    }
}
