//! What must come of a case: outcome, output, streams, store, budgets, fuel.

use super::given::{base64, in_table};
use super::words::{count, each, entries, file, only, text_match, word_of};
use super::{calls, output};
use crate::event::Outcome;
use crate::skill::cases::{Budget, Content, Expected, FuelBudget, StoreAfter, StoredValue, TextMatch, Tolerance};
use crate::skill::limit::parse_memory_limit;
use crate::skill::{Item, Reported, TableReader};

pub(super) fn expected(table: &mut TableReader<'_>) -> Result<Expected, Reported> {
    let outcome = table.optional("outcome", |item| word_of(item, "outcome", &Outcome::ALL.map(|known| (known.word(), known))));
    let error = table.optional("error", text_match);
    let error_kind = table.optional("error_kind", Item::text);
    let output = output::output(table);
    let stdout = table.optional("stdout", text_match);
    let stderr = table.optional("stderr", text_match);
    let calls = calls::calls(table);
    let store = store_after(table);
    let budget = table.optional("budget", |item| in_table(item, budget));
    let fuel = fuel(table);
    Ok(Expected {
        outcome: outcome?.unwrap_or(Outcome::Ok),
        error: error?,
        error_kind: error_kind?,
        output: output?,
        stdout: stdout?,
        stderr: stderr?,
        calls: calls?,
        store: store?,
        budget: budget?.unwrap_or_default(),
        fuel: fuel?,
    })
}

fn store_after(table: &mut TableReader<'_>) -> Result<StoreAfter, Reported> {
    let whole = table.optional("store_after", |item| entries(item, stored));
    let includes = table.optional("store_after_includes", |item| entries(item, stored));
    let lacks = table.optional("store_after_lacks", |item| each(item, |item| item.text()));
    Ok(StoreAfter { whole: whole?, includes: includes?.unwrap_or_default(), lacks: lacks?.unwrap_or_default() })
}

fn stored(item: &Item<'_>) -> Result<StoredValue, Reported> {
    if !item.is_table() {
        return Ok(StoredValue::Text(TextMatch::Equals(item.text()?)));
    }
    let mut table = item.table()?;
    let keys = [table.item("json"), table.item("base64"), table.item("file")];
    match only(&keys)? {
        Some(key) => {
            table.finish();
            match key.key() {
                "json" => key.json().map(StoredValue::Json),
                "base64" => base64(key).map(|bytes| StoredValue::Is(Content::Inline(bytes))),
                _ => file(key).map(StoredValue::Is),
            }
        }
        None => text_match(item).map(StoredValue::Text),
    }
}

fn budget(table: &mut TableReader<'_>) -> Result<Budget, Reported> {
    let fuel = table.optional("fuel", count);
    let memory_bytes = table.optional("memory", |item| item.quantity(parse_memory_limit));
    let time_ms = table.optional("time", |item| item.quantity(crate::skill::parse_timeout_ms));
    let calls = table.optional("calls", count);
    Ok(Budget { fuel: fuel?, memory_bytes: memory_bytes?, time_ms: time_ms?, calls: calls? })
}

fn fuel(table: &mut TableReader<'_>) -> Result<Option<FuelBudget>, Reported> {
    const ACCEPT: &str = "accept";
    let accepted = table.optional("fuel", |item| {
        if item.is_string() {
            return if item.string()? == ACCEPT {
                Ok(None)
            } else {
                let hint = "write `fuel = \"accept\"` and run `skillscope --test --accept`, which writes the figure".to_owned();
                Err(item.bad_value("expected the accepted figure", Some(hint)))
            };
        }
        count(item).map(Some)
    });
    let tolerance = table.item("fuel_tolerance");
    match (accepted?, tolerance) {
        (Some(accepted), None) => Ok(Some(FuelBudget { accepted, tolerance: Tolerance::Units(0) })),
        (Some(accepted), Some(item)) => Ok(Some(FuelBudget { accepted, tolerance: self::tolerance(&item)? })),
        (None, Some(item)) => {
            Err(item
                .bad_key("there is no `fuel` that it could be the tolerance of", Some("write `fuel = \"accept\"`".to_owned())))
        }
        (None, None) => Ok(None),
    }
}

/// Units of fuel, or a share of the accepted figure, `"1.5%"`.
fn tolerance(item: &Item<'_>) -> Result<Tolerance, Reported> {
    if !item.is_string() {
        return count(item).map(Tolerance::Units);
    }
    let share = item.string()?.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    match share.filter(|share| (0.0..=1000.0).contains(share)) {
        Some(share) => Ok(Tolerance::Share(hundredths(share))),
        None => {
            Err(item.bad_value("expected units of fuel, or a share of it up to 1000%", Some("write it: \"1.5%\"".to_owned())))
        }
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was found to be from 0 to 1000")]
fn hundredths(share: f64) -> u32 {
    (share * 100.0).round() as u32
}
