//! Sweeps: their words, the faults that they try, and the fields of their document.

use super::{Words, in_backticks, read, set, table};
use skillscope::event::{CallId, CaseId, LeastLimit, Outcome, Survival, SweepEvent, SweepKind, TimeMargin};
use std::collections::BTreeMap;

#[test]
fn what_becomes_of_a_run_with_a_fault_has_the_documented_words() {
    let page = read("docs/sweeps.md");
    let rows = table(&page, "| word | what became of the run |");
    assert_eq!(rows.iter().map(|row| row[0].trim_matches('`').to_owned()).collect::<Vec<_>>(), Survival::ALL.map(Survival::word));
    for (row, survival) in rows.iter().zip(Survival::ALL) {
        assert_eq!(row[2] == "no", survival.is_fatal(), "{}", survival.word());
    }
    for kind in SweepKind::ALL {
        assert!(page.contains(&format!("--sweep {}", kind.word())), "docs/sweeps.md does not tell of {}", kind.word());
    }
}

/// An event of each word, and its fields.
fn events() -> BTreeMap<String, Words> {
    let case = || CaseId { skill: "s".into(), case: "c".into() };
    let trial = skillscope::event::FaultTrial {
        call: CallId(1),
        function: String::new(),
        fault: String::new(),
        survival: Survival::Passed,
        outcome: Outcome::Ok,
        error: None,
    };
    let margin = TimeMargin { limit_ms: 1, median_ms: 1.0, longest_ms: 1.0, ratio: 1.0, runs: 1 };
    let result = skillscope::event::ProviderResult {
        provider: String::new(),
        label: String::new(),
        runs: 0,
        passed: 0,
        call_us: Vec::new(),
        tokens: None,
        failed_calls: 0,
        failure: None,
    };
    let found = LeastLimit { least: 1, used: 1, limit: None, runs: 1 };
    let all = [
        SweepEvent::Started { number: skillscope::event::RunId(1), cases: 1 },
        SweepEvent::Refused { failure: skillscope::event::Failure::new("kind", "message") },
        SweepEvent::Skipped { case: case(), why: String::new(), failed: true },
        SweepEvent::FaultTried { case: case(), trial },
        SweepEvent::LeastFound { case: case(), what: SweepKind::Fuel, found },
        SweepEvent::MarginMeasured { case: case(), margin },
        SweepEvent::Compared { case: case(), result },
        SweepEvent::Done { cancelled: false },
    ];
    let mut known = BTreeMap::new();
    for event in all {
        // A new one stops this from compiling: it belongs into the list above and into the document.
        match &event {
            SweepEvent::Started { .. } | SweepEvent::Refused { .. } | SweepEvent::Skipped { .. } | SweepEvent::Done { .. } => {}
            SweepEvent::FaultTried { .. } | SweepEvent::LeastFound { .. } => {}
            SweepEvent::MarginMeasured { .. } | SweepEvent::Compared { .. } => {}
        }
        let json = serde_json::to_value(skillscope::event::Event::Sweep(event)).unwrap();
        assert_eq!(json["event"], "sweep");
        let fields = json.as_object().unwrap().keys().map(String::as_str).filter(|key| !["event", "sweep"].contains(key));
        known.insert(json["sweep"].as_str().unwrap().to_owned(), set(fields));
    }
    known
}

#[test]
fn every_event_of_a_sweep_is_documented_with_its_fields() {
    let page = read("docs/sweeps.md");
    // What is told behind a colon is of other things.
    let fields = |cell: &str| set(in_backticks(cell.split(':').next().unwrap()));
    let rows = table(&page, "| `sweep` | fields |").into_iter();
    let all: BTreeMap<String, Words> = rows.map(|row| (row[0].trim_matches('`').to_owned(), fields(&row[1]))).collect();
    assert_eq!(all, events());
}
