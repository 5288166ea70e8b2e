//! Which functions the fuel of a case moved in, from what was accepted to what is used now.

use crate::event::FunctionFuel;
use crate::event::figures::count;
use std::collections::BTreeMap;

/// How many functions are told.
const MAX_TOLD: usize = 10;

/// The functions whose fuel moved most, one a line; empty where none did. Functions are the same where their names are, or, of those
/// without a name, their indices.
pub fn fuel_moves(accepted: &[FunctionFuel], now: &[FunctionFuel]) -> String {
    let mut moved: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for function in accepted {
        let before = &mut moved.entry(function.to_string()).or_default().0;
        *before = before.saturating_add(function.fuel);
    }
    for function in now {
        let after = &mut moved.entry(function.to_string()).or_default().1;
        *after = after.saturating_add(function.fuel);
    }
    let mut moved: Vec<_> = moved.into_iter().filter(|(_, (before, after))| before != after).collect();
    moved.sort_by_key(|(_, (before, after))| std::cmp::Reverse(before.abs_diff(*after)));
    let more = moved.len().saturating_sub(MAX_TOLD);
    let mut lines: Vec<String> = moved.iter().take(MAX_TOLD).map(|(name, figures)| line(name, *figures)).collect();
    if more > 0 {
        lines.push(format!("… and {more} functions more"));
    }
    lines.join("\n")
}

fn line(name: &str, (before, after): (u64, u64)) -> String {
    let sign = if after > before { '+' } else { '-' };
    let change = format!("{sign}{}", count(before.abs_diff(after)));
    match (before, after) {
        (0, _) => format!("{change:>14}  {name} (new: {})", count(after)),
        (_, 0) => format!("{change:>14}  {name} (was {}, and is not called any more)", count(before)),
        _ => format!("{change:>14}  {name} ({} -> {})", count(before), count(after)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(function_index: u32, name: Option<&str>, fuel: u64) -> FunctionFuel {
        FunctionFuel { function: name.map(str::to_owned), function_index, fuel, calls: 1 }
    }

    #[test]
    fn the_largest_moves_come_first_and_functions_are_known_by_name() {
        let accepted = [used(1, Some("parse"), 1000), used(2, Some("same"), 7), used(3, Some("gone"), 5), used(4, None, 10)];
        let now = [used(9, Some("parse"), 3500), used(2, Some("same"), 7), used(4, None, 9), used(5, Some("fresh"), 20)];
        let lines: Vec<String> = fuel_moves(&accepted, &now).lines().map(|line| line.trim().to_owned()).collect();
        assert_eq!(
            lines,
            [
                "+2,500  parse (1,000 -> 3,500)",
                "+20  fresh (new: 20)",
                "-5  gone (was 5, and is not called any more)",
                "-1  function 4 (10 -> 9)"
            ]
        );
        assert_eq!(fuel_moves(&now, &now), "");
    }
}
