//! The one table of host functions: validation checks imports against it, the host binds a handler for each row,
//! documents and screens are drawn from it.

use std::sync::LazyLock;

/// A wasm number type in a host function's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
    /// 64-bit float.
    F64,
}

impl std::fmt::Display for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::F64 => "f64",
        })
    }
}

/// The permission that a host function needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Grant {
    /// None.
    None,
    /// `ai = true`.
    Ai,
    /// `memory = ["KEY PATTERN"]`.
    Memory,
    /// `http = ["HOST"]`.
    Http,
}

/// Which handler serves a host function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is documented by its row of the table")]
pub enum HostFunctionId {
    AiPrompt,
    MemoryGet,
    MemorySet,
    HttpRequest,
    HostLog,
    HostMemoryGet,
    HostMemorySet,
    HostMemoryDelete,
    HostAiChat,
    HostHttpPost,
    HostNow,
    HostAlloc,
    HostFree,
    HostConfigGet,
    Abort,
    Trace,
    Seed,
    NotifyMemoryGrowth,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct HostFunction {
    /// Its handler.
    pub id: HostFunctionId,
    /// The import modules that offer it.
    pub modules: &'static [&'static str],
    /// The import name.
    pub name: &'static str,
    /// Parameters with their names.
    pub parameters: &'static [(&'static str, Type)],
    /// The result, if there is one.
    pub result: Option<Type>,
    /// The permission it needs.
    pub grant: Grant,
    /// What it does, in one line.
    pub doc: &'static str,
}

/// The row that serves an import.
pub fn find_host_function(module: &str, name: &str) -> Option<&'static HostFunction> {
    HOST_FUNCTIONS.iter().find(|row| row.name == name && row.modules.contains(&module))
}

/// Module and name of an import in the table as one word, `cis.ai_prompt`.
pub fn qualified_name(module: &str, name: &str) -> Option<&'static str> {
    static NAMES: LazyLock<Vec<(&'static str, &'static str, String)>> = LazyLock::new(|| {
        let imports = HOST_FUNCTIONS.iter().flat_map(|row| row.modules.iter().map(|module| (*module, row.name)));
        imports.map(|(module, name)| (module, name, format!("{module}.{name}"))).collect()
    });
    NAMES.iter().find(|(of, named, _)| *of == module && *named == name).map(|(_, _, qualified)| qualified.as_str())
}

use Type::{F64, I32, I64};

const CIS: &[&str] = &["cis"];
const ENV: &[&str] = &["env"];
const BOTH: &[&str] = &["env", "cis"];

const fn row(
    id: HostFunctionId,
    modules: &'static [&'static str],
    name: &'static str,
    parameters: &'static [(&'static str, Type)],
    result: Option<Type>,
    grant: Grant,
    doc: &'static str,
) -> HostFunction {
    HostFunction { id, modules, name, parameters, result, grant, doc }
}

