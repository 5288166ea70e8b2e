//! How things look: colours by what they mean, and the symbols, with plain ones for terminals that lack the others.

use crate::event::{LogLevel, Outcome, figures};
use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

/// Which colours there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThemeName {
    /// For a dark background.
    #[default]
    Dark,
    /// For a light background.
    Light,
    /// No colours at all: bold, faint, reverse.
    None,
}

/// Styles by meaning, and symbols.
#[derive(Clone, Debug)]
pub struct Theme {
    /// Ordinary text.
    pub text: Style,
    /// What matters less.
    pub faint: Style,
    /// What matters more.
    pub strong: Style,
    /// Names, keys, what can be done.
    pub accent: Style,
    /// Went well.
    pub good: Style,
    /// A limit is near, a thing is cut.
    pub warning: Style,
    /// Failed.
    pub bad: Style,
    /// Time and work inside the host.
    pub host: Style,
    /// The selected line of the panel that has the keys.
    pub selected: Style,
    /// The selected line of another panel.
    pub selected_elsewhere: Style,
    /// A border.
    pub border: Style,
    /// The border of the panel that has the keys.
    pub border_focused: Style,
    /// A match of a search.
    pub found: Style,
    /// Added text of a difference.
    pub added: Style,
    /// Removed text of a difference.
    pub removed: Style,
    /// The symbols.
    pub symbols: Symbols,
}

/// The symbols of a screen.
#[derive(Clone, Copy, Debug)]
pub struct Symbols {
    /// Whether only ASCII is used.
    pub ascii: bool,
    /// Where text was cut.
    pub ellipsis: &'static str,
    /// Between what was asked and what came.
    pub arrow: &'static str,
    /// Between figures.
    pub dot: &'static str,
    /// A state: ready.
    pub ready: &'static str,
    /// A state: running.
    pub running: &'static str,
    /// A state: paused, held.
    pub paused: &'static str,
    /// A state: compiling.
    pub compiling: &'static str,
    /// A state: an older version.
    pub stale: &'static str,
    /// A state: refused; failed.
    pub refused: &'static str,
    /// A mark.
    pub mark: &'static str,
    /// Something that is kept whatever its age.
    pub pinned: &'static str,
    /// The full cell of a bar.
    pub bar_full: &'static str,
    /// The second kind of full cell.
    pub bar_second: &'static str,
    /// The empty cell of a bar.
    pub bar_empty: &'static str,
    /// Heights of a history, lowest first.
    pub history: [&'static str; 8],
    /// Folded and unfolded nodes.
    pub folded: &'static str,
    /// See `folded`.
    pub unfolded: &'static str,
    /// Borders.
    pub border: border::Set<'static>,
    /// A line across.
    pub rule: &'static str,
}

const UNICODE: Symbols = Symbols {
    ascii: false,
    ellipsis: "…",
    arrow: "→",
    dot: "·",
    ready: "●",
    running: "▶",
    paused: "‖",
    compiling: "◌",
    stale: "◐",
    refused: "✗",
    mark: "◆",
    pinned: "■",
    bar_full: "█",
    bar_second: "▒",
    bar_empty: "░",
    history: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    folded: "▸",
    unfolded: "▾",
    border: border::ROUNDED,
    rule: "─",
};

const ASCII: Symbols = Symbols {
    ascii: true,
    ellipsis: "~",
    arrow: "->",
    dot: "-",
    ready: "o",
    running: ">",
    paused: "=",
    compiling: "c",
    stale: "s",
    refused: "x",
    mark: "*",
    pinned: "#",
    bar_full: "#",
    bar_second: "%",
    bar_empty: ".",
    history: ["_", ".", ":", "-", "=", "+", "*", "#"],
    folded: "+",
    unfolded: "-",
    border: border::Set {
        top_left: "+",
        top_right: "+",
        bottom_left: "+",
        bottom_right: "+",
        vertical_left: "|",
        vertical_right: "|",
        horizontal_top: "-",
        horizontal_bottom: "-",
    },
    rule: "-",
};

impl Theme {
    /// The theme of a name.
    pub fn new(name: ThemeName, ascii: bool) -> Self {
        let symbols = if ascii { ASCII } else { UNICODE };
        match name {
            ThemeName::Dark => Self::coloured(
                symbols,
                &Colours {
                    faint: Color::Indexed(245),
                    accent: Color::Indexed(116),
                    good: Color::Indexed(114),
                    warning: Color::Indexed(221),
                    bad: Color::Indexed(210),
                    host: Color::Indexed(183),
                    selected: Color::Indexed(238),
                    elsewhere: Color::Indexed(236),
                    border: Color::Indexed(240),
                    on_found: Color::Indexed(16),
                },
            ),
            ThemeName::Light => Self::coloured(
                symbols,
                &Colours {
                    faint: Color::Indexed(243),
                    accent: Color::Indexed(25),
                    good: Color::Indexed(28),
                    warning: Color::Indexed(130),
                    bad: Color::Indexed(160),
                    host: Color::Indexed(91),
                    selected: Color::Indexed(252),
                    elsewhere: Color::Indexed(254),
                    border: Color::Indexed(248),
                    on_found: Color::Indexed(231),
                },
            ),
            ThemeName::None => Self::plain(symbols),
        }
    }

