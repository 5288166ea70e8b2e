//! The host functions, with slices in place of pointers and errors in place of negative numbers.

use std::fmt;

mod cis {
    #[link(wasm_import_module = "cis")]
    unsafe extern "C" {
        pub fn ai_prompt(prompt: *const u8, prompt_len: usize, result: *mut u8, result_cap: usize) -> i32;
        pub fn memory_get(key: *const u8, key_len: usize, value: *mut u8, value_cap: usize) -> i32;
        pub fn memory_set(key: *const u8, key_len: usize, value: *const u8, value_len: usize);
        pub fn http_request(
            url: *const u8,
            url_len: usize,
            body: *const u8,
            body_len: usize,
            result: *mut u8,
            result_cap: usize,
        ) -> i32;
    }
}

mod env {
    #[link(wasm_import_module = "env")]
    unsafe extern "C" {
        pub fn host_log(level: u32, text: *const u8, text_len: usize);
        pub fn host_ai_chat(prompt: *const u8, prompt_len: usize, out: *mut u8, out_len: usize) -> i32;
        pub fn host_config_get(key: *const u8, key_len: usize, out: *mut u8, out_len: usize) -> i32;
        pub fn host_now() -> i64;
    }
}

/// A negative result of a host function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostError {
    /// The code of the ABI.
    pub code: i32,
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            -1 => f.write_str("not found"),
            -2 => f.write_str("invalid argument"),
            -3 => f.write_str("denied by the manifest's permissions"),
            -4 => f.write_str("the provider or the network failed"),
            -5 => f.write_str("over a limit of the host"),
            code @ -599..=-100 => write!(f, "HTTP status {}", -code),
            code => write!(f, "code {code}"),
        }
    }
}

/// The level of a log line.
#[derive(Clone, Copy, Debug)]
pub enum Level {
    Trace = 0,
    Debug = 1,
    Info = 2,
    Warn = 3,
    Error = 4,
}

/// Calls a function that fills a buffer, and grows the buffer where it was too small.
///
/// The host returns the response's full length and writes at most the capacity. Where the length is larger, it holds the
/// response: the same request with a larger buffer gets it whole, and nothing is asked or sent a second time.
fn whole(call: impl Fn(*mut u8, usize) -> i32) -> Result<Vec<u8>, HostError> {
    let mut buffer = vec![0; 1024];
    loop {
        let result = call(buffer.as_mut_ptr(), buffer.len());
        let length = usize::try_from(result).map_err(|_| HostError { code: result })?;
        let fits = length <= buffer.len();
        buffer.resize(length, 0);
        if fits {
            return Ok(buffer);
        }
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Asks the AI (`cis.ai_prompt`).
pub fn ai_prompt(prompt: &str) -> Result<String, HostError> {
    // SAFETY: the ranges are those of live slices.
    whole(|out, cap| unsafe { cis::ai_prompt(prompt.as_ptr(), prompt.len(), out, cap) }).map(text)
}

/// Asks the AI (`env.host_ai_chat`).
pub fn ai_chat(prompt: &str) -> Result<String, HostError> {
    // SAFETY: the ranges are those of live slices.
    whole(|out, cap| unsafe { env::host_ai_chat(prompt.as_ptr(), prompt.len(), out, cap) }).map(text)
}

/// Reads a value; `None` where there is none.
pub fn memory_get(key: &str) -> Result<Option<Vec<u8>>, HostError> {
    // SAFETY: the ranges are those of live slices.
    match whole(|out, cap| unsafe { cis::memory_get(key.as_ptr(), key.len(), out, cap) }) {
        Ok(value) => Ok(Some(value)),
        Err(HostError { code: -1 }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes a value. There is no error to handle: a write that fails ends the run.
pub fn memory_set(key: &str, value: &[u8]) {
    // SAFETY: the ranges are those of live slices.
    unsafe { cis::memory_set(key.as_ptr(), key.len(), value.as_ptr(), value.len()) }
}

/// GET where `body` is empty, else POST as JSON; the response's body.
pub fn http_request(url: &str, body: &[u8]) -> Result<Vec<u8>, HostError> {
    // SAFETY: the ranges are those of live slices.
    whole(|out, cap| unsafe { cis::http_request(url.as_ptr(), url.len(), body.as_ptr(), body.len(), out, cap) })
}

/// A value of the manifest's `[config]`; `None` where it is missing or empty.
pub fn config_get(key: &str) -> Result<Option<String>, HostError> {
    // SAFETY: the ranges are those of live slices.
    let value = whole(|out, cap| unsafe { env::host_config_get(key.as_ptr(), key.len(), out, cap) })?;
    Ok((!value.is_empty()).then(|| text(value)))
}

/// Logs a line.
pub fn log(level: Level, line: &str) {
    // SAFETY: the range is that of a live slice.
    unsafe { env::host_log(level as u32, line.as_ptr(), line.len()) }
}

/// Seconds since the Unix epoch.
pub fn now() -> i64 {
    // SAFETY: the function takes no pointers.
    unsafe { env::host_now() }
}
