//! Faults beside a user who holds calls: the user is first, and a fault befalls what the user lets go on.

use super::{Guest, Scripted, Setting};
use crate::event::{CallStarted, Payload, RunId};
use crate::host::ai::Answer;
use crate::host::{Decision, FaultPlan, Interception, Interceptor};
use crate::skill::FaultSpec;
use std::sync::{Arc, Mutex};

const ASK: &str = "cis.ai_prompt";

/// A user who has decided on each call beforehand.
#[derive(Debug)]
struct User(Mutex<Vec<Decision>>);

impl Interceptor for User {
    fn is_active(&self) -> bool {
        true
    }

    fn consider(&self, _run: RunId, _call: &CallStarted) -> Interception {
        self.0.lock().unwrap().pop().map_or(Interception::Pass, Interception::Decided)
    }
}

#[test]
fn the_user_comes_first_and_a_fault_befalls_what_goes_on() {
    let lead = Scripted::new("lead", |prompt| Ok(Answer { text: format!("<{prompt}>"), tokens: None }));
    let mut guest = Guest::new(Setting { lead: lead.clone(), ..Setting::default() });
    let edited = crate::event::CallRequest(vec![("prompt".into(), Payload::from("bread"))]);
    let mut decisions = vec![
        Decision::Answer("mine".into()),
        Decision::Fail(-7),
        Decision::Resume(None),
        Decision::Resume(Some(edited.clone())),
        Decision::Resume(Some(edited)),
    ];
    decisions.reverse();
    guest.state().interceptor = Some(Arc::new(User(Mutex::new(decisions))));
    let faults = ["(milk)#1=error", "(bread)#2=answer:stale"].map(|fault| FaultSpec::parse(fault).unwrap());
    guest.state().faults = FaultPlan::new(&faults);
    guest.put(0, "milk");
    let mut ask = || {
        let result = guest.call(ASK, &[0, 4, 100, 50]);
        (result, guest.last().provider.unwrap())
    };
    assert_eq!(ask(), (4, "you".into()), "answered by the user, so that no fault befell it");
    assert_eq!(ask(), (-7, "you".into()));
    assert_eq!(ask(), (-4, "fault".into()), "the first that went on");
    assert_eq!(ask(), (7, "lead".into()), "a filter sees the request as the user left it");
    assert_eq!(ask(), (5, "fault".into()));
    assert_eq!(ask(), (6, "lead".into()));
    assert_eq!(lead.count(), 2);
}
