//! What a case used, held against its budgets and against the fuel that was accepted.

use super::Measured;
use crate::event::figures::count as grouped;
use crate::event::{Mismatch, MismatchKind};
use crate::skill::cases::{Case, FuelBudget, Tolerance};
use crate::skill::format_bytes;
use std::time::Duration;

/// What is wrong with what was used.
pub fn judge(case: &Case, measured: &Measured<'_>, notes: &mut Vec<String>) -> Vec<Mismatch> {
    let budget = case.expected.budget;
    let usage = &measured.finished.usage;
    let over = |message: String| Mismatch::new(MismatchKind::Budget, message);
    let mut mismatches = Vec::new();
    if let Some(most) = budget.fuel.filter(|most| usage.fuel > *most) {
        mismatches.push(over(format!("used {} fuel, and the budget is {}", grouped(usage.fuel), grouped(most))));
    }
    let peak = usage.memory_peak_bytes.unwrap_or_default();
    if let Some(most) = budget.memory_bytes.filter(|most| peak > *most) {
        mismatches.push(over(format!(
            "used {} of memory at its peak, and the budget is {}",
            format_bytes(peak),
            format_bytes(most)
        )));
    }
    let took = Duration::from_secs_f64(usage.elapsed_ms.max(0.0) / 1000.0);
    if let Some(most) = budget.time_ms.map(Duration::from_millis).filter(|most| took > *most) {
        mismatches.push(over(format!("took {took:.1?}, and the budget is {most:?}")));
    }
    let calls = measured.summary.call_count;
    if let Some(most) = budget.calls.filter(|most| calls > *most) {
        mismatches.push(over(format!("made {calls} host calls, and the budget is {most}")));
    }
    mismatches.extend(case.expected.fuel.and_then(|budget| fuel(budget, measured, notes)));
    mismatches
}

fn fuel(budget: FuelBudget, measured: &Measured<'_>, notes: &mut Vec<String>) -> Option<Mismatch> {
    let usage = &measured.finished.usage;
    if !usage.fuel_exact {
        return Some(Mismatch::new(
            MismatchKind::Fuel,
            "the fuel of this run is not exact, so that it cannot be held against a figure",
        ));
    }
    let (Some(accepted), Some(most)) = (budget.accepted, budget.most()) else {
        let message = format!("no fuel was accepted yet; this run used {}", grouped(usage.fuel));
        let hint = "where that is right, `skillscope --test --accept` writes it down";
        return Some(Mismatch::new(MismatchKind::NotAccepted, message).with_details(hint));
    };
    if usage.fuel > most {
        let more = share(usage.fuel.saturating_sub(accepted), accepted);
        let tolerance = match budget.tolerance {
            Tolerance::Units(0) => String::new(),
            Tolerance::Units(_) | Tolerance::Share(_) => format!(", and {} are tolerated", grouped(most)),
        };
        let message =
            format!("used {} fuel, and {} were accepted: {more} more{tolerance}", grouped(usage.fuel), grouped(accepted));
        return Some(Mismatch::new(MismatchKind::Fuel, message));
    }
    if usage.fuel < accepted {
        let less = share(accepted.saturating_sub(usage.fuel), accepted);
        notes.push(format!(
            "used {} fuel, {less} less than the accepted {}: --accept writes it down",
            grouped(usage.fuel),
            grouped(accepted)
        ));
    }
    None
}

fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return grouped(part);
    }
    let hundredths = u128::from(part).saturating_mul(10_000) / u128::from(whole);
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}
