//! The loop: waits for keys, events and signals, lets the model change, and draws. It never waits for a run, a compile, a disk or a
//! provider.

use super::effect::Effect;
use super::message::Message;
use super::model::Model;
use super::model::gauges::LiveFigures;
use super::signals::{self, Signal};
use super::terminal::{Screen, ScreenError};
use super::way_out::Unheard;
use super::{update, view};
use crate::event::{Event, RunEvent, RunId};
use crate::session::{Gathering, Session};
use crossbeam_channel::{Receiver, Sender};
use crossterm::event::{Event as TerminalEvent, KeyCode, KeyModifiers};
use std::io;
use std::time::{Duration, Instant};

/// The time between two frames while something moves.
const FRAME: Duration = Duration::from_millis(33);
/// The same where something has come that the user waits for: the end of a run.
const SOON: Duration = Duration::from_millis(5);
/// How long events are taken in at a stretch before a frame is drawn, so that keys are answered within a frame.
const STRETCH: Duration = Duration::from_millis(12);
/// How long a screen on which nothing moves waits at most: it is woken by keys, events and signals.
const STILL: Duration = Duration::from_secs(60);

/// Why the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The user left.
    Quit,
    /// A signal of this number ended it.
    Signal(i32),
    /// The session is no more.
    SessionGone,
}

/// Runs the screen until the user leaves.
///
/// # Errors
/// Where the terminal cannot be used.
pub fn run(screen: &mut Screen, session: &Session, model: &mut Model) -> Result<Ended, ScreenError> {
    let terminal_events = read_terminal()?;
    let signals = signals::signals()?;
    let size = screen.terminal().size()?;
    update::update(model, Message::Resize(size.width, size.height));
    let mut events = Loop { screen, session, model, drawn: None, dirty: true, frame: FRAME, gathering: Gathering::default() };
    loop {
        if let Some(ended) = events.turn(&terminal_events, &signals)? {
            return Ok(ended);
        }
    }
}

struct Loop<'s> {
    screen: &'s mut Screen,
    session: &'s Session,
    model: &'s mut Model,
    drawn: Option<Instant>,
    dirty: bool,
    /// The time between the last frame and the next one.
    frame: Duration,
    gathering: Gathering,
}

