//! An open regular file in a guest's directory.

use super::bounded::{first_up_to, up_to};
use super::link::OpenSlot;
use std::any::Any;
use std::io::{IoSlice, IoSliceMut, SeekFrom};
use std::time::{SystemTime, UNIX_EPOCH};
use wasi_common::file::{Advice, FdFlags, FileType, Filestat};
use wasi_common::snapshots::preview_1::types::Errno;
use wasi_common::sync::file::File;
use wasi_common::{Error, SystemTimeSpec, WasiFile};

/// What one read or write moves at most: milliseconds, so that the deadline holds between two.
const FILE_CHUNK_BYTES: usize = 16 << 20;

/// A regular file; in a read-only directory it refuses every change, also those that the system allows on a file opened for reading.
pub(super) struct RegularFile {
    file: File,
    writable: bool,
    _slot: OpenSlot,
}

impl RegularFile {
    /// A file that was opened, `writable` where its directory is.
    pub(super) const fn new(file: File, writable: bool, slot: OpenSlot) -> Self {
        Self { file, writable, _slot: slot }
    }

    fn refuse_unless_writable(&self) -> Result<(), Error> {
        refuse_unless(self.writable)
    }
}

/// The answer to a change in a read-only directory.
pub(super) fn refuse_unless(writable: bool) -> Result<(), Error> {
    if writable { Ok(()) } else { Err(Errno::Rofs.into()) }
}

/// Times before 1970 cannot be said in WASI: `wasi-common` must not see them.
pub(super) fn without_times_before_1970(mut stat: Filestat) -> Filestat {
    let sayable = |time: &SystemTime| *time >= UNIX_EPOCH;
    stat.atim = stat.atim.filter(sayable);
    stat.mtim = stat.mtim.filter(sayable);
    stat.ctim = stat.ctim.filter(sayable);
    stat
}

#[wiggle::async_trait]
impl WasiFile for RegularFile {
    fn as_any(&self) -> &dyn Any {
        self
    }

    async fn get_filetype(&self) -> Result<FileType, Error> {
        Ok(FileType::RegularFile)
    }

    async fn datasync(&self) -> Result<(), Error> {
        self.file.datasync().await
    }

    async fn sync(&self) -> Result<(), Error> {
        self.file.sync().await
    }

    async fn get_fdflags(&self) -> Result<FdFlags, Error> {
        self.file.get_fdflags().await
    }

    async fn set_fdflags(&mut self, flags: FdFlags) -> Result<(), Error> {
        self.file.set_fdflags(flags).await
    }

    async fn get_filestat(&self) -> Result<Filestat, Error> {
        Ok(without_times_before_1970(self.file.get_filestat().await?))
    }

    async fn set_filestat_size(&self, size: u64) -> Result<(), Error> {
        self.refuse_unless_writable()?;
        self.file.set_filestat_size(size).await
    }

    async fn advise(&self, offset: u64, length: u64, advice: Advice) -> Result<(), Error> {
        self.file.advise(offset, length, advice).await
    }

    async fn set_times(&self, accessed: Option<SystemTimeSpec>, modified: Option<SystemTimeSpec>) -> Result<(), Error> {
        self.refuse_unless_writable()?;
        self.file.set_times(accessed, modified).await
    }

    async fn read_vectored<'a>(&self, buffers: &mut [IoSliceMut<'a>]) -> Result<u64, Error> {
        self.file.read_vectored(&mut [first_up_to(FILE_CHUNK_BYTES, buffers)]).await
    }

    async fn read_vectored_at<'a>(&self, buffers: &mut [IoSliceMut<'a>], offset: u64) -> Result<u64, Error> {
        self.file.read_vectored_at(&mut [first_up_to(FILE_CHUNK_BYTES, buffers)], offset).await
    }

    async fn write_vectored<'a>(&self, buffers: &[IoSlice<'a>]) -> Result<u64, Error> {
        self.refuse_unless_writable()?;
        self.file.write_vectored(&up_to(FILE_CHUNK_BYTES, buffers)).await
    }

    async fn write_vectored_at<'a>(&self, buffers: &[IoSlice<'a>], offset: u64) -> Result<u64, Error> {
        self.refuse_unless_writable()?;
        self.file.write_vectored_at(&up_to(FILE_CHUNK_BYTES, buffers), offset).await
    }

    async fn seek(&self, to: SeekFrom) -> Result<u64, Error> {
        self.file.seek(to).await
    }

    async fn peek(&self, buffer: &mut [u8]) -> Result<u64, Error> {
        self.file.peek(buffer).await
    }

    fn num_ready_bytes(&self) -> Result<u64, Error> {
        self.file.num_ready_bytes()
    }

    async fn readable(&self) -> Result<(), Error> {
        Ok(())
    }

    async fn writable(&self) -> Result<(), Error> {
        Ok(())
    }
}
