//! A directory that a guest may see: a preopened one, or one beneath it.

use super::file::{RegularFile, refuse_unless, without_times_before_1970};
use super::link::{OpenSlot, RunLink};
use super::open::{Opened, Wish, open};
use cap_fs_ext::{DirEntryExt, DirExt, MetadataExt};
use cap_std::fs::{Dir, DirEntry, Metadata};
use std::any::Any;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use wasi_common::dir::{OpenResult, ReaddirCursor, ReaddirEntity};
use wasi_common::file::{FdFlags, FileType, Filestat, OFlags};
use wasi_common::sync::file::{File, filetype_from};
use wasi_common::{Error, ErrorExt, SystemTimeSpec, WasiDir, WasiFile};

/// The longest path that is looked up, as on most systems.
const MAX_PATH_BYTES: usize = 4096;
/// How many entries are listed between two looks at the deadline.
const ENTRIES_PER_CHECK: usize = 1024;

/// A directory; nothing beneath a read-only one can be changed through it. Paths and links cannot lead out of it.
pub(super) struct Directory {
    dir: Dir,
    /// For messages to the skill's author.
    guest: String,
    writable: bool,
    link: Arc<RunLink>,
    /// The entries as they were when a guest began to read them: it reads them in parts.
    listing: Mutex<Option<Arc<[ReaddirEntity]>>>,
    _slot: Option<OpenSlot>,
}

impl Directory {
    /// A directory that is there from the start.
    pub(super) const fn preopened(dir: Dir, guest: String, writable: bool, link: Arc<RunLink>) -> Self {
        Self { dir, guest, writable, link, listing: Mutex::new(None), _slot: None }
    }

    fn beneath(&self, dir: Dir, path: &str, slot: OpenSlot) -> Self {
        let guest = format!("{}/{path}", self.guest);
        Self { dir, guest, writable: self.writable, link: Arc::clone(&self.link), listing: Mutex::new(None), _slot: Some(slot) }
    }

    async fn open_beneath(&self, path: &str, wish: Wish) -> Result<OpenResult, Error> {
        let path = checked(path)?;
        if wish.changes() {
            refuse_unless(self.writable)?;
        }
        let slot = self.link.claim_slot()?;
        Ok(match open(&self.dir, path, wish)? {
            Opened::Directory(dir) => OpenResult::Dir(Box::new(self.beneath(dir, path, slot))),
            Opened::File(file) => {
                let mut file = File::from_cap_std(file);
                if cfg!(unix) {
                    // It was opened so that it cannot block; from here on it has the flags that the guest asked for.
                    file.set_fdflags(wish.fd_flags & (FdFlags::APPEND | FdFlags::NONBLOCK)).await?;
                }
                OpenResult::File(Box::new(RegularFile::new(file, self.writable, slot)))
            }
        })
    }

    fn entries(&self) -> Result<Arc<[ReaddirEntity]>, Error> {
        let own_inode = self.dir.dir_metadata()?.ino();
        let mut found = Vec::new();
        let mut unnamed = 0_usize;
        for (index, entry) in self.dir.entries()?.enumerate() {
            if index % ENTRIES_PER_CHECK == 0 {
                self.link.check()?;
            }
            match described(&entry?)? {
                Listed::Entry(entity) => found.push(entity),
                Listed::NameIsNotText => unnamed += 1,
                Listed::Gone => {}
            }
        }
        if unnamed > 0 {
            let guest = &self.guest;
            self.link.warn(format!("{unnamed} of the entries of {guest} were left out: their names are not UTF-8"));
        }
        // In order of names, so that one directory gives one listing on every machine.
        found.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        let dots = [".", ".."].map(|name| entity(name.to_owned(), own_inode, FileType::Directory));
        let mut next = 0_u64;
        let numbered = dots.into_iter().chain(found).map(|entity| {
            next += 1;
            ReaddirEntity { next: ReaddirCursor::from(next), ..entity }
        });
        Ok(numbered.collect())
    }

    /// The listing that a guest reads from `start` on; a new one where it begins at the beginning.
    fn listing(&self, start: u64) -> Result<Arc<[ReaddirEntity]>, Error> {
        let held = self.listing.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if start > 0
            && let Some(listing) = held
        {
            return Ok(listing);
        }
        let listing = self.entries()?;
        *self.listing.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&listing));
        Ok(listing)
    }

    /// Both directories of a call that moves or links a name must be writable: a second name would open a way to write.
    fn both_writable<'a>(&self, other: &'a dyn WasiDir) -> Result<&'a Self, Error> {
        let other = other.as_any().downcast_ref::<Self>().ok_or_else(Error::badf)?;
        refuse_unless(self.writable && other.writable)?;
        Ok(other)
    }
}

enum Listed {
    Entry(ReaddirEntity),
    NameIsNotText,
    /// It was there a moment ago.
    Gone,
}

fn described(entry: &DirEntry) -> Result<Listed, Error> {
    let Ok(name) = entry.file_name().into_string() else { return Ok(Listed::NameIsNotText) };
    match entry.full_metadata() {
        Ok(metadata) => Ok(Listed::Entry(entity(name, metadata.ino(), filetype_from(&metadata.file_type())))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Listed::Gone),
        Err(error) => Err(error.into()),
    }
}

