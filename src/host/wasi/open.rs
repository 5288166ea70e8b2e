//! Opening a path beneath a directory: regular files and directories, nothing that could block or act when it is opened.

use cap_fs_ext::{FollowSymlinks, OpenOptionsFollowExt, OpenOptionsMaybeDirExt};
use cap_std::fs::{Dir, File, FileType, OpenOptions};
use wasi_common::file::{FdFlags, OFlags};
use wasi_common::snapshots::preview_1::types::Errno;
use wasi_common::{Error, ErrorExt};

/// How a guest wants to open something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    pub follow: bool,
    pub flags: OFlags,
    pub read: bool,
    pub write: bool,
    pub fd_flags: FdFlags,
}

impl Wish {
    /// To read what is there.
    pub(super) const READ: Self =
        Self { follow: true, flags: OFlags::empty(), read: true, write: false, fd_flags: FdFlags::empty() };

    /// Whether it could change anything.
    pub(super) fn changes(self) -> bool {
        self.write || self.flags.intersects(OFlags::CREATE | OFlags::EXCLUSIVE | OFlags::TRUNCATE)
    }
}

/// What was opened.
pub(super) enum Opened {
    File(File),
    Directory(Dir),
}

/// Opens `path` beneath `dir`. Links are followed inside it only; a pipe, socket or device is refused with `EACCES`.
pub(super) fn open(dir: &Dir, path: &str, wish: Wish) -> Result<Opened, Error> {
    let options = options(wish)?;
    refuse_special(dir, path, wish.follow)?;
    let file = dir.open_with(path, &options)?;
    // Asked again on what was opened: the path may lead elsewhere by now. Opening it did not block, by the options.
    let kind = file.metadata()?.file_type();
    if kind.is_dir() {
        Ok(Opened::Directory(Dir::from_std_file(file.into_std())))
    } else if !kind.is_file() {
        Err(Errno::Acces.into())
    } else if wish.flags.contains(OFlags::DIRECTORY) {
        Err(Error::not_dir())
    } else {
        Ok(Opened::File(file))
    }
}

fn refuse_special(dir: &Dir, path: &str, follow: bool) -> Result<(), Error> {
    let metadata = if follow { dir.metadata(path) } else { dir.symlink_metadata(path) };
    // Where nothing is there, or it cannot be seen, opening it says so in its own words.
    if metadata.is_ok_and(|metadata| is_special(metadata.file_type())) { Err(Errno::Acces.into()) } else { Ok(()) }
}

fn is_special(kind: FileType) -> bool {
    !kind.is_file() && !kind.is_dir() && !kind.is_symlink()
}

fn options(wish: Wish) -> Result<OpenOptions, Error> {
    if wish.fd_flags.intersects(FdFlags::DSYNC | FdFlags::SYNC | FdFlags::RSYNC) {
        return Err(Error::not_supported());
    }
    let creates = wish.flags.contains(OFlags::CREATE);
    if wish.flags.contains(OFlags::DIRECTORY) && wish.flags.intersects(OFlags::CREATE | OFlags::EXCLUSIVE | OFlags::TRUNCATE) {
        return Err(Error::invalid_argument());
    }
    let mut options = OpenOptions::new();
    options.maybe_dir(true);
    options.follow(if wish.follow { FollowSymlinks::Yes } else { FollowSymlinks::No });
    options.create_new(creates && wish.flags.contains(OFlags::EXCLUSIVE));
    options.create(creates);
    options.truncate(wish.flags.contains(OFlags::TRUNCATE));
    options.write(wish.write || creates);
    // Opened for neither, a file is opened for reading; the descriptor's own rights then refuse the reads.
    options.read(wish.read || !wish.write);
    options.append(wish.write && wish.fd_flags.contains(FdFlags::APPEND));
    never_block(&mut options);
    Ok(options)
}

#[cfg(unix)]
fn never_block(options: &mut OpenOptions) {
    use cap_std::fs::OpenOptionsExt;
    use rustix::fs::OFlags;
    options.custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed());
}

#[cfg(not(unix))]
fn never_block(_options: &mut OpenOptions) {}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use rustix::fs::{CWD, FileType, Mode, mknodat};

    #[test]
    fn a_pipe_that_came_after_the_first_look_does_not_block_the_open() {
        let place = tempfile::tempdir().unwrap();
        mknodat(CWD, place.path().join("pipe"), FileType::Fifo, Mode::RWXU, 0).unwrap();
        let dir = Dir::open_ambient_dir(place.path(), cap_std::ambient_authority()).unwrap();
        let opened = dir.open_with("pipe", &options(Wish::READ).unwrap()).unwrap();
        assert!(is_special(opened.metadata().unwrap().file_type()));
        drop(opened);
        // Nobody reads it: opened for writing, it is an error at once.
        assert!(dir.open_with("pipe", &options(Wish { write: true, read: false, ..Wish::READ }).unwrap()).is_err());
    }
}