    fn coloured(symbols: Symbols, colours: &Colours) -> Self {
        let text = Style::new();
        Self {
            text,
            faint: text.fg(colours.faint),
            strong: text.add_modifier(Modifier::BOLD),
            accent: text.fg(colours.accent),
            good: text.fg(colours.good),
            warning: text.fg(colours.warning),
            bad: text.fg(colours.bad),
            host: text.fg(colours.host),
            selected: text.bg(colours.selected),
            selected_elsewhere: text.bg(colours.elsewhere),
            border: text.fg(colours.border),
            border_focused: text.fg(colours.accent),
            found: text.fg(colours.on_found).bg(colours.warning),
            added: text.fg(colours.good),
            removed: text.fg(colours.bad),
            symbols,
        }
    }

    fn plain(symbols: Symbols) -> Self {
        let text = Style::new();
        let (bold, faint, reverse) = (Modifier::BOLD, Modifier::DIM, Modifier::REVERSED);
        Self {
            text,
            faint: text.add_modifier(faint),
            strong: text.add_modifier(bold),
            accent: text.add_modifier(bold),
            good: text,
            warning: text.add_modifier(bold),
            bad: text.add_modifier(bold | Modifier::UNDERLINED),
            host: text.add_modifier(faint),
            selected: text.add_modifier(reverse),
            selected_elsewhere: text.add_modifier(Modifier::UNDERLINED),
            border: text.add_modifier(faint),
            border_focused: text.add_modifier(bold),
            found: text.add_modifier(reverse),
            added: text.add_modifier(Modifier::UNDERLINED),
            removed: text.add_modifier(Modifier::CROSSED_OUT),
            symbols,
        }
    }

    /// A time, its unit in the characters that there are.
    pub fn microseconds(&self, value: u64) -> String {
        let told = figures::microseconds(value);
        if self.symbols.ascii { told.replace('µ', "u") } else { told }
    }

    /// The style of an outcome's word.
    pub const fn outcome(&self, outcome: Outcome) -> Style {
        match outcome {
            Outcome::Ok => self.good,
            Outcome::Cancelled => self.warning,
            Outcome::Manifest
            | Outcome::Invalid
            | Outcome::Trap
            | Outcome::Timeout
            | Outcome::Fuel
            | Outcome::Memory
            | Outcome::Output
            | Outcome::Exit
            | Outcome::Failed
            | Outcome::Host => self.bad,
        }
    }

    /// The style of a log level's word.
    pub const fn level(&self, level: LogLevel) -> Style {
        match level {
            LogLevel::Trace | LogLevel::Debug => self.faint,
            LogLevel::Info => self.accent,
            LogLevel::Warn => self.warning,
            LogLevel::Error => self.bad,
        }
    }
}

struct Colours {
    faint: Color,
    accent: Color,
    good: Color,
    warning: Color,
    bad: Color,
    host: Color,
    selected: Color,
    elsewhere: Color,
    border: Color,
    on_found: Color,
}
