//! A case with each fault at each of its host calls, one at a time.

use super::trials::{at_call, faults_of, survival};
use super::{Attempt, Cancelled, Change, Subject};
use crate::event::{FaultTrial, SweepEvent};

/// Tries them all; `plain` is the case as it is.
pub fn sweep(subject: &dyn Subject, plain: &Attempt, emit: &mut dyn FnMut(SweepEvent)) -> Result<(), Cancelled> {
    let case = subject.name();
    let trials = plain.calls.iter().flat_map(|call| faults_of(call).iter().map(move |fault| (call, *fault)));
    let mut count = 0;
    for (call, fault) in trials {
        let Some(spec) = at_call(call, fault) else { continue };
        let text = spec.to_string();
        let attempt = subject.attempt(&Change { faults: vec![spec], ..Change::default() })?;
        let befell = attempt.faults.iter().any(|injected| injected.fault == text);
        count += 1;
        emit(SweepEvent::FaultTried {
            case: case.clone(),
            trial: FaultTrial {
                call: call.id,
                function: call.name.clone(),
                fault: text,
                survival: survival(&attempt.finished, befell, attempt.passed),
                outcome: attempt.finished.outcome,
                error: attempt.finished.error.map(|error| error.message),
            },
        });
    }
    if count == 0 {
        emit(SweepEvent::Skipped { case, why: "it makes no host call that a fault can befall".to_owned(), failed: false });
    }
    Ok(())
}
