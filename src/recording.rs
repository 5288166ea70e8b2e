//! What `--record` may write to: a file that is not there yet, or an earlier record, and never anything else that is somebody's.

use crate::fault::Fault;
use skillscope::record::{RecordError, RecordReader, is_held};
use std::io::ErrorKind;
use std::path::Path;

/// Checks, before anything runs, that a record can be written there.
///
/// # Errors
/// Where something else is there, a run is being recorded there, or its directory is not there.
pub fn check(file: &Path) -> Result<(), Fault> {
    // Looking into a pipe or a terminal would wait for what comes from there.
    if file.metadata().is_ok_and(|metadata| !metadata.is_file()) {
        return Err(Fault::NotOurs { path: file.to_owned() });
    }
    match RecordReader::open(file) {
        // A record that has its end is not being written, whatever the system can tell.
        Ok(reader) => {
            if !has_end(reader) && is_held(file) {
                Err(Fault::Recording { path: file.to_owned() })
            } else {
                Ok(())
            }
        }
        // A record of another version is one all the same, and an empty file holds nothing to lose.
        Err(RecordError::Empty { .. } | RecordError::Version { .. }) => Ok(()),
        Err(RecordError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => check_directory(file),
        Err(RecordError::NotARecord { path, .. }) => Err(Fault::NotOurs { path }),
        Err(error) => Err(error.into()),
    }
}

fn has_end(mut reader: RecordReader) -> bool {
    reader.by_ref().for_each(drop);
    reader.end().is_some()
}

fn check_directory(file: &Path) -> Result<(), Fault> {
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    if directory.is_dir() { Ok(()) } else { Err(Fault::NoDirectory { path: directory.to_owned() }) }
}
