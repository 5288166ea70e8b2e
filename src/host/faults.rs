//! The faults that are to befall a run: which call comes to meet which of them, and which never met any.
//!
//! Here it is counted; what a fault does to a call is done where the service would be asked (`functions/befall.rs`), so that whatever
//! would have come first (a wrong argument, a missing grant, a held response) still does. The growth of memory is the runtime's.

use crate::event::{CallId, CallRequest};
use crate::skill::{Effect, FaultSpec, Occurrence};
use std::time::Duration;

/// A run's faults, each with the calls that it fitted so far.
#[derive(Clone, Debug, Default)]
pub struct FaultPlan {
    faults: Vec<Planned>,
}

#[derive(Clone, Debug)]
struct Planned {
    spec: FaultSpec,
    /// The calls that it fitted.
    met: u64,
    /// Whether it befell any of them.
    struck: bool,
}

/// What befalls one call: all delays, one end at most, and a larger answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Befalling {
    /// The faults, as they were written, in their order.
    pub(super) faults: Vec<String>,
    /// How long it is kept waiting.
    pub(super) delay: Duration,
    /// How it ends in the place of its real end, and by which fault.
    pub(super) end: Option<(Effect, String)>,
    /// Whether its answer is made larger than the skill's buffer.
    pub(super) truncated: bool,
}

/// What is to befall the growth of memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GrowthFaults {
    /// The lowest limit, in bytes, and the fault.
    pub limit: Option<(u64, String)>,
    /// From which growth on there are no more, counted from 1, and the fault; the first of them.
    pub none_from: Option<(u64, String)>,
}

impl FaultPlan {
    /// A plan of these faults; where several would end the same call, the first one does.
    pub fn new(faults: &[FaultSpec]) -> Self {
        Self { faults: faults.iter().map(|spec| Planned { spec: spec.clone(), met: 0, struck: false }).collect() }
    }

    /// Whether nothing is to go wrong.
    pub fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    /// What befalls this call, which is made now.
    pub(super) fn meet(&mut self, id: CallId, name: &str, request: &CallRequest) -> Befalling {
        let mut befalling = Befalling::default();
        for fault in &mut self.faults {
            if !fault.spec.fits(id, name, request) {
                continue;
            }
            fault.met += 1;
            let is_meant = fault.spec.is_by_number() || fault.spec.occurrence().is(fault.met);
            if is_meant && befalling.take(&fault.spec) {
                fault.struck = true;
            }
        }
        befalling
    }

    /// What is to befall the growth of memory.
    pub fn growth(&self) -> GrowthFaults {
        let mut growth = GrowthFaults::default();
        for Planned { spec, .. } in &self.faults {
            match (spec.effect(), spec.occurrence()) {
                (Effect::MemoryLimit(bytes), _) if growth.limit.as_ref().is_none_or(|(lowest, _)| bytes < lowest) => {
                    growth.limit = Some((*bytes, spec.to_string()));
                }
                (Effect::NoGrowth, occurrence) => {
                    let from = match occurrence {
                        Occurrence::Every => 1,
                        Occurrence::Nth(from) | Occurrence::From(from) => from,
                    };
                    if growth.none_from.as_ref().is_none_or(|(first, _)| from < *first) {
                        growth.none_from = Some((from, spec.to_string()));
                    }
                }
                _ => {}
            }
        }
        growth
    }

    /// The faults of calls that befell none, in words.
    pub fn unmet(&self) -> impl Iterator<Item = String> {
        let idle = self.faults.iter().filter(|fault| !fault.struck && !fault.spec.is_of_memory());
        idle.map(|Planned { spec, met, .. }| match met {
            0 => format!("the fault {spec} befell nothing: no such call was made that it could befall"),
            1 => format!("the fault {spec} befell nothing: there was 1 call that it fits"),
            met => format!("the fault {spec} befell nothing: there were {met} calls that it fits"),
        })
    }
}

impl Befalling {
    /// Adds a fault; false where another one has ended the call before.
    fn take(&mut self, spec: &FaultSpec) -> bool {
        match spec.effect() {
            Effect::Delay(delay) => self.delay = self.delay.saturating_add(*delay),
            Effect::Hang => self.delay = Duration::MAX,
            Effect::Truncated => self.truncated = true,
            _ if self.end.is_some() => return false,
            effect => self.end = Some((effect.clone(), spec.to_string())),
        }
        self.faults.push(spec.to_string());
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(faults: &[&str]) -> FaultPlan {
        FaultPlan::new(&faults.iter().map(|text| FaultSpec::parse(text).unwrap()).collect::<Vec<_>>())
    }

    #[test]
    fn each_fault_counts_the_calls_that_it_fits() {
        let mut plan = plan(&["ai#2=error", "ai=delay:1s", "ai#2=garbage", "#9=error", "ai#8=error", "store=full"]);
        let mut meet = |id, name| plan.meet(CallId(id), name, &CallRequest::default());
        assert_eq!(meet(1, "cis.ai_prompt").faults, ["ai=delay:1s"]);
        assert_eq!(meet(2, "cis.memory_get"), Befalling::default());
        let second = meet(3, "env.host_ai_chat");
        assert_eq!(second.faults, ["ai#2=error", "ai=delay:1s"]);
        assert_eq!((second.end.unwrap().0, second.delay), (Effect::Error(None), Duration::from_secs(1)));
        assert_eq!(
            plan.unmet().collect::<Vec<_>>(),
            [
                "the fault ai#2=garbage befell nothing: there were 2 calls that it fits",
                "the fault #9=error befell nothing: no such call was made that it could befall",
                "the fault ai#8=error befell nothing: there were 2 calls that it fits",
                "the fault store=full befell nothing: no such call was made that it could befall",
            ]
        );
    }

    #[test]
    fn of_several_faults_of_memory_the_strictest_hold() {
        let growth = plan(&["memory=limit:2MiB", "memory=limit:1MiB", "memory#3=refused", "memory#2+=refused"]).growth();
        assert_eq!(growth.limit, Some((1 << 20, "memory=limit:1MiB".into())));
        assert_eq!(growth.none_from, Some((2, "memory#2+=refused".into())));
        assert_eq!(plan(&["ai=error"]).growth(), GrowthFaults::default());
    }
}
