//! The table of a profiled run, for people: the functions that used most fuel.

use super::palette::Palette;
use crate::event::figures;
use crate::event::{FunctionFuel, sanitize_line};

/// How many functions are shown.
const SHOWN: usize = 20;
/// Characters of a function's name.
const NAME: usize = 100;

/// The table, those that used most first; `fuel` is the run's. Several lines, no line feed at the end.
pub fn table(functions: &[FunctionFuel], fuel: u64, palette: &Palette) -> String {
    let Palette { faint, reset, .. } = *palette;
    let shown = functions.get(..SHOWN).unwrap_or(functions);
    let (fuel_words, call_words): (Vec<String>, Vec<String>) =
        shown.iter().map(|function| (figures::count(function.fuel), figures::count(function.calls))).unzip();
    let width = |header: &str, words: &[String]| words.iter().map(String::len).chain([header.len()]).max().unwrap_or_default();
    let (fuel_width, calls_width) = (width("fuel", &fuel_words), width("calls", &call_words));
    let mut text = format!("{faint}{:>fuel_width$}       %  {:>calls_width$}  function (its own fuel){reset}", "fuel", "calls");
    for (function, (fuel_word, call_word)) in shown.iter().zip(fuel_words.iter().zip(&call_words)) {
        let name = figures::cut(&sanitize_line(&function.to_string()), NAME);
        let share = share(function.fuel, fuel);
        text.push_str(&format!("\n{fuel_word:>fuel_width$}  {share}  {call_word:>calls_width$}  {name}"));
    }
    if let Some(left_out) = functions.get(SHOWN..).filter(|left_out| !left_out.is_empty()) {
        let rest: u64 = left_out.iter().fold(0, |sum, function| sum.saturating_add(function.fuel));
        let (count, share) = (figures::count(left_out.len() as u64), share(rest, fuel));
        let functions = if left_out.len() == 1 { "function" } else { "functions" };
        text.push_str(&format!(
            "\n{faint}{:>fuel_width$}  {share}  {:>calls_width$}  in {count} more {functions} (--format json has all){reset}",
            figures::count(rest),
            ""
        ));
    }
    text
}

/// A share in percent with one digit behind the point, six characters wide.
fn share(part: u64, whole: u64) -> String {
    let tenths = u128::from(part).saturating_mul(1000).checked_div(u128::from(whole)).unwrap_or_default();
    format!("{:>4}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(name: Option<&str>, function_index: u32, fuel: u64) -> FunctionFuel {
        FunctionFuel { function: name.map(Into::into), function_index, fuel, calls: 1234 }
    }

    #[test]
    fn the_first_functions_stand_in_columns_and_the_rest_is_summed_up() {
        let mut functions = vec![function(Some("parse\u{1b}[2J"), 7, 2000), function(None, 9, 50)];
        functions.extend((0..20).map(|index| function(Some("f"), 10 + index, 1)));
        let table = table(&functions, 2070, &Palette::PLAIN);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 1 + SHOWN + 1, "{table}");
        assert_eq!(lines[0], " fuel       %  calls  function (its own fuel)");
        assert!(lines[1].starts_with("2,000    96.6  1,234  parse") && !lines[1].contains('\u{1b}'), "{table}");
        assert_eq!(lines[2], "   50     2.4  1,234  function 9");
        assert_eq!(lines[21], "    2     0.0         in 2 more functions (--format json has all)");
    }

    #[test]
    fn a_run_without_fuel_has_no_shares() {
        assert_eq!(table(&[], 0, &Palette::PLAIN).lines().count(), 1);
        assert_eq!((share(0, 0), share(5, 5), share(u64::MAX, u64::MAX)), ("   0.0".into(), " 100.0".into(), " 100.0".into()));
    }
}
