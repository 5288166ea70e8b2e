//! Values in the store: codes, grants, limits.

use super::{Guest, MEMORY_END, Setting};
use crate::event::{Limits, Payload};
use crate::host::Stop;
use crate::host::store::{MemoryStore, StoreError, ValueStore};
use crate::skill::Permissions;
use std::sync::Arc;

fn only(pattern: &str) -> Permissions {
    Permissions { memory: vec![pattern.into()], ..Permissions::default() }
}

#[test]
fn values_are_bytes_and_come_back_as_they_were() {
    let store = Arc::new(MemoryStore::new());
    let mut guest = Guest::new(Setting { store: store.clone(), ..Setting::default() });
    guest.put(0, "key");
    guest.put(10, [0xff, 0, 0xfe]);
    assert!(guest.call_void("cis.memory_set", &[0, 3, 10, 3]).is_ok());
    assert_eq!(store.get("tested", "key").unwrap().unwrap(), [0xff, 0, 0xfe]);
    for name in ["cis.memory_get", "env.host_memory_get", "cis.host_memory_get"] {
        guest.put(100, "....");
        assert_eq!(guest.call(name, &[0, 3, 100, 10]), 3);
        assert_eq!(guest.bytes(100, 4), [0xff, 0, 0xfe, b'.']);
        assert_eq!(guest.last().response, Some(Payload::Bytes(vec![0xff, 0, 0xfe])));
        // Bytes are cut where the buffer ends.
        assert_eq!(guest.call(name, &[0, 3, 100, 2]), 3);
        assert!(guest.last().truncated);
    }
    let started = guest.started();
    assert_eq!(started[0].request.get("value"), Some(&Payload::Bytes(vec![0xff, 0, 0xfe])));
    assert_eq!(guest.finished()[0].result, None);
}

#[test]
fn nothing_there_is_minus_one_or_zero() {
    let mut guest = Guest::new(Setting::default());
    guest.put(0, "key");
    assert_eq!(guest.call("cis.memory_get", &[0, 3, 100, 10]), -1);
    assert_eq!(guest.call("env.host_memory_get", &[0, 3, 100, 10]), 0);
    assert_eq!(guest.last().error, None);
    assert_eq!(guest.call("env.host_memory_delete", &[0, 3]), 0);
    assert_eq!(guest.call("env.host_memory_set", &[0, 3, 0, 0]), 0);
    assert_eq!(guest.call("cis.memory_get", &[0, 3, 100, 10]), 0);
    assert_eq!(guest.call("env.host_memory_delete", &[0, 3]), 0);
    assert_eq!(guest.call("cis.memory_get", &[0, 3, 100, 10]), -1);
}

#[test]
fn keys_outside_the_patterns_are_denied_by_the_line_that_would_grant_them() {
    let mut guest = Guest::new(Setting { permissions: only("notes/*"), ..Setting::default() });
    guest.put(0, "notes/a/b");
    guest.put(20, "other");
    assert_eq!(guest.call("env.host_memory_set", &[0, 9, 0, 9]), 0);
    assert_eq!(guest.call("env.host_memory_get", &[0, 9, 100, 9]), 9);
    for (name, arguments) in [
        ("cis.memory_get", &[20, 5, 100, 9][..]),
        ("env.host_memory_get", &[20, 5, 100, 9]),
        ("env.host_memory_set", &[20, 5, 0, 9]),
        ("env.host_memory_delete", &[20, 5]),
    ] {
        assert_eq!(guest.call(name, arguments), -3, "{name}");
        assert!(guest.last_error().contains("memory = [\"other\"]"));
    }
    let Err(Stop::Host(failure)) = guest.call_void("cis.memory_set", &[20, 5, 0, 9]) else { panic!("not a stop of the host") };
    assert_eq!(failure.kind, "denied");
    assert!(failure.message.contains("cis.memory_set") && failure.message.contains("memory = [\"other\"]"));
    assert_eq!(guest.last().result, None);
}

#[test]
fn a_write_with_a_bad_argument_stores_nothing() {
    let store = Arc::new(MemoryStore::new());
    let mut guest = Guest::new(Setting { store: store.clone(), ..Setting::default() });
    guest.put(0, "k");
    guest.put(1, [0xff]);
    for arguments in [[0, 1, MEMORY_END, 1], [0, 1, -1, -1], [0, -1, 0, 1], [-1, 2, 0, 1], [1, 1, 0, 1]] {
        assert_eq!(guest.call("env.host_memory_set", &arguments), -2, "{arguments:?}");
        assert!(matches!(guest.call_void("cis.memory_set", &arguments), Err(Stop::Host(_))), "{arguments:?}");
        let _ = guest.last();
    }
    assert!(store.entries("tested").unwrap().is_empty());
}

#[test]
fn limits_are_minus_five() {
    let limits = Limits { request_bytes: 100, ..Limits::default() };
    let mut guest = Guest::new(Setting { limits, ..Setting::default() });
    guest.put(0, "k".repeat(9000));
    assert_eq!(guest.call("env.host_memory_set", &[0, 8193, 0, 1]), -5);
    assert_eq!(guest.call("env.host_memory_set", &[0, 8192, 0, 1]), 0);
    assert_eq!(guest.call("cis.memory_get", &[0, 8193, 0, 1]), -5);
    assert_eq!(guest.call("env.host_memory_delete", &[0, 8193]), -5);
    assert_eq!(guest.call("env.host_memory_set", &[0, 1, 0, 101]), -5);
    assert!(
        matches!(guest.call_void("cis.memory_set", &[0, 1, 0, 101]), Err(Stop::Host(failure)) if failure.kind == "host-limit")
    );
    // A range outside memory is told first, whatever its length.
    assert_eq!(guest.call("env.host_memory_set", &[0, 8193, 0, -1]), -2);
}

#[test]
fn a_store_that_is_full_or_fails_has_its_code() {
    struct Refusing(bool);
    impl Refusing {
        fn error(&self) -> StoreError {
            if self.0 { StoreError::Full { limit: 64 << 20 } } else { StoreError::Failed("the disk is gone".into()) }
        }
    }
    impl ValueStore for Refusing {
        fn get(&self, _: &str, _: &str) -> Result<Option<Vec<u8>>, StoreError> {
            Err(self.error())
        }
        fn set(&self, _: &str, _: &str, _: &[u8]) -> Result<(), StoreError> {
            Err(self.error())
        }
        fn set_all(&self, _: &str, _: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
            Err(self.error())
        }
        fn delete(&self, _: &str, _: &str) -> Result<(), StoreError> {
            Err(self.error())
        }
        fn clear(&self, _: &str) -> Result<(), StoreError> {
            Err(self.error())
        }
        fn entries(&self, _: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
            Err(self.error())
        }
    }
    let mut guest = Guest::new(Setting { store: Arc::new(Refusing(true)), ..Setting::default() });
    assert_eq!(guest.call("env.host_memory_set", &[0, 1, 0, 1]), -5);
    let mut guest = Guest::new(Setting { store: Arc::new(Refusing(false)), ..Setting::default() });
    assert_eq!(guest.call("env.host_memory_set", &[0, 1, 0, 1]), -4);
    assert_eq!(guest.call("cis.memory_get", &[0, 1, 0, 1]), -4);
    assert_eq!(guest.call("env.host_memory_delete", &[0, 1]), -4);
    assert!(guest.last_error().contains("the disk is gone"));
}
