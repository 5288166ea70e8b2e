//! What WASI shows to a skill, checked and opened before the run.

use super::clocks::{GuestRandom, clocks};
use super::directory::Directory;
use super::link::RunLink;
use super::poll::Scheduler;
use super::stdio::{Output, Stdin, Stream};
use crate::event::Failure;
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use std::path::PathBuf;
use std::sync::Arc;
use wasi_common::{StringArrayError, Table, WasiCtx};

/// A host directory that a command may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preopen {
    /// The directory on the host.
    pub host: PathBuf,
    /// Its path in the guest.
    pub guest: String,
    /// Whether the guest may write there.
    pub writable: bool,
}

/// What WASI shows to a skill.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WasiSetup {
    /// The arguments, `args[0]` first.
    pub arguments: Vec<String>,
    /// The environment.
    pub environment: Vec<(String, String)>,
    /// The directories.
    pub directories: Vec<Preopen>,
    /// Standard input.
    pub stdin: Vec<u8>,
}

/// Why WASI cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum WasiSetupError {
    /// A directory cannot be opened.
    #[error("cannot open the directory {} (for the guest: {guest}): {source}", path.display())]
    Directory {
        /// Its path on the host.
        path: PathBuf,
        /// Its path in the guest.
        guest: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A string holds a NUL byte, which ends a string in the guest.
    #[error("{what} {text:?} holds a NUL byte")]
    Nul {
        /// What the string is: `argument 2`, `the environment variable`, `the guest path`.
        what: String,
        /// The string.
        text: String,
    },
    /// A variable's name is empty or holds a `=`.
    #[error("{name:?} cannot be the name of an environment variable")]
    VariableName {
        /// The name.
        name: String,
    },
    /// A directory has no path in the guest.
    #[error("the directory {} has an empty path in the guest", path.display())]
    EmptyGuestPath {
        /// Its path on the host.
        path: PathBuf,
    },
    /// The arguments or the environment are larger than a guest can address.
    #[error("the arguments or the environment are too large: {0}")]
    TooLarge(#[from] StringArrayError),
    /// The table of descriptors refuses a directory.
    #[error("no descriptor is left for the directory {}", path.display())]
    Descriptors {
        /// Its path on the host.
        path: PathBuf,
    },
}

impl From<WasiSetupError> for Failure {
    fn from(error: WasiSetupError) -> Self {
        let message = error.to_string();
        match error {
            WasiSetupError::Directory { .. } => Self::new("wasi-directory", message)
                .with_hint("check the path in [wasi] dirs of the skill.toml, or in --dir HOST::GUEST: it must be a directory that you may read"),
            WasiSetupError::EmptyGuestPath { .. } | WasiSetupError::Descriptors { .. } => Self::new("wasi-directory", message),
            WasiSetupError::Nul { .. } => Self::new("wasi-text", message).with_hint("remove the NUL byte: strings end there in the guest"),
            WasiSetupError::VariableName { .. } => {
                Self::new("wasi-text", message).with_hint("a variable's name has at least one character and no \"=\"")
            }
            WasiSetupError::TooLarge(_) => Self::new("wasi-text", message),
        }
    }
}

impl WasiSetup {
    /// Checks all strings, opens the directories, and puts streams, clock and randomness behind the link.
    pub(super) fn open(self, link: &Arc<RunLink>) -> Result<WasiCtx, WasiSetupError> {
        let random = Box::new(GuestRandom::new(Arc::clone(link)));
        let scheduler = Box::new(Scheduler::new(Arc::clone(link)));
        let mut context = WasiCtx::new(random, clocks(link), scheduler, Table::new());
        for (index, argument) in self.arguments.iter().enumerate() {
            refuse_nul(|| format!("argument {index}"), argument)?;
            context.push_arg(argument)?;
        }
        for (name, value) in &self.environment {
            if name.is_empty() || name.contains('=') {
                return Err(WasiSetupError::VariableName { name: name.clone() });
            }
            refuse_nul(|| "the environment variable".to_owned(), name)?;
            refuse_nul(|| format!("the environment variable {name}, set to"), value)?;
            context.push_env(name, value)?;
        }
        link.set_stdin(self.stdin);
        context.set_stdin(Box::new(Stdin::new(Arc::clone(link))));
        context.set_stdout(Box::new(Output::new(Stream::Stdout, Arc::clone(link))));
        context.set_stderr(Box::new(Output::new(Stream::Stderr, Arc::clone(link))));
        for preopen in self.directories {
            preopen.push(&context, link)?;
        }
        Ok(context)
    }
}

impl Preopen {
    fn push(self, context: &WasiCtx, link: &Arc<RunLink>) -> Result<(), WasiSetupError> {
        let Self { host: path, guest, writable } = self;
        if guest.is_empty() {
            return Err(WasiSetupError::EmptyGuestPath { path });
        }
        refuse_nul(|| "the guest path".to_owned(), &guest)?;
        match Dir::open_ambient_dir(&path, ambient_authority()) {
            Ok(dir) => context
                .push_preopened_dir(Box::new(Directory::preopened(dir, guest.clone(), writable, Arc::clone(link))), guest)
                .map_err(|_| WasiSetupError::Descriptors { path }),
            Err(source) => Err(WasiSetupError::Directory { path, guest, source }),
        }
    }
}

fn refuse_nul(what: impl FnOnce() -> String, text: &str) -> Result<(), WasiSetupError> {
    if text.contains('\0') { Err(WasiSetupError::Nul { what: what(), text: text.to_owned() }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::super::tests::link;
    use super::*;

    fn refused(setup: WasiSetup) -> Failure {
        match setup.open(&link()) {
            Ok(_) => panic!("it was accepted"),
            Err(error) => error.into(),
        }
    }

    #[test]
    fn strings_that_a_guest_would_misread_are_refused() {
        let failure = refused(WasiSetup { arguments: vec!["a".into(), "b\0c".into()], ..WasiSetup::default() });
        assert_eq!(failure.message, "argument 1 \"b\\0c\" holds a NUL byte");
        for (name, value) in [("A=B", ""), ("", "x"), ("N\0", "x"), ("N", "\0")] {
            let failure = refused(WasiSetup { environment: vec![(name.into(), value.into())], ..WasiSetup::default() });
            assert_eq!(failure.kind, "wasi-text", "{}", failure.message);
        }
    }

    #[test]
    fn a_directory_that_cannot_be_opened_is_named() {
        let preopen = Preopen { host: "/no/such/place".into(), guest: "/data".into(), writable: false };
        let failure = refused(WasiSetup { directories: vec![preopen], ..WasiSetup::default() });
        assert_eq!(failure.kind, "wasi-directory");
        assert!(failure.message.contains("/no/such/place") && failure.message.contains("/data"), "{}", failure.message);
        let file = tempfile::NamedTempFile::new().unwrap();
        let preopen = Preopen { host: file.path().to_owned(), guest: "/data".into(), writable: false };
        assert_eq!(refused(WasiSetup { directories: vec![preopen], ..WasiSetup::default() }).kind, "wasi-directory");
    }
}
