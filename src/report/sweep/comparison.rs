//! Providers beside each other, for people: over all cases, and where there are several, case by case.

use super::human::{EXCERPT, name_of};
use super::table::{Side, Table};
use super::{CaseRows, Cases};
use crate::event::figures;
use crate::event::{COMPARISON_COLUMNS, CaseId, ProviderResult, sanitize_line};

/// The tables; empty where nothing was compared.
pub fn text(cases: &Cases) -> String {
    let compared: Vec<(&CaseId, &CaseRows)> = cases.iter().filter(|(_, rows)| !rows.results.is_empty()).collect();
    if compared.is_empty() {
        return String::new();
    }
    let mut text = table(&ProviderResult::overall(compared.iter().flat_map(|(_, rows)| &rows.results))).lines("");
    if compared.len() > 1 {
        for (case, rows) in &compared {
            text.push_str(&format!("\n{}\n{}", name_of(case), table(&rows.results).lines("  ")));
        }
    }
    for (case, result) in compared.iter().flat_map(|(case, rows)| rows.results.iter().map(move |result| (case, result))) {
        if let Some(failure) = &result.failure {
            let (label, failure) = (sanitize_line(&result.label), figures::cut(&sanitize_line(failure), 2 * EXCERPT));
            text.push_str(&format!("\n{} with {label}: {failure}\n", name_of(case)));
        }
    }
    text.push_str("\ntimes are measured, and are those of calls that were answered\n");
    text
}

fn table(results: &[ProviderResult]) -> Table {
    let figures = COMPARISON_COLUMNS.map(|column| (column.to_owned(), Side::Right));
    let mut table = Table::new([("provider".to_owned(), Side::Left)].into_iter().chain(figures));
    for result in results {
        table.row([sanitize_line(&result.label).into_owned()].into_iter().chain(result.cells()).collect());
    }
    table
}
