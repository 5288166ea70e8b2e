//! Paths in JSON: a string where they are text, and `{"base64": …}` of their bytes where a system allows other names too.

use super::Payload;
use serde::{Deserialize as _, Deserializer, Serialize, Serializer};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub(super) fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    payload(path).serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    Payload::deserialize(deserializer).map(path)
}

/// The same for a path that may not be there.
pub(super) mod optional {
    use super::{Deserializer, PathBuf, Payload, Serializer, path, payload};
    use serde::{Deserialize as _, Serialize as _};

    pub(in super::super) fn serialize<S: Serializer>(optional: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
        optional.as_deref().map(payload).serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
        Ok(Option::<Payload>::deserialize(deserializer)?.map(path))
    }
}

/// The same for several paths.
pub(super) mod list {
    use super::{Deserializer, PathBuf, Payload, Serializer, path, payload};
    use serde::Deserialize as _;

    pub(in super::super) fn serialize<S: Serializer>(list: &[PathBuf], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(list.iter().map(|path| payload(path)))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<PathBuf>, D::Error> {
        Ok(Vec::<Payload>::deserialize(deserializer)?.into_iter().map(path).collect())
    }
}

fn payload(path: &Path) -> Payload {
    path.as_os_str().as_encoded_bytes().into()
}

fn path(payload: Payload) -> PathBuf {
    match payload {
        Payload::Text(text) => text.into(),
        Payload::Bytes(bytes) => of_bytes(bytes).into(),
    }
}

#[cfg(unix)]
fn of_bytes(bytes: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

/// Elsewhere the bytes are an encoding of the system's own that nobody else may make: what is text of it is kept.
#[cfg(not(unix))]
fn of_bytes(bytes: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

#[cfg(all(test, unix))]
mod tests {
    use crate::event::{Event, SkillInfo};

    #[test]
    fn a_path_that_is_no_text_is_written_and_read_back() {
        let odd: std::path::PathBuf = super::of_bytes(b"d\xff/skill".to_vec()).into();
        let info =
            SkillInfo { name: "a".into(), version: None, description: None, path: odd.clone(), module: Some(odd.join("é")) };
        let event = Event::Skills { skills: vec![info.clone(), SkillInfo { path: "plain".into(), module: None, ..info }] };
        let json = serde_json::to_string(&event).unwrap();
        assert!(json.contains(r#""path":{"base64":"ZP8vc2tpbGw="}"#) && json.contains(r#""path":"plain""#), "{json}");
        assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
        let event = Event::Changed { skill: "a".into(), files: vec![odd, "plain".into()] };
        let json = serde_json::to_string(&event).unwrap();
        assert!(json.ends_with(r#""files":[{"base64":"ZP8vc2tpbGw="},"plain"]}"#), "{json}");
        assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
    }
}
