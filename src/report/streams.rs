//! Where a report writes: the program's own output, and everything else.

use super::json_text::{write_for_people, write_json};
use super::palette::Palette;
use crate::event::JsonDocument;
use serde::Serialize;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};

/// The two streams of a report. A stream that was closed by its reader (`| head`) takes everything and keeps nothing.
pub struct Streams {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    /// Whether the reader of `out` has gone.
    pub out_is_closed: bool,
    /// Whether `out` is a terminal, where control characters would act.
    pub out_is_terminal: bool,
    /// How many cells a line of `out` has, where it is a terminal that tells.
    pub out_width: Option<usize>,
    /// Whether `err` is a terminal on which a moving line can be drawn.
    pub err_can_move: bool,
    /// The colours of `err`.
    pub palette: Palette,
}

impl Streams {
    /// The process's own streams; colours on a terminal only, and not under `NO_COLOR` or `TERM=dumb`.
    pub fn of_the_process() -> Self {
        let (out, err) = (io::stdout(), io::stderr());
        let (out_is_terminal, err_is_terminal) = (out.is_terminal(), err.is_terminal());
        let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let err_can_move = err_is_terminal && !is_dumb;
        let palette = if err_can_move && !no_color { Palette::COLOURED } else { Palette::PLAIN };
        let out_width = terminal_size::terminal_size_of(&out).map(|(width, _)| usize::from(width.0)).filter(|width| *width > 0);
        let (out, err): (Box<dyn Write>, Box<dyn Write>) = (Box::new(out), Box::new(err));
        Self { out, err, out_is_closed: false, out_is_terminal, out_width, err_can_move, palette }
    }

    /// Streams into anything, without colours.
    pub fn plain(out: impl Write + 'static, err: impl Write + 'static) -> Self {
        Self {
            out: Box::new(out),
            err: Box::new(err),
            out_is_closed: false,
            out_is_terminal: false,
            out_width: None,
            err_can_move: false,
            palette: Palette::PLAIN,
        }
    }

    /// How many columns the terminal has now, where `err` is one and tells; people change it while they look.
    pub fn columns(&self) -> Option<usize> {
        let size = if self.err_can_move { terminal_size::terminal_size_of(io::stderr()) } else { None };
        size.map(|(width, _)| width.0.into()).filter(|columns| *columns > 0)
    }

    /// Writes to the program's output and flushes it, so that nothing is held back.
    ///
    /// # Errors
    /// Where it cannot be written; a closed stream is no error.
    pub fn write_out(&mut self, text: &[u8]) -> io::Result<()> {
        self.out_is_closed |= write_unless_closed(&mut self.out, |out| out.write_all(text))?;
        Ok(())
    }

    /// Writes a value as JSON to the program's output, indented or in one line.
    ///
    /// # Errors
    /// As [`Streams::write_out`].
    pub fn write_json(&mut self, value: &impl Serialize, indented: bool) -> io::Result<()> {
        let on_terminal = self.out_is_terminal;
        self.out_is_closed |= write_unless_closed(&mut self.out, |out| write_json(out, value, indented, on_terminal))?;
        Ok(())
    }

    /// Writes a skill's document to the program's output: indented for people at a terminal, else in one line, as it was given.
    ///
    /// # Errors
    /// As [`Streams::write_out`].
    pub fn write_document(&mut self, document: &JsonDocument) -> io::Result<()> {
        let on_terminal = self.out_is_terminal;
        self.out_is_closed |= write_unless_closed(&mut self.out, |out| {
            if on_terminal { write_for_people(out, document) } else { writeln!(out, "{document}") }
        })?;
        Ok(())
    }

    /// Writes beside the program's output.
    ///
    /// # Errors
    /// As [`Streams::write_out`].
    pub fn write_err(&mut self, text: &str) -> io::Result<()> {
        write_unless_closed(&mut self.err, |err| err.write_all(text.as_bytes())).map(drop)
    }
}

/// Whether the stream's reader was found to have gone.
fn write_unless_closed(stream: &mut Box<dyn Write>, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<bool> {
    let mut buffered = BufWriter::with_capacity(64 << 10, &mut *stream);
    let written = write(&mut buffered).and_then(|()| buffered.flush());
    // What a closed stream did not take is not tried again.
    let _ = buffered.into_parts();
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            *stream = Box::new(io::sink());
            Ok(true)
        }
        other => other.map(|()| false),
    }
}
