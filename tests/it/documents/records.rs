//! The format of records: its lines, their fields, and the bounds.

use super::{Words, in_backticks, read, set, table};
use skillscope::event::{GuestRead, GuestWrite, Payload, RunId, WasiCall};
use skillscope::record::{
    DEFAULT_MAX_AGE, DEFAULT_MAX_BYTES, DEFAULT_MAX_RUNS, FLUSH_EVERY, RECORD_FORMAT, RecordEnd, RecordHeader, RecordName,
    RecordedAi, RecordedDirectory, RecordedWasi, RunSettings,
};
use skillscope::skill::{Permissions, format_bytes};

/// The fields in the first column of the table under a heading.
fn documented(page: &str, heading: &str) -> Words {
    let section = page.split(&format!("### `{heading}`\n")).nth(1).unwrap_or_else(|| panic!("no heading {heading}"));
    table(section, "| field | meaning |").iter().flat_map(|row| set(in_backticks(&row[0]))).collect()
}

fn fields(value: &impl serde::Serialize) -> Words {
    set(serde_json::to_value(value).unwrap().as_object().unwrap().keys().map(String::as_str))
}

#[test]
fn every_field_of_a_record_is_documented() {
    let page = read("docs/record.md");
    assert_eq!(documented(&page, "record"), fields(&RecordHeader::new(RunId(1), "x", 1)));
    assert_eq!(documented(&page, "settings"), fields(&RunSettings::default()));
    assert_eq!(documented(&page, "end"), fields(&RecordEnd::default()));
    let mut call = WasiCall { name: "fd_read".into(), arguments: Vec::new(), errno: None, elapsed_us: 0, ..WasiCall::default() };
    let plain = fields(&call);
    call.writes = vec![GuestWrite { ptr: 0, bytes: Payload::from("") }];
    call.reads = vec![GuestRead(Payload::from(""))];
    call.incomplete = true;
    let added: Words = fields(&call).difference(&plain).cloned().collect();
    assert_eq!(documented(&page, "wasi_call"), added);
    let settings = table(page.split("### `settings`").nth(1).unwrap(), "| field | meaning |");
    let inner = |field: &str| set(in_backticks(&settings.iter().find(|row| row[0] == format!("`{field}`")).unwrap()[1]));
    let directory = RecordedDirectory { host: String::new(), guest: String::new(), writable: false };
    assert_eq!(inner("permissions"), fields(&Permissions::default()));
    assert_eq!(inner("ai"), fields(&RecordedAi::default()));
    assert_eq!(inner("wasi"), fields(&RecordedWasi::default()).union(&fields(&directory)).cloned().collect());
}

#[test]
fn names_versions_and_bounds_of_records_are_the_documented_ones() {
    let page = read("docs/record.md");
    assert!(page.contains(&format!("the version of this format: {RECORD_FORMAT} |")));
    assert!(RecordName::parse("20261125T140301.123Z-summarize-0001.jsonl").is_some());
    assert!(page.contains("`20261125T140301.123Z-summarize-0001.jsonl`"));
    assert!(page.contains(&format!("{} ms after they came", FLUSH_EVERY.as_millis())));
    let bounds = table(&page, "| bound | value |");
    let days = DEFAULT_MAX_AGE.as_secs() / (24 * 60 * 60);
    assert_eq!(
        bounds.iter().map(|row| row[1].clone()).collect::<Vec<_>>(),
        [format!("{days} days"), DEFAULT_MAX_RUNS.to_string(), format_bytes(DEFAULT_MAX_BYTES)]
    );
}
