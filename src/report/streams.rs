//! Where a report writes: the program's own output, and everything else.

use super::palette::Palette;
use std::io::{self, ErrorKind, IsTerminal, Write};

/// The two streams of a report. A stream that was closed by its reader (`| head`) takes everything and keeps nothing.
pub struct Streams {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    /// Whether `out` is a terminal, where control characters would act.
    pub out_is_terminal: bool,
    /// How many cells a line of `out` has, where it is a terminal that tells.
    pub out_width: Option<usize>,
    /// Whether `err` is a terminal, where a moving line can be drawn.
    pub err_is_terminal: bool,
    /// The colours of `err`.
    pub palette: Palette,
}

impl Streams {
    /// The process's own streams; colours on a terminal only, and not under `NO_COLOR` or `TERM=dumb`.
    pub fn of_the_process() -> Self {
        let (out, err) = (io::stdout(), io::stderr());
        let (out_is_terminal, err_is_terminal) = (out.is_terminal(), err.is_terminal());
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        let palette = if err_is_terminal && !plain { Palette::COLOURED } else { Palette::PLAIN };
        let out_width = terminal_size::terminal_size_of(&out).map(|(width, _)| usize::from(width.0)).filter(|width| *width > 0);
        let err_is_terminal = err_is_terminal && !plain;
        Self { out: Box::new(out), err: Box::new(err), out_is_terminal, out_width, err_is_terminal, palette }
    }

    /// Streams into anything, without colours.
    pub fn plain(out: impl Write + 'static, err: impl Write + 'static) -> Self {
        let (out_is_terminal, err_is_terminal, out_width) = (false, false, None);
        Self { out: Box::new(out), err: Box::new(err), out_is_terminal, out_width, err_is_terminal, palette: Palette::PLAIN }
    }

    /// Writes to the program's output and flushes it, so that nothing is held back.
    ///
    /// # Errors
    /// Where it cannot be written; a closed stream is no error.
    pub fn write_out(&mut self, text: &[u8]) -> io::Result<()> {
        write_unless_closed(&mut self.out, text)
    }

    /// Writes beside the program's output.
    ///
    /// # Errors
    /// As [`Streams::write_out`].
    pub fn write_err(&mut self, text: &str) -> io::Result<()> {
        write_unless_closed(&mut self.err, text.as_bytes())
    }
}

fn write_unless_closed(stream: &mut Box<dyn Write>, text: &[u8]) -> io::Result<()> {
    match stream.write_all(text).and_then(|()| stream.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            *stream = Box::new(io::sink());
            Ok(())
        }
        other => other,
    }
}