/// Every host function of the contract (`docs/abi.md`, checked against this table by a test).
pub static HOST_FUNCTIONS: &[HostFunction] = &[
    row(
        HostFunctionId::AiPrompt,
        CIS,
        "ai_prompt",
        &[("prompt_ptr", I32), ("prompt_len", I32), ("result_ptr", I32), ("result_cap", I32)],
        Some(I32),
        Grant::Ai,
        "Asks the AI provider; the result is the length of its whole answer.",
    ),
    row(
        HostFunctionId::MemoryGet,
        CIS,
        "memory_get",
        &[("key_ptr", I32), ("key_len", I32), ("value_ptr", I32), ("value_cap", I32)],
        Some(I32),
        Grant::Memory,
        "Reads a value; the result is its length, -1 where there is none.",
    ),
    row(
        HostFunctionId::MemorySet,
        CIS,
        "memory_set",
        &[("key_ptr", I32), ("key_len", I32), ("value_ptr", I32), ("value_len", I32)],
        None,
        Grant::Memory,
        "Writes a value; a failure ends the run.",
    ),
    row(
        HostFunctionId::HttpRequest,
        CIS,
        "http_request",
        &[("url_ptr", I32), ("url_len", I32), ("body_ptr", I32), ("body_len", I32), ("result_ptr", I32), ("result_cap", I32)],
        Some(I32),
        Grant::Http,
        "GET with an empty body, else POST as JSON; the result is the length of the response's body.",
    ),
    row(
        HostFunctionId::HostLog,
        BOTH,
        "host_log",
        &[("level", I32), ("ptr", I32), ("len", I32)],
        None,
        Grant::None,
        "Logs a line; levels are 0 trace, 1 debug, 2 info, 3 warn, 4 error.",
    ),
    row(
        HostFunctionId::HostMemoryGet,
        BOTH,
        "host_memory_get",
        &[("key_ptr", I32), ("key_len", I32), ("out_ptr", I32), ("out_len", I32)],
        Some(I32),
        Grant::Memory,
        "Reads a value; the result is its length, 0 where there is none.",
    ),
    row(
        HostFunctionId::HostMemorySet,
        BOTH,
        "host_memory_set",
        &[("key_ptr", I32), ("key_len", I32), ("value_ptr", I32), ("value_len", I32)],
        Some(I32),
        Grant::Memory,
        "Writes a value; the result is 0 or a negative code.",
    ),
    row(
        HostFunctionId::HostMemoryDelete,
        BOTH,
        "host_memory_delete",
        &[("key_ptr", I32), ("key_len", I32)],
        Some(I32),
        Grant::Memory,
        "Deletes a value; the result is 0, also where there was none.",
    ),
    row(
        HostFunctionId::HostAiChat,
        BOTH,
        "host_ai_chat",
        &[("prompt_ptr", I32), ("prompt_len", I32), ("out_ptr", I32), ("out_len", I32)],
        Some(I32),
        Grant::Ai,
        "Asks the AI provider; the result is the length of its whole answer.",
    ),
    row(
        HostFunctionId::HostHttpPost,
        BOTH,
        "host_http_post",
        &[("url_ptr", I32), ("url_len", I32), ("body_ptr", I32), ("body_len", I32), ("out_ptr", I32), ("out_len", I32)],
        Some(I32),
        Grant::Http,
        "POST as JSON; the result is the length of the response's body.",
    ),
    row(HostFunctionId::HostNow, BOTH, "host_now", &[], Some(I64), Grant::None, "Seconds since the Unix epoch."),
    row(
        HostFunctionId::HostAlloc,
        BOTH,
        "host_alloc",
        &[("size", I32)],
        Some(I32),
        Grant::None,
        "Memory from the skill's own allocator; from inside that allocator it is a trap.",
    ),
    row(
        HostFunctionId::HostFree,
        BOTH,
        "host_free",
        &[("ptr", I32), ("size", I32)],
        None,
        Grant::None,
        "Gives memory back to the skill's own allocator.",
    ),
    row(
        HostFunctionId::HostConfigGet,
        BOTH,
        "host_config_get",
        &[("key_ptr", I32), ("key_len", I32), ("out_ptr", I32), ("out_len", I32)],
        Some(I32),
        Grant::None,
        "Reads a value of the manifest's [config]; the result is its length, 0 where there is none.",
    ),
    row(
        HostFunctionId::Abort,
        ENV,
        "abort",
        &[("message_ptr", I32), ("file_ptr", I32), ("line", I32), ("column", I32)],
        None,
        Grant::None,
        "AssemblyScript's abort: a trap that shows message, file, line and column.",
    ),
    row(
        HostFunctionId::Trace,
        ENV,
        "trace",
        &[("message_ptr", I32), ("n", I32), ("a0", F64), ("a1", F64), ("a2", F64), ("a3", F64), ("a4", F64)],
        None,
        Grant::None,
        "AssemblyScript's trace: a log line with up to five numbers.",
    ),
    row(HostFunctionId::Seed, ENV, "seed", &[], Some(F64), Grant::None, "AssemblyScript's seed of its random numbers."),
    row(
        HostFunctionId::NotifyMemoryGrowth,
        ENV,
        "emscripten_notify_memory_growth",
        &[("memory_index", I32)],
        None,
        Grant::None,
        "Emscripten tells that its memory grew; nothing is done.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The cells of the rows of a table in the markdown, found by its header.
    fn table<'a>(markdown: &'a str, header: &str) -> Vec<Vec<&'a str>> {
        let rows = markdown.lines().skip_while(|line| !line.starts_with(header)).skip(2).take_while(|line| line.starts_with('|'));
        rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect()).collect()
    }

    #[test]
    fn the_documented_table_is_this_one() {
        let documented = table(include_str!("../../docs/abi.md"), "| import | from | parameters |");
        let or_none = |text: String| if text.is_empty() { "none".to_owned() } else { text };
        let expected: Vec<Vec<String>> = HOST_FUNCTIONS
            .iter()
            .map(|row| {
                let parameter = |(name, ty): &(&str, Type)| if *ty == I32 { (*name).to_owned() } else { format!("{name}: {ty}") };
                vec![
                    row.name.to_owned(),
                    row.modules.join("`, `"),
                    or_none(row.parameters.iter().map(parameter).collect::<Vec<_>>().join(", ")),
                    row.result.map_or_else(|| "none".to_owned(), |ty| ty.to_string()),
                    match row.grant {
                        Grant::None => "none",
                        Grant::Ai => "ai",
                        Grant::Memory => "memory",
                        Grant::Http => "http",
                    }
                    .to_owned(),
                ]
            })
            .collect();
        let signatures: Vec<_> = documented.iter().map(|cells| cells[..5].to_vec()).collect();
        assert_eq!(signatures, expected);
        assert!(documented.iter().all(|cells| cells.len() == 6 && !cells[5].is_empty()));
    }
}
