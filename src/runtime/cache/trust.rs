//! Whether a directory and its files are the user's own: what is loaded from them is run as native code.

use super::CacheError;
use std::fs::{File, Metadata};
use std::path::Path;

/// Checks that nobody else may put a file into a directory (a link is followed).
pub(super) fn check_directory(path: &Path) -> Result<(), CacheError> {
    let metadata = std::fs::metadata(path).map_err(|source| CacheError::io(path, source))?;
    if !metadata.is_dir() {
        return Err(CacheError::NotADirectory { path: path.to_owned() });
    }
    check_owner(path, &metadata)
}

/// Checks that an open file is a plain one that nobody else may write.
pub(super) fn check_file(path: &Path, file: &File) -> Result<Metadata, CacheError> {
    let metadata = file.metadata().map_err(|source| CacheError::io(path, source))?;
    if !metadata.is_file() {
        return Err(CacheError::io(path, std::io::ErrorKind::InvalidData.into()));
    }
    check_owner(path, &metadata)?;
    Ok(metadata)
}

/// Opens a file without following a link and without waiting for the other end of a pipe.
pub(super) fn open(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
        options.custom_flags(i32::try_from(flags).map_err(std::io::Error::other)?);
    }
    options.open(path)
}

/// Makes the directory, and those above it that are missing, for the user alone.
pub(super) fn make_directory(path: &Path) -> Result<(), CacheError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path).map_err(|source| CacheError::io(path, source))
}

#[cfg(unix)]
fn check_owner(path: &Path, metadata: &Metadata) -> Result<(), CacheError> {
    use std::os::unix::fs::MetadataExt;
    const OTHERS_MAY_WRITE: u32 = 0o022;
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(CacheError::ForeignOwner { path: path.to_owned(), owner: metadata.uid() });
    }
    if metadata.mode() & OTHERS_MAY_WRITE != 0 {
        return Err(CacheError::WritableByOthers { path: path.to_owned(), mode: metadata.mode() & 0o7777 });
    }
    Ok(())
}

/// Elsewhere a user's cache directory is private by the system's own rules.
#[cfg(not(unix))]
fn check_owner(_path: &Path, _metadata: &Metadata) -> Result<(), CacheError> {
    Ok(())
}
