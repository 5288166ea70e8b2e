//! AI calls of a guest: answers, truncation, held responses, shadows.

use super::{Guest, MEMORY_END, Scripted, Setting};
use crate::event::{Event, Limits, Payload, Tokens};
use crate::host::Stop;
use crate::host::ai::{AiError, Answer};
use crate::skill::Permissions;
use std::sync::Arc;
use std::time::{Duration, Instant};

const ASK: &str = "cis.ai_prompt";

fn saying(text: &'static str) -> Arc<Scripted> {
    Scripted::new("fixed", move |_| Ok(Answer { text: text.to_owned(), tokens: None }))
}

#[test]
fn an_answer_is_written_and_traced_with_who_gave_it() {
    let lead = Scripted::new("mock", |prompt| {
        Ok(Answer { text: format!("<{prompt}>"), tokens: Some(Tokens { prompt: Some(3), answer: Some(5) }) })
    });
    let mut guest = Guest::new(Setting { lead, ..Setting::default() });
    guest.put(0, "héllo");
    for (n, name) in ["cis.ai_prompt", "env.host_ai_chat", "cis.host_ai_chat"].into_iter().enumerate() {
        assert_eq!(guest.call(name, &[0, 6, 100, 50]), 8);
        assert_eq!(guest.bytes(100, 9), "<héllo>\0".as_bytes());
        let (started, last) = (guest.started().pop().unwrap(), guest.last());
        assert_eq!((started.name.as_ref(), started.id.0), (name, u64::try_from(n).unwrap() + 1));
        assert_eq!(started.request.get("prompt"), Some(&Payload::from("héllo")));
        assert_eq!((last.result, last.truncated, last.held), (Some(8), false, false));
        assert_eq!(last.response, Some(Payload::from("<héllo>")));
        assert_eq!(last.provider.as_deref(), Some("mock"));
        assert_eq!(last.tokens.and_then(|tokens| tokens.answer), Some(5));
    }
    assert_eq!(guest.gauges.sample().host_calls, 3);
    assert_eq!(guest.gauges.sample().memory_bytes, 65_536);
}

#[test]
fn a_truncated_answer_is_held_and_handed_over_without_asking_again() {
    let lead = saying("0123456789");
    let mut guest = Guest::new(Setting { lead: lead.clone(), ..Setting::default() });
    guest.put(0, "prompt");
    guest.put(100, "................");
    assert_eq!(guest.call(ASK, &[0, 6, 100, 4]), 10);
    assert_eq!(guest.bytes(100, 6), b"0123..");
    assert!(guest.last().truncated);
    assert_eq!(guest.last().response, Some(Payload::from("0123456789")));
    // Larger, and still too small.
    assert_eq!(guest.call(ASK, &[0, 6, 100, 9]), 10);
    assert!(guest.last().truncated && guest.last().held);
    assert_eq!(guest.call(ASK, &[0, 6, 100, 10]), 10);
    assert!(!guest.last().truncated && guest.last().held);
    assert_eq!(guest.last().provider.as_deref(), Some("fixed"));
    assert_eq!(guest.bytes(100, 11), b"0123456789.");
    assert_eq!(lead.count(), 1);
    // Handed over whole, it is released.
    assert_eq!(guest.call(ASK, &[0, 6, 100, 10]), 10);
    assert!(!guest.last().held);
    assert_eq!(lead.count(), 2);
}