fn entity(name: String, inode: u64, filetype: FileType) -> ReaddirEntity {
    ReaddirEntity { next: ReaddirCursor::from(0), inode, name, filetype }
}

fn checked(path: &str) -> Result<&str, Error> {
    if path.len() > MAX_PATH_BYTES { Err(Error::name_too_long()) } else { Ok(path) }
}

fn filestat(metadata: &Metadata) -> Filestat {
    without_times_before_1970(Filestat {
        device_id: metadata.dev(),
        inode: metadata.ino(),
        filetype: filetype_from(&metadata.file_type()),
        nlink: metadata.nlink(),
        size: metadata.len(),
        atim: metadata.accessed().ok().map(cap_std::time::SystemTime::into_std),
        mtim: metadata.modified().ok().map(cap_std::time::SystemTime::into_std),
        ctim: metadata.created().ok().map(cap_std::time::SystemTime::into_std),
    })
}

fn for_cap_std(time: Option<SystemTimeSpec>) -> Option<cap_fs_ext::SystemTimeSpec> {
    time.map(|time| match time {
        SystemTimeSpec::SymbolicNow => cap_fs_ext::SystemTimeSpec::SymbolicNow,
        SystemTimeSpec::Absolute(time) => cap_fs_ext::SystemTimeSpec::Absolute(time),
    })
}

#[wiggle::async_trait]
impl WasiDir for Directory {
    fn as_any(&self) -> &dyn Any {
        self
    }

    async fn open_file(
        &self,
        follow: bool,
        path: &str,
        flags: OFlags,
        read: bool,
        write: bool,
        fd_flags: FdFlags,
    ) -> Result<OpenResult, Error> {
        self.open_beneath(path, Wish { follow, flags, read, write, fd_flags }).await
    }

    async fn create_dir(&self, path: &str) -> Result<(), Error> {
        refuse_unless(self.writable)?;
        Ok(self.dir.create_dir(checked(path)?)?)
    }

    async fn readdir(
        &self,
        cursor: ReaddirCursor,
    ) -> Result<Box<dyn Iterator<Item = Result<ReaddirEntity, Error>> + Send>, Error> {
        let start = u64::from(cursor);
        let listing = self.listing(start)?;
        let mut index = usize::try_from(start).unwrap_or(usize::MAX);
        Ok(Box::new(std::iter::from_fn(move || {
            let entity = listing.get(index).cloned()?;
            index += 1;
            Some(Ok(entity))
        })))
    }

    async fn symlink(&self, old_path: &str, new_path: &str) -> Result<(), Error> {
        refuse_unless(self.writable)?;
        Ok(DirExt::symlink(&self.dir, checked(old_path)?, checked(new_path)?)?)
    }

    async fn remove_dir(&self, path: &str) -> Result<(), Error> {
        refuse_unless(self.writable)?;
        Ok(self.dir.remove_dir(checked(path)?)?)
    }

    async fn unlink_file(&self, path: &str) -> Result<(), Error> {
        refuse_unless(self.writable)?;
        Ok(self.dir.remove_file_or_symlink(checked(path)?)?)
    }

    async fn read_link(&self, path: &str) -> Result<PathBuf, Error> {
        Ok(self.dir.read_link(checked(path)?)?)
    }

    async fn get_filestat(&self) -> Result<Filestat, Error> {
        Ok(filestat(&self.dir.dir_metadata()?))
    }

    async fn get_path_filestat(&self, path: &str, follow: bool) -> Result<Filestat, Error> {
        let path = checked(path)?;
        Ok(filestat(&if follow { self.dir.metadata(path)? } else { self.dir.symlink_metadata(path)? }))
    }

    async fn rename(&self, path: &str, to: &dyn WasiDir, new_path: &str) -> Result<(), Error> {
        let to = self.both_writable(to)?;
        Ok(self.dir.rename(checked(path)?, &to.dir, checked(new_path)?)?)
    }

    async fn hard_link(&self, path: &str, to: &dyn WasiDir, new_path: &str) -> Result<(), Error> {
        let to = self.both_writable(to)?;
        Ok(self.dir.hard_link(checked(path)?, &to.dir, checked(new_path)?)?)
    }

    async fn set_times(
        &self,
        path: &str,
        accessed: Option<SystemTimeSpec>,
        modified: Option<SystemTimeSpec>,
        follow: bool,
    ) -> Result<(), Error> {
        refuse_unless(self.writable)?;
        let path = checked(path)?;
        if !follow {
            return Ok(self.dir.set_symlink_times(path, for_cap_std(accessed), for_cap_std(modified))?);
        }
        // Times of what a path leads to are set on what was opened: by path, the system would be asked to open a pipe for writing.
        match open(&self.dir, path, Wish::READ)? {
            Opened::Directory(dir) => Ok(dir.set_times(".", for_cap_std(accessed), for_cap_std(modified))?),
            Opened::File(file) => File::from_cap_std(file).set_times(accessed, modified).await,
        }
    }
}
