//! `--accept`: what came of a case becomes what is expected of it, where nothing but that stands against it.

use super::run_case::{CaseRun, CaseRunner, Conditions, TestedSkill};
use super::snapshots::{FuelSnapshot, SnapshotError, Snapshots};
use crate::event::figures::count;
use crate::event::{Mismatch, MismatchKind};
use crate::skill::cases::{Case, CaseEditError, OutputCheck, write_accepted_fuel};
use serde_json::Value;

/// Why something was not written down.
#[derive(Debug, thiserror::Error)]
enum AcceptError {
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    #[error(transparent)]
    Case(#[from] CaseEditError),
}

/// Writes down the output and the fuel of a case that asks for it, and tells what was written. A run in which anything else does not hold
/// changes nothing; what was accepted is taken out of its mismatches.
pub fn accept(runner: &CaseRunner, skill: &TestedSkill, case: &Case, run: &mut CaseRun) -> Vec<String> {
    let can_be_accepted =
        |mismatch: &Mismatch| matches!(mismatch.kind, MismatchKind::Snapshot | MismatchKind::Fuel | MismatchKind::NotAccepted);
    if !run.attempt.mismatches.iter().all(can_be_accepted) {
        return Vec::new();
    }
    let snapshots = Snapshots::of(skill.skill(), case);
    let written = output(case, run, &snapshots).and_then(|output| Ok((output, fuel(runner, skill, case, run, &snapshots)?)));
    match written {
        Ok((output, fuel)) => {
            run.attempt.mismatches.retain(|mismatch| mismatch.kind == MismatchKind::Fuel && !run.attempt.usage.fuel_exact);
            if fuel.is_some() {
                run.attempt.notes.clear();
            }
            output.into_iter().chain(fuel).collect()
        }
        Err(error) => {
            run.attempt.mismatches.push(Mismatch::new(MismatchKind::File, error.to_string()));
            Vec::new()
        }
    }
}

fn output(case: &Case, run: &CaseRun, snapshots: &Snapshots) -> Result<Option<String>, AcceptError> {
    if !case.expected.output.contains(&OutputCheck::Snapshot) {
        return Ok(None);
    }
    let found = run.finished.output.as_ref().and_then(|output| serde_json::from_str::<Value>(output.as_str()).ok());
    let Some(found) = found else { return Ok(None) };
    // One that is broken is written anew.
    if snapshots.output().ok().flatten().as_ref() == Some(&found) {
        return Ok(None);
    }
    snapshots.write_output(&found)?;
    Ok(Some("the output".to_owned()))
}

fn fuel(
    runner: &CaseRunner,
    skill: &TestedSkill,
    case: &Case,
    run: &CaseRun,
    snapshots: &Snapshots,
) -> Result<Option<String>, AcceptError> {
    let Some(budget) = case.expected.fuel.filter(|_| run.attempt.usage.fuel_exact) else { return Ok(None) };
    let fuel = run.attempt.usage.fuel;
    let is_written = budget.accepted == Some(fuel);
    let is_told = snapshots.fuel().ok().flatten().is_some_and(|told| told.fuel == fuel);
    if is_written && is_told {
        return Ok(None);
    }
    if let Some(functions) = functions_of(runner, skill, case) {
        snapshots.write_fuel(&FuelSnapshot::new(fuel, functions))?;
    }
    if is_written {
        return Ok(None);
    }
    write_accepted_fuel(&case.place, &case.name, fuel)?;
    let before = budget.accepted.map_or_else(String::new, |before| format!(" (it was {})", count(before)));
    Ok(Some(format!("{} fuel{before}", count(fuel))))
}

/// What each function uses: told by another run of the case, whose module counts for each function.
pub fn functions_of(runner: &CaseRunner, skill: &TestedSkill, case: &Case) -> Option<Vec<crate::event::FunctionFuel>> {
    let conditions = Conditions { profile_fuel: true, ..Conditions::default() };
    runner.run(skill, case, &conditions).ok().and_then(|run| run.finished.functions)
}