#[test]
fn what_is_held_is_dropped_by_other_requests_and_writes_but_not_by_a_wrong_buffer() {
    let lead = saying("0123456789");
    let mut guest = Guest::new(Setting { lead: lead.clone(), ..Setting::default() });
    guest.put(0, "prompt");
    let mut asked_after = |between: &mut dyn FnMut(&mut Guest)| {
        guest.call(ASK, &[0, 6, 100, 20]);
        let before = lead.count();
        guest.call(ASK, &[0, 6, 100, 4]);
        between(&mut guest);
        guest.call(ASK, &[0, 6, 100, 20]);
        lead.count() - before
    };
    assert_eq!(asked_after(&mut |_| ()), 1);
    assert_eq!(asked_after(&mut |guest| assert_eq!(guest.call(ASK, &[0, 6, MEMORY_END, 20]), -2)), 1);
    assert_eq!(asked_after(&mut |guest| drop(guest.call_void("env.host_log", &[2, 0, 6]))), 1);
    // Another prompt, another function, a write to the store.
    assert_eq!(
        asked_after(&mut |guest| {
            guest.call(ASK, &[0, 5, 100, 20]);
        }),
        3
    );
    assert_eq!(
        asked_after(&mut |guest| {
            guest.call("env.host_ai_chat", &[0, 6, 100, 20]);
        }),
        3
    );
    assert_eq!(
        asked_after(&mut |guest| {
            guest.call("env.host_config_get", &[0, 6, 100, 20]);
        }),
        2
    );
    assert_eq!(
        asked_after(&mut |guest| {
            guest.call("env.host_memory_set", &[0, 1, 0, 1]);
        }),
        2
    );
    assert_eq!(
        asked_after(&mut |guest| {
            guest.call("env.host_memory_delete", &[0, 1]);
        }),
        2
    );
    assert_eq!(asked_after(&mut |guest| drop(guest.call_void("cis.memory_set", &[0, 1, 0, 1]))), 2);
}

#[test]
fn a_text_is_never_cut_inside_a_character() {
    let mut guest = Guest::new(Setting { lead: saying("aé😀"), ..Setting::default() });
    guest.put(0, "p");
    for (capacity, expected) in
        [(0, &b"......."[..]), (1, b"a......"), (2, b"a\0....."), (3, b"a\xc3\xa9...."), (6, b"a\xc3\xa9\0\0\0.")]
    {
        guest.put(100, ".......");
        assert_eq!(guest.call(ASK, &[0, 1, 100, capacity]), 7);
        assert_eq!(guest.bytes(100, 7), expected, "{capacity}");
        assert!(guest.last().truncated);
    }
    assert_eq!(guest.call(ASK, &[0, 1, 100, 7]), 7);
    assert_eq!(guest.bytes(100, 7), "aé😀".as_bytes());
}

#[test]
fn ranges_outside_memory_are_refused_before_anything_is_sent() {
    let lead = saying("x");
    let mut guest = Guest::new(Setting { lead: lead.clone(), ..Setting::default() });
    for arguments in [
        [0, -1, 100, 1],
        [-1, 1, 100, 1],
        [-1, -1, 100, 1],
        [MEMORY_END, 1, 100, 1],
        [MEMORY_END + 1, 0, 100, 1],
        [0, 1, MEMORY_END, 1],
        [0, 1, 100, -1],
        [0, 1, -4, 5],
        [0, 1, MEMORY_END + 1, 0],
    ] {
        assert_eq!(guest.call(ASK, &arguments), -2, "{arguments:?}");
        assert!(guest.last_error().contains("outside memory"), "{}", guest.last_error());
    }
    guest.put(0, [0xff]);
    assert_eq!(guest.call(ASK, &[0, 1, 100, 1]), -2);
    assert!(guest.last_error().contains("UTF-8"));
    assert_eq!(lead.count(), 0);
    // Empty ranges at the end of memory are as good as any.
    assert_eq!(guest.call(ASK, &[MEMORY_END, 0, MEMORY_END, 0]), 1);
}

#[test]
fn a_failure_a_denial_and_a_limit_have_their_codes() {
    let failing = Scripted::new("local", |_| Err(AiError::NoText { provider: "local (m)".into() }));
    let mut guest = Guest::new(Setting { lead: failing, ..Setting::default() });
    assert_eq!(guest.call(ASK, &[0, 1, 100, 9]), -4);
    assert_eq!(guest.last_error(), "local (m): the answer has no text");
    assert_eq!(guest.last().provider.as_deref(), Some("local"));

    let lead = saying("x");
    let mut guest = Guest::new(Setting { lead: lead.clone(), permissions: Permissions::default(), ..Setting::default() });
    assert_eq!(guest.call(ASK, &[0, 1, 100, 9]), -3);
    assert!(guest.last_error().contains("ai = true"));
    assert_eq!(lead.count(), 0);

    let limits = Limits { request_bytes: 8, response_bytes: 10, ..Limits::default() };
    let lead = Scripted::new("long", |prompt| Ok(Answer { text: "y".repeat(prompt.len() + 4), tokens: None }));
    let mut guest = Guest::new(Setting { lead: lead.clone(), limits, ..Setting::default() });
    assert_eq!(guest.call(ASK, &[0, 9, 100, 100]), -5);
    assert_eq!(lead.count(), 0);
    assert_eq!(guest.call(ASK, &[0, 6, 100, 100]), 10);
    assert_eq!(guest.call(ASK, &[0, 7, 100, 100]), -5);
    assert!(guest.last_error().contains("limit of 10"));
}