impl Loop<'_> {
    /// Waits for something, takes in what is there, and draws where it is time.
    fn turn(
        &mut self,
        terminal: &Receiver<io::Result<TerminalEvent>>,
        signals: &Receiver<Signal>,
    ) -> Result<Option<Ended>, ScreenError> {
        self.gathering.before_wait(self.session.events());
        let wait = self.time_to_frame();
        crossbeam_channel::select! {
            recv(terminal) -> event => match event {
                Ok(event) => {
                    if let Some(ended) = self.terminal_event(event?)? {
                        return Ok(Some(ended));
                    }
                }
                // Nobody can type any more.
                Err(_) => return Ok(Some(Ended::Quit)),
            },
            recv(signals) -> signal => {
                if let Ok(signal) = signal && let Some(ended) = self.signal(signal)? {
                    return Ok(Some(ended));
                }
            },
            recv(self.session.events()) -> event => match event {
                Ok(event) => {
                    if let Some(ended) = self.session_events(event)? {
                        return Ok(Some(ended));
                    }
                }
                Err(_) => return Ok(Some(Ended::SessionGone)),
            },
            default(wait) => self.dirty |= self.model.is_alive() || self.model.status.has_expired(),
        }
        if self.dirty && self.time_to_frame().is_zero() {
            self.draw()?;
        }
        Ok(None)
    }

    fn time_to_frame(&self) -> Duration {
        let since = self.drawn.map_or(self.frame, |drawn| drawn.elapsed());
        if self.dirty || self.model.is_alive() {
            return self.frame.saturating_sub(since);
        }
        self.model.status.until().map_or(STILL, |until| until.saturating_duration_since(Instant::now()))
    }

    fn terminal_event(&mut self, event: TerminalEvent) -> Result<Option<Ended>, ScreenError> {
        let message = match event {
            TerminalEvent::Key(key) => Message::Key(key),
            TerminalEvent::Mouse(mouse) => Message::Mouse(mouse),
            TerminalEvent::Paste(text) => Message::Paste(text),
            TerminalEvent::Resize(columns, rows) => Message::Resize(columns, rows),
            TerminalEvent::FocusGained | TerminalEvent::FocusLost => return Ok(None),
        };
        let ended = self.take(message)?;
        // A key is answered at once, not with the next frame.
        if ended.is_none() {
            self.draw()?;
        }
        Ok(ended)
    }

    /// Takes in what the session tells, for a stretch of time.
    fn session_events(&mut self, first: Event) -> Result<Option<Ended>, ScreenError> {
        let began = Instant::now();
        let mut next = Some(first);
        let mut count = 0_u32;
        while let Some(event) = next {
            if matches!(&event, Event::Run { what: RunEvent::Finished(_), .. }) {
                self.frame = SOON;
            }
            if let Some(ended) = self.take(Message::Session(Box::new(event)))? {
                return Ok(Some(ended));
            }
            count += 1;
            if count.is_multiple_of(64) && began.elapsed() > STRETCH {
                break;
            }
            next = self.session.events().try_recv().ok();
        }
        Ok(None)
    }

    fn signal(&mut self, signal: Signal) -> Result<Option<Ended>, ScreenError> {
        match signal {
            Signal::Leave(number) => return Ok(Some(Ended::Signal(number))),
            Signal::Suspend => self.suspend()?,
            Signal::Continued => {
                self.screen.enter_again()?;
                self.resized()?;
            }
        }
        Ok(None)
    }

    fn suspend(&mut self) -> Result<(), ScreenError> {
        self.screen.leave();
        signals::stop_here();
        self.screen.enter_again()?;
        self.resized()
    }

    /// The terminal may have another size now.
    fn resized(&mut self) -> Result<(), ScreenError> {
        let size = self.screen.terminal().size()?;
        update::update(self.model, Message::Resize(size.width, size.height));
        self.draw()
    }

    fn take(&mut self, message: Message) -> Result<Option<Ended>, ScreenError> {
        self.dirty = true;
        for effect in update::update(self.model, message) {
            if let Some(ended) = self.perform(effect)? {
                return Ok(Some(ended));
            }
        }
        Ok(None)
    }

    fn perform(&mut self, effect: Effect) -> Result<Option<Ended>, ScreenError> {
        match effect.send(self.session) {
            Some(Effect::Copy(text)) => self.screen.copy(&text)?,
            Some(Effect::Redraw) => self.screen.redraw()?,
            Some(Effect::Suspend) => self.suspend()?,
            Some(Effect::Quit) => return Ok(Some(Ended::Quit)),
            // All others were the session's.
            Some(_) | None => {}
        }
        Ok(None)
    }

    fn draw(&mut self) -> Result<(), ScreenError> {
        let running: Vec<RunId> = self.model.runs.running().map(|run| run.run).collect();
        let figures = running.into_iter().filter_map(|run| Some((run, LiveFigures::of(&self.session.live(run)?)))).collect();
        update::update(self.model, Message::Figures(figures));
        let model = &*self.model;
        self.screen.terminal().draw(|frame| view::draw(model, frame))?;
        self.drawn = Some(Instant::now());
        self.dirty = false;
        self.frame = FRAME;
        Ok(())
    }
}

fn is_ctrl_c(event: &TerminalEvent) -> bool {
    event.as_key_press_event().is_some_and(|key| key.code == KeyCode::Char('c') && key.modifiers == KeyModifiers::CONTROL)
}

/// Reads the terminal on a thread of its own, which ends with the process.
fn read_terminal() -> io::Result<Receiver<io::Result<TerminalEvent>>> {
    let (send, receive): (Sender<io::Result<TerminalEvent>>, _) = crossbeam_channel::unbounded();
    std::thread::Builder::new().name("skillscope-keys".into()).spawn(move || {
        let mut unheard = Unheard::default();
        loop {
            let event = crossterm::event::read();
            let failed = event.is_err();
            unheard.typed(send.len(), event.as_ref().is_ok_and(is_ctrl_c));
            if send.send(event).is_err() || failed {
                return;
            }
        }
    })?;
    Ok(receive)
}
