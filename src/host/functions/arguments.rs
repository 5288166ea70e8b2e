//! The arguments of a host call: every range is checked before anything is read, sent or stored.

use super::call::{Code, GuestRange, Host, Refusal};
use super::fill::Buffer;
use crate::event::{CallRequest, MAX_KEY_BYTES, Payload};
use crate::host::GuestMemory;

/// One range of bytes that the guest passed in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    name: &'static str,
    range: GuestRange,
    /// The most bytes that are taken.
    limit: u64,
    must_be_text: bool,
}

impl Field {
    /// A key or a URL.
    pub(super) fn key(name: &'static str, range: GuestRange) -> Self {
        Self { name, range, limit: MAX_KEY_BYTES, must_be_text: true }
    }

    /// A text.
    pub(super) fn text(name: &'static str, range: GuestRange, limit: u64) -> Self {
        Self { name, range, limit, must_be_text: true }
    }

    /// Bytes of any kind.
    pub(super) fn bytes(name: &'static str, range: GuestRange, limit: u64) -> Self {
        Self { name, range, limit, must_be_text: false }
    }
}

/// Reads the fields of a request. What can be read is in the request also where the call must be refused, so that the trace shows it.
pub(super) fn read(host: &Host<'_>, fields: &[Field], buffer: Option<Buffer>) -> (CallRequest, Result<(), Refusal>) {
    let guest = match host.guest() {
        Ok(guest) => guest,
        Err(error) => return (CallRequest::default(), Err(Refusal::new(Code::Invalid, error.to_string()))),
    };
    let mut request = CallRequest(Vec::with_capacity(fields.len() + 1));
    let ranges = check_ranges(&guest, fields, buffer);
    let mut contents = Ok(());
    for field in fields {
        match read_field(&guest, *field) {
            Ok(payload) => request.0.push((field.name.into(), payload)),
            Err(refusal) => contents = contents.and(Err(refusal)),
        }
    }
    let texts = fields.iter().try_for_each(|field| check_text(*field, request.get(field.name)));
    (request, ranges.and(contents).and(texts))
}

fn check_ranges(guest: &GuestMemory<'_>, fields: &[Field], buffer: Option<Buffer>) -> Result<(), Refusal> {
    for Field { name, range: (ptr, len), .. } in fields {
        guest.check(*ptr, *len).map_err(|error| Refusal::invalid(name, &error))?;
    }
    match buffer {
        Some(Buffer { ptr, capacity }) => guest.check(ptr, capacity).map_err(|error| Refusal::invalid("the buffer", &error)),
        None => Ok(()),
    }
}

fn read_field(guest: &GuestMemory<'_>, field: Field) -> Result<Payload, Refusal> {
    let Field { name, range: (ptr, len), limit, .. } = field;
    guest.check(ptr, len).map_err(|error| Refusal::invalid(name, &error))?;
    if u64::from(len) > limit {
        return Err(Refusal::new(Code::Limit, format!("{name}: {len} bytes are over the limit of {limit}")));
    }
    guest.read(ptr, len).map(Payload::from).map_err(|error| Refusal::invalid(name, &error))
}

fn check_text(field: Field, payload: Option<&Payload>) -> Result<(), Refusal> {
    match payload {
        Some(Payload::Bytes(_)) if field.must_be_text => {
            Err(Refusal::new(Code::Invalid, format!("{}: the bytes are not UTF-8", field.name)))
        }
        _ => Ok(()),
    }
}

/// A text field of a request that passed [`read`].
pub(super) fn text<'r>(request: &'r CallRequest, name: &str) -> &'r str {
    request.get(name).and_then(Payload::as_text).unwrap_or_default()
}

/// The bytes of a field of a request that passed [`read`].
pub(super) fn bytes<'r>(request: &'r CallRequest, name: &str) -> &'r [u8] {
    request.get(name).map(Payload::as_bytes).unwrap_or_default()
}
