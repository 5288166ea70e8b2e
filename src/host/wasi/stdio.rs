//! The three standard streams: input from bytes, outputs that become events as they come.

use super::link::RunLink;
use std::any::Any;
use std::io::{IoSlice, IoSliceMut, SeekFrom};
use std::sync::Arc;
use wasi_common::file::{FdFlags, FileType};
use wasi_common::{Error, ErrorExt, WasiFile};

/// Standard input: a pipe that holds all its bytes from the beginning.
pub(super) struct Stdin {
    link: Arc<RunLink>,
    flags: FdFlags,
}

impl Stdin {
    pub(super) const fn new(link: Arc<RunLink>) -> Self {
        Self { link, flags: FdFlags::empty() }
    }
}

#[wiggle::async_trait]
impl WasiFile for Stdin {
    fn as_any(&self) -> &dyn Any {
        self
    }

    async fn get_filetype(&self) -> Result<FileType, Error> {
        Ok(FileType::Pipe)
    }

    async fn get_fdflags(&self) -> Result<FdFlags, Error> {
        Ok(self.flags)
    }

    async fn set_fdflags(&mut self, flags: FdFlags) -> Result<(), Error> {
        self.flags = settable(flags)?;
        Ok(())
    }

    async fn read_vectored<'a>(&self, buffers: &mut [IoSliceMut<'a>]) -> Result<u64, Error> {
        self.link.read_stdin(buffers)
    }

    async fn read_vectored_at<'a>(&self, _buffers: &mut [IoSliceMut<'a>], _offset: u64) -> Result<u64, Error> {
        Err(Error::seek_pipe())
    }

    async fn seek(&self, _to: SeekFrom) -> Result<u64, Error> {
        Err(Error::seek_pipe())
    }

    fn num_ready_bytes(&self) -> Result<u64, Error> {
        Ok(self.link.stdin_left())
    }

    async fn readable(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// Which output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    Stdout,
    Stderr,
}

/// An output. It says that it is a character device, so that C libraries flush each line.
pub(super) struct Output {
    stream: Stream,
    link: Arc<RunLink>,
    flags: FdFlags,
}

impl Output {
    pub(super) const fn new(stream: Stream, link: Arc<RunLink>) -> Self {
        Self { stream, link, flags: FdFlags::APPEND }
    }
}

#[wiggle::async_trait]
impl WasiFile for Output {
    fn as_any(&self) -> &dyn Any {
        self
    }

    async fn get_filetype(&self) -> Result<FileType, Error> {
        Ok(FileType::CharacterDevice)
    }

    fn isatty(&self) -> bool {
        true
    }

    async fn get_fdflags(&self) -> Result<FdFlags, Error> {
        Ok(self.flags)
    }

    async fn set_fdflags(&mut self, flags: FdFlags) -> Result<(), Error> {
        self.flags = settable(flags)?;
        Ok(())
    }

    async fn write_vectored<'a>(&self, buffers: &[IoSlice<'a>]) -> Result<u64, Error> {
        match self.stream {
            Stream::Stdout => self.link.write_stdout(buffers),
            Stream::Stderr => self.link.write_stderr(buffers),
        }
    }

    async fn write_vectored_at<'a>(&self, _buffers: &[IoSlice<'a>], _offset: u64) -> Result<u64, Error> {
        Err(Error::seek_pipe())
    }

    async fn seek(&self, _to: SeekFrom) -> Result<u64, Error> {
        Err(Error::seek_pipe())
    }

    async fn writable(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// Flags that mean nothing on a stream that never blocks can be set; promises about a disk cannot.
fn settable(flags: FdFlags) -> Result<FdFlags, Error> {
    if flags.intersects(FdFlags::DSYNC | FdFlags::SYNC | FdFlags::RSYNC) { Err(Error::invalid_argument()) } else { Ok(flags) }
}
