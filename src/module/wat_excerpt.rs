//! The lines of a binary module's text round one of its bytes.

use std::collections::VecDeque;
use std::io;
use wasmprinter::Print;

/// Lines shown before and after the one that is looked for.
const AROUND: usize = 2;
/// The longest line that is shown, in bytes.
const MAX_LINE: usize = 160;
/// Modules that are larger are not printed: it would take too long for a message.
const MAX_MODULE: usize = 4 << 20;

/// The lines of the module's text round a byte, the line that has it marked with `>`; `None` where it cannot be printed up to there.
pub fn wat_excerpt(module: &[u8], offset: u64) -> Option<String> {
    if module.len() > MAX_MODULE {
        return None;
    }
    let mut window = Window { offset, lines: VecDeque::new(), marked: None, after: 0 };
    // The end of a module that cannot be printed whole is no fault here: what counts is whether the place was reached.
    let _ = wasmprinter::Config::new().print(module, &mut window);
    window.finish()
}

/// Keeps the last lines, until the place and what follows it were printed.
struct Window {
    offset: u64,
    lines: VecDeque<(Option<u64>, String)>,
    /// The line's position in `lines`.
    marked: Option<usize>,
    /// Lines begun after the marked one.
    after: usize,
}

impl Window {
    fn finish(self) -> Option<String> {
        let marked = self.marked?;
        let shown = |(position, (_, line)): (usize, &(Option<u64>, String))| {
            let line = crate::event::sanitize_line(line.trim_end()).into_owned();
            format!("  {} {line}", if position == marked { '>' } else { ' ' })
        };
        Some(self.lines.iter().enumerate().map(shown).collect::<Vec<_>>().join("\n"))
    }

    /// The last line that begins at or before the place.
    fn last_before(&self) -> Option<usize> {
        self.lines.iter().rposition(|(start, _)| start.is_some_and(|start| start <= self.offset))
    }
}

impl Print for Window {
    fn write_str(&mut self, text: &str) -> io::Result<()> {
        if self.after > AROUND {
            return Err(io::Error::other("all that is shown was printed"));
        }
        if let Some((_, line)) = self.lines.back_mut() {
            let room = MAX_LINE.saturating_sub(line.len());
            line.push_str(text.get(..text.floor_char_boundary(room)).unwrap_or_default());
        }
        Ok(())
    }

    fn newline(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn start_line(&mut self, start: Option<u64>) {
        if self.marked.is_none() && start.is_some_and(|start| start > self.offset) {
            self.marked = self.last_before();
        }
        if self.marked.is_some() {
            self.after += 1;
            if self.after > AROUND {
                return;
            }
        } else if self.lines.len() > AROUND {
            self.lines.pop_front();
        }
        self.lines.push_back((start, String::new()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_byte_is_marked() {
        let bytes = wat::parse_str("(module (func (result i32) i32.const 1 i32.const 2 i32.add) (func nop))").unwrap();
        let position = bytes.windows(2).position(|pair| pair == [0x41, 2]).unwrap();
        let excerpt = wat_excerpt(&bytes, position as u64).unwrap();
        let marked: Vec<_> = excerpt.lines().filter(|line| line.contains('>')).collect();
        assert_eq!(marked, ["  >     i32.const 2"], "{excerpt}");
        assert!(excerpt.lines().count() <= 2 * AROUND + 1);
    }

    #[test]
    fn bytes_that_are_no_module_have_no_lines() {
        assert_eq!(wat_excerpt(b"nonsense", 3), None);
        assert_eq!(wat_excerpt(b"\0asm\x01\0\0\0", 1000), None);
    }
}