#[test]
fn a_slow_provider_ends_with_the_deadline_and_with_a_cancel() {
    let slow = || Scripted::slow("slow", Duration::from_secs(60), |_| Ok(Answer { text: "late".into(), tokens: None }));
    let limits = Limits { timeout_ms: 50, ..Limits::default() };
    let mut guest = Guest::new(Setting { lead: slow(), limits, ..Setting::default() });
    let began = Instant::now();
    assert!(matches!(guest.call_void(ASK, &[0, 1, 100, 9]), Err(Stop::Timeout)));
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!(guest.last().result, None);
    assert_eq!(guest.last_error(), "the time limit is reached");
    // Whatever is called after the deadline does not begin.
    assert!(matches!(guest.call_void("env.host_now", &[]), Err(Stop::Timeout)));
    assert_eq!(guest.started().len(), 1);

    let mut guest = Guest::new(Setting { lead: slow(), ..Setting::default() });
    let control = guest.control.clone();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(30));
        control.cancel();
    });
    assert!(matches!(guest.call_void(ASK, &[0, 1, 100, 9]), Err(Stop::Cancelled)));
    assert_eq!(guest.last_error(), "cancelled");
}

#[test]
fn a_paused_run_waits_at_its_next_host_call() {
    let mut guest = Guest::new(Setting::default());
    guest.control.pause();
    let control = guest.control.clone();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(60));
        control.resume();
    });
    let began = Instant::now();
    guest.call(ASK, &[0, 1, 100, 9]);
    assert!(began.elapsed() >= Duration::from_millis(50));
    assert!(guest.control.elapsed() < Duration::from_millis(50));
}

#[test]
fn shadows_are_asked_beside_the_lead_and_never_delay_it() {
    let slow =
        Scripted::slow("slow", Duration::from_millis(300), |prompt| Ok(Answer { text: format!("late {prompt}"), tokens: None }));
    let failing = Scripted::new("failing", |_| Err(AiError::Mocked("wanted".into())));
    let panicking = Scripted::new("panicking", |_| panic!("wanted"));
    let mut guest = Guest::new(Setting { lead: saying("now"), shadows: vec![slow, failing, panicking], ..Setting::default() });
    guest.put(0, "p");
    let began = Instant::now();
    assert_eq!(guest.call(ASK, &[0, 1, 100, 9]), 3);
    assert!(began.elapsed() < Duration::from_millis(250));
    assert!(!guest.shadows.wait(Duration::ZERO));
    assert!(guest.shadows.wait(Duration::from_secs(20)));
    let mut answers: Vec<_> = guest
        .shadow_answers()
        .into_iter()
        .map(|event| {
            let Event::ShadowAnswered { call, answer, .. } = event else { panic!() };
            assert_eq!(call.0, 1);
            (answer.provider, answer.response, answer.error)
        })
        .collect();
    answers.sort();
    assert_eq!(answers[0], ("failing".into(), None, Some("wanted".into())));
    assert!(answers[1].2.as_ref().is_some_and(|error| error.contains("failed inside")));
    assert_eq!(answers[2], ("slow".into(), Some("late p".into()), None));
}

#[test]
fn a_shadow_ends_with_the_deadline_of_the_run() {
    let silent = Scripted::slow("silent", Duration::from_secs(3600), |_| Ok(Answer { text: String::new(), tokens: None }));
    let limits = Limits { timeout_ms: 80, ..Limits::default() };
    let mut guest = Guest::new(Setting { lead: saying("now"), shadows: vec![silent], limits, ..Setting::default() });
    assert_eq!(guest.call(ASK, &[0, 1, 100, 9]), 3);
    assert!(guest.shadows.wait(Duration::from_secs(20)));
    let Some(Event::ShadowAnswered { answer, .. }) = guest.shadow_answers().pop() else { panic!() };
    assert_eq!(answer.error.as_deref(), Some("the time limit is reached"));
}
