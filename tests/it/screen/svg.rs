//! A terminal's screen as an SVG file: cell by cell, so that it looks the same whatever fonts there are.
//!
//! Letters are text that is stretched to its cells. Lines and blocks are drawn as shapes: fonts leave gaps between them.

use std::fmt::Write as _;

const CELL: (f64, f64) = (8.4, 18.0);
const FONT_SIZE: f64 = 14.0;
/// Round the screen.
const MARGIN: f64 = 12.0;
const BACKGROUND: &str = "#16181d";
const FOREGROUND: &str = "#d5d8de";
const FONTS: &str = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace";
/// The sixteen named colours.
const NAMED: [&str; 16] = [
    "#2a2d34", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4", "#7f848e", "#ef8088", "#aed58f",
    "#f0d08f", "#80c0f5", "#d898e8", "#78ccd6", "#ffffff",
];

/// How a run of cells looks.
#[derive(Clone, PartialEq)]
struct Look {
    foreground: String,
    background: Option<String>,
    is_bold: bool,
    is_faint: bool,
    is_underlined: bool,
}

/// The screen as a file, with a title for those who cannot see it.
pub fn svg(screen: &vt100::Screen, title: &str) -> String {
    let (rows, columns) = screen.size();
    let (width, height) = (f64::from(columns).mul_add(CELL.0, 2.0 * MARGIN), f64::from(rows).mul_add(CELL.1, 2.0 * MARGIN));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.1} {height:.1}\" \
         role=\"img\" font-family=\"{FONTS}\" font-size=\"{FONT_SIZE}\">\n<title>{}</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n",
        escaped(title)
    );
    for row in 0..rows {
        let mut column = 0;
        while column < columns {
            column = run(screen, row, column, columns, &mut svg);
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// Draws the cells from this one on that look alike, and tells where the next ones begin.
fn run(screen: &vt100::Screen, row: u16, first: u16, columns: u16, svg: &mut String) -> u16 {
    let cell = |column: u16| screen.cell(row, column).unwrap();
    let look = look(cell(first));
    let kind = |column: u16| Kind::of(cell(column).contents());
    let mut end = first;
    let mut text = String::new();
    while end < columns && self::look(cell(end)) == look && kind(end) == kind(first) {
        if !cell(end).is_wide_continuation() {
            text.push_str(if cell(end).has_contents() { cell(end).contents() } else { " " });
        }
        end += 1;
        // A wide character is drawn alone: fonts differ most in these.
        if kind(first) == Kind::Wide {
            while end < columns && cell(end).is_wide_continuation() {
                end += 1;
            }
            break;
        }
    }
    let (x, y) = (f64::from(first).mul_add(CELL.0, MARGIN), f64::from(row).mul_add(CELL.1, MARGIN));
    let width = f64::from(end - first) * CELL.0;
    if let Some(background) = &look.background {
        let _ =
            writeln!(svg, "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{}\" fill=\"{background}\"/>", CELL.1);
    }
    match kind(first) {
        Kind::Shape => {
            let mut at = 0_u32;
            for alike in text.chars().collect::<Vec<_>>().chunk_by(|a, b| a == b && is_joined(*a)) {
                let x = f64::from(at).mul_add(CELL.0, x);
                let count = u32::try_from(alike.len()).unwrap();
                draw_shape(alike[0], (x, y), f64::from(count) * CELL.0, &look, svg);
                at += count;
            }
        }
        Kind::Text | Kind::Wide if text.trim().is_empty() => {}
        Kind::Text | Kind::Wide => draw_text(&text, (x, y), width, &look, svg),
    }
    end
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Wide,
    Shape,
}

impl Kind {
    fn of(contents: &str) -> Self {
        match contents.chars().next() {
            Some('\u{2500}'..='\u{259f}') => Self::Shape,
            Some(_) if unicode_width::UnicodeWidthStr::width(contents) > 1 => Self::Wide,
            _ => Self::Text,
        }
    }
}

fn draw_text(text: &str, (x, y): (f64, f64), width: f64, look: &Look, svg: &mut String) {
    let leading = text.len() - text.trim_start().len();
    let cells = |text: &str| u32::try_from(unicode_width::UnicodeWidthStr::width(text)).unwrap();
    let shown = text.trim();
    let x = f64::from(cells(&text[..leading])).mul_add(CELL.0, x);
    let length = (f64::from(cells(shown)) * CELL.0).min(width);
    let weight = if look.is_bold { " font-weight=\"bold\"" } else { "" };
    let faint = if look.is_faint { " opacity=\"0.6\"" } else { "" };
    let underline = if look.is_underlined { " text-decoration=\"underline\"" } else { "" };
    let baseline = y + 13.4;
    let _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{baseline:.1}\" textLength=\"{length:.1}\" lengthAdjust=\"spacingAndGlyphs\" \
         fill=\"{}\"{weight}{faint}{underline} xml:space=\"preserve\">{}</text>",
        look.foreground,
        escaped(shown)
    );
}

/// Whether such shapes beside each other are drawn as one, so that no seams are seen between them.
const fn is_joined(shape: char) -> bool {
    matches!(shape, '─' | '\u{2581}'..='\u{2593}')
}

/// A line, a corner, or a block of this width.
fn draw_shape(shape: char, (x, y): (f64, f64), w: f64, look: &Look, svg: &mut String) {
    let h = CELL.1;
    let (cx, cy, right, bottom) = (x + w / 2.0, y + h / 2.0, x + w, y + h);
    let colour = &look.foreground;
    let opacity = if look.is_faint { 0.6 } else { 1.0 };
    let path = match shape {
        '─' => Some(format!("M{x:.1} {cy:.1}H{right:.1}")),
        '│' => Some(format!("M{cx:.1} {y:.1}V{bottom:.1}")),
        '╭' => Some(format!("M{cx:.1} {bottom:.1}Q{cx:.1} {cy:.1} {right:.1} {cy:.1}")),
        '╮' => Some(format!("M{x:.1} {cy:.1}Q{cx:.1} {cy:.1} {cx:.1} {bottom:.1}")),
        '╰' => Some(format!("M{cx:.1} {y:.1}Q{cx:.1} {cy:.1} {right:.1} {cy:.1}")),
        '╯' => Some(format!("M{x:.1} {cy:.1}Q{cx:.1} {cy:.1} {cx:.1} {y:.1}")),
        _ => None,
    };
    if let Some(path) = path {
        let _ = writeln!(svg, "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-opacity=\"{opacity}\"/>");
        return;
    }
    let (height, opacity) = match shape {
        '\u{2581}'..='\u{2588}' => (f64::from(u32::from(shape) - 0x2580) / 8.0, opacity),
        '░' => (1.0, 0.25),
        '▒' => (1.0, 0.5),
        '▓' => (1.0, 0.75),
        _ => return draw_text(&shape.to_string(), (x, y), w, look, svg),
    };
    // Bars are a little lower than their line, so that lines stay apart.
    let height = height * (h - 4.0);
    let top = bottom - 2.0 - height;
    let _ = writeln!(
        svg,
        "<rect x=\"{x:.1}\" y=\"{top:.1}\" width=\"{w:.1}\" height=\"{height:.1}\" fill=\"{colour}\" fill-opacity=\"{opacity}\"/>"
    );
}

fn look(cell: &vt100::Cell) -> Look {
    let (foreground, background) = (colour(cell.fgcolor()), colour(cell.bgcolor()));
    let (foreground, background) = if cell.inverse() {
        (Some(background.unwrap_or_else(|| BACKGROUND.to_owned())), Some(foreground.unwrap_or_else(|| FOREGROUND.to_owned())))
    } else {
        (foreground, background)
    };
    Look {
        foreground: foreground.unwrap_or_else(|| FOREGROUND.to_owned()),
        background,
        is_bold: cell.bold(),
        is_faint: cell.dim(),
        is_underlined: cell.underline(),
    }
}

/// `None` is the terminal's own.
fn colour(colour: vt100::Color) -> Option<String> {
    match colour {
        vt100::Color::Default => None,
        vt100::Color::Rgb(r, g, b) => Some(format!("#{r:02x}{g:02x}{b:02x}")),
        vt100::Color::Idx(index @ 0..16) => Some(NAMED[usize::from(index)].to_owned()),
        vt100::Color::Idx(index @ 16..232) => {
            let level = |value: u8| if value == 0 { 0 } else { 55 + value * 40 };
            let index = index - 16;
            Some(format!("#{:02x}{:02x}{:02x}", level(index / 36), level(index / 6 % 6), level(index % 6)))
        }
        vt100::Color::Idx(index) => {
            let grey = 8 + (index - 232) * 10;
            Some(format!("#{grey:02x}{grey:02x}{grey:02x}"))
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
