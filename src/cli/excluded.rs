//! Which flags have no use beside which: names that `conflicts_with_all` of several flags share.

/// What asks for something else than a run, so that flags of a run have no use there. (That a flag needs `--run` is not asked where
/// something else excludes it.)
pub(super) const NO_RUN: [&str; 8] =
    ["list", "validate", "replay", "export", "clear_cache", "completions", "manifest_schema", "cases_schema"];
/// The same of a report of a run, which a replay has too.
pub(super) const NO_REPORT: [&str; 7] =
    ["list", "validate", "export", "clear_cache", "completions", "manifest_schema", "cases_schema"];
/// What has no use where a run is made many times.
pub(super) const NO_SWEEP: [&str; 10] =
    ["watch", "store", "store_out", "max_trace", "record", "profile", "accept", "retries", "fail_fast", "report"];
/// What runs many cases or none, so that what one run alone is given has no use there.
pub(super) const NO_ONE_RUN: [&str; 10] = [
    "list",
    "validate",
    "replay",
    "export",
    "clear_cache",
    "completions",
    "manifest_schema",
    "cases_schema",
    "test",
    "list_cases",
];
/// What looks at no skill.
pub(super) const NO_SKILL: [&str; 4] = ["clear_cache", "completions", "manifest_schema", "cases_schema"];

/// What a replay has from its record, and an export has no use for.
pub(super) const FROM_RECORD: [&str; 13] = [
    "max_memory",
    "timeout",
    "fuel",
    "allow_ai",
    "allow_http",
    "allow_memory",
    "config",
    "env",
    "dir",
    "no_wasi",
    "ai",
    "record",
    "keys",
];
