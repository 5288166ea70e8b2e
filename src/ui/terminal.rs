//! The terminal: taken over when the screen opens, and given back as it was, whatever happens.

use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use std::io::{self, IsTerminal, Stdout, Write};
use std::panic::PanicHookInfo;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the terminal is taken over now. The hook of panics must know it, wherever a panic happens.
static TAKEN: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();

/// A terminal that is taken over. It is given back when this is dropped, and before a panic is told.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

/// Why the screen cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum ScreenError {
    /// There is no terminal.
    #[error("{0} is not a terminal, and the workbench needs one")]
    NoTerminal(&'static str),
    /// The terminal does not do as it is told.
    #[error("the terminal cannot be used: {0}")]
    Io(#[from] io::Error),
}

impl Screen {
    /// Whether there is a terminal.
    ///
    /// # Errors
    /// Where there is none.
    pub fn check() -> Result<(), ScreenError> {
        if !io::stdin().is_terminal() {
            return Err(ScreenError::NoTerminal("stdin"));
        }
        if !io::stdout().is_terminal() {
            return Err(ScreenError::NoTerminal("stdout"));
        }
        Ok(())
    }

    /// Takes the terminal over.
    ///
    /// # Errors
    /// Where there is none, or it cannot be used.
    /// `log` is told of panics of other threads: they are caught there, and must not write over the screen.
    pub fn open(log: impl Fn(&PanicHookInfo<'_>) + Send + Sync + 'static) -> Result<Self, ScreenError> {
        Self::check()?;
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            let screen_thread = std::thread::current().id();
            std::panic::set_hook(Box::new(move |panic| {
                if std::thread::current().id() == screen_thread || !TAKEN.load(Ordering::SeqCst) {
                    give_back();
                    before(panic);
                } else {
                    log(panic);
                }
            }));
        });
        take()?;
        let terminal = Terminal::new(CrosstermBackend::new(io::stdout())).inspect_err(|_| give_back())?;
        Ok(Self { terminal })
    }

    /// What is drawn on.
    pub const fn terminal(&mut self) -> &mut Terminal<CrosstermBackend<Stdout>> {
        &mut self.terminal
    }

    /// Gives the terminal back for a while.
    pub fn leave(&mut self) {
        give_back();
    }

    /// Takes it over again, with all to be drawn afresh.
    ///
    /// # Errors
    /// Where it cannot be used any more.
    pub fn enter_again(&mut self) -> io::Result<()> {
        take()?;
        self.redraw()
    }

    /// Lets the next frame draw everything afresh. (The library's own `clear` asks the terminal where its cursor is, and the answer
    /// would go to the thread that reads keys.)
    ///
    /// # Errors
    /// Where the terminal cannot be used.
    pub fn redraw(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        self.terminal.resize(ratatui::layout::Rect::new(0, 0, size.width, size.height))
    }

    /// Hands a text to the terminal's clipboard, by OSC 52: it works over ssh too.
    ///
    /// # Errors
    /// Where the terminal cannot be written.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        use base64::Engine as _;
        let encoded = base64::engine::general_purpose::STANDARD.encode(text);
        let mut out = io::stdout();
        write!(out, "\x1b]52;c;{encoded}\x07")?;
        out.flush()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn take() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    execute!(io::stdout(), EnterAlternateScreen, EnableMouseCapture, EnableBracketedPaste, cursor::Hide)
        .inspect_err(|_| give_back())
}

/// Gives the terminal back; without effect where it is not taken.
pub fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        // A terminal that has gone needs nothing back.
        let _ = execute!(io::stdout(), DisableBracketedPaste, DisableMouseCapture, LeaveAlternateScreen, cursor::Show);
        let _ = disable_raw_mode();
    }
}
