//! `--export`: a record in a format of other tools, on stdout or in a file.

use crate::cli::{Cli, ExportChoice};
use crate::exit::Exit;
use crate::fault::Fault;
use skillscope::record::{ExportError, ExportFormat, Integrity, RecordReader, export};
use skillscope::report::Streams;
use std::fs::File;
use std::io::{BufWriter, ErrorKind};
use std::path::Path;

impl From<ExportChoice> for ExportFormat {
    fn from(choice: ExportChoice) -> Self {
        match choice {
            ExportChoice::Chrome => Self::Chrome,
            ExportChoice::Har => Self::Har,
            ExportChoice::Otlp => Self::Otlp,
            ExportChoice::Case => Self::Case,
        }
    }
}

/// Exports the record that the command line names.
///
/// # Errors
/// Where there is no record, or what comes out cannot be written.
pub fn run(cli: &Cli, format: ExportFormat) -> Result<Exit, Fault> {
    let [record] = cli.directories.as_slice() else { return Err(Fault::OneRecord) };
    let integrity = match &cli.told.output {
        Some(file) => to_file(record, format, file)?,
        None => match export(record, format, &mut BufWriter::new(std::io::stdout().lock())) {
            // Whoever read it wants no more.
            Err(ExportError::Write(error)) if error.kind() == ErrorKind::BrokenPipe => return Ok(Exit::Ok),
            exported => exported?,
        },
    };
    if let Some(damage) = integrity.damage.first() {
        Streams::of_the_process().write_err(&format!("note: {}: {damage}\n", record.display()))?;
    }
    Ok(Exit::Ok)
}

fn to_file(record: &Path, format: ExportFormat, file: &Path) -> Result<Integrity, Fault> {
    let is_same = |a: &Path, b: &Path| a.canonicalize().is_ok_and(|a| b.canonicalize().is_ok_and(|b| a == b));
    if is_same(record, file) {
        return Err(Fault::OntoItself { path: file.to_owned() });
    }
    // A record that cannot be read, or be a case, costs nobody the file that was there.
    match format {
        ExportFormat::Case => drop(export(record, format, &mut std::io::sink())?),
        _ => drop(RecordReader::open(record)?),
    }
    let unwritable = |error| Fault::Unwritable { path: file.to_owned(), error };
    let mut out = BufWriter::new(File::create(file).map_err(unwritable)?);
    match export(record, format, &mut out) {
        Ok(integrity) => Ok(integrity),
        Err(ExportError::Write(error)) => Err(unwritable(error)),
        Err(error) => Err(error.into()),
    }
}
