//! Where a report writes: the program's own output, and everything else.

use super::palette::Palette;
use std::io::{self, ErrorKind, IsTerminal, Write};

/// The two streams of a report. A stream that was closed by its reader (`| head`) takes everything and keeps nothing.
pub struct Streams {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    /// Whether the reader of `out` has gone.
    pub out_is_closed: bool,
    /// Whether `out` is a terminal, where control characters would act.
    pub out_is_terminal: bool,
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
        Self { out: Box::new(out), err: Box::new(err), out_is_closed: false, out_is_terminal, err_can_move, palette }
    }

    /// Streams into anything, without colours.
    pub fn plain(out: impl Write + 'static, err: impl Write + 'static) -> Self {
        Self {
            out: Box::new(out),
            err: Box::new(err),
            out_is_closed: false,
            out_is_terminal: false,
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
        self.out_is_closed |= write_unless_closed(&mut self.out, text)?;
        Ok(())
    }

    /// Writes beside the program's output.
    ///
    /// # Errors
    /// As [`Streams::write_out`].
    pub fn write_err(&mut self, text: &str) -> io::Result<()> {
        write_unless_closed(&mut self.err, text.as_bytes()).map(drop)
    }
}

/// Whether the stream's reader was found to have gone.
fn write_unless_closed(stream: &mut Box<dyn Write>, text: &[u8]) -> io::Result<bool> {
    match stream.write_all(text).and_then(|()| stream.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            *stream = Box::new(io::sink());
            Ok(true)
        }
        other => other.map(|()| false),
    }
}
