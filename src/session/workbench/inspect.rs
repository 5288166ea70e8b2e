//! What a skill's module is made of: read on a thread of its own, since a large one takes its time.

use crate::event::{Event, Failure, ModuleReport, Payload, WorkbenchEvent};
use crate::session::command::Overrides;
use crate::session::config::SettingsInForce;
use crate::session::prepare;
use crate::session::services::Shared;
use crate::skill::CatalogEntry;
use crossbeam_channel::Sender;
use std::sync::Arc;

/// Tells it as `Inspected`, also of a module that is refused.
pub fn inspect(
    shared: Arc<Shared>,
    entry: CatalogEntry,
    overrides: Overrides,
    settings: Arc<SettingsInForce>,
    events: Sender<Event>,
) {
    let read = move || {
        let report = report(&shared, entry, &overrides, &settings);
        // A reader that has gone needs no events.
        let _ = events.send(Event::Workbench(Box::new(WorkbenchEvent::Inspected(report))));
    };
    // Without a thread there is no report, and the panel says that it waits.
    drop(std::thread::Builder::new().name("skillscope-inspect".into()).spawn(read));
}

fn report(shared: &Shared, entry: CatalogEntry, overrides: &Overrides, settings: &SettingsInForce) -> ModuleReport {
    let path = entry.info.module.clone().unwrap_or_else(|| entry.info.path.clone());
    let mut report = ModuleReport {
        skill: entry.info.name.clone(),
        path,
        bytes: 0,
        sha256: None,
        profile: None,
        failure: None,
        sections: Vec::new(),
        wat: Payload::from(""),
    };
    let skill = match prepare::open(entry, overrides) {
        Ok(skill) => skill,
        Err(refusal) => {
            report.failure = Some(refusal.failure);
            return report;
        }
    };
    let read = skill.read_module(settings.max_module_bytes);
    match prepare::check(shared, settings, skill, overrides) {
        Ok(checked) => {
            report.sha256 = Some(checked.module.sha256_hex());
            report.profile = Some(checked.module.profile);
            fill(&mut report, &checked.module.bytes);
        }
        Err(refusal) => {
            report.failure = Some(refusal.failure);
            if let Ok(bytes) = read {
                // Text that can be read is told of as the module that it stands for.
                let bytes = if bytes.starts_with(b"\0asm") {
                    Some(bytes)
                } else {
                    wat::parse_bytes(&bytes).ok().map(|binary| binary.into_owned())
                };
                fill(&mut report, bytes.as_deref().unwrap_or_default());
            }
        }
    }
    report
}

fn fill(report: &mut ModuleReport, module: &[u8]) {
    let inspected = std::panic::catch_unwind(|| crate::module::inspect(module));
    report.bytes = u64::try_from(module.len()).unwrap_or(u64::MAX);
    match inspected {
        Ok((sections, wat)) => (report.sections, report.wat) = (sections, wat),
        Err(_) => {
            report.failure = Some(Failure::new("internal", "reading this module failed inside; this is a fault of skillscope"))
        }
    }
}
