//! Compiled modules held in memory while the program runs.

use super::key::Key;
use crate::runtime::code::Code;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The modules used last, up to a number of bytes.
#[derive(Debug)]
pub(in crate::runtime) struct HeldCode {
    max_bytes: u64,
    /// The one used last is at the back.
    held: Mutex<VecDeque<(Key, Arc<Code>)>>,
}

impl HeldCode {
    pub(in crate::runtime) fn new(max_bytes: u64) -> Self {
        Self { max_bytes, held: Mutex::default() }
    }

    pub(in crate::runtime) fn get(&self, key: &Key) -> Option<Arc<Code>> {
        let mut held = self.lock();
        let at = held.iter().position(|(of, _)| of == key)?;
        let used = held.remove(at)?;
        let code = Arc::clone(&used.1);
        held.push_back(used);
        Some(code)
    }

    pub(in crate::runtime) fn insert(&self, key: Key, code: Arc<Code>) {
        let mut held = self.lock();
        held.retain(|(of, _)| *of != key);
        held.push_back((key, code));
        let mut bytes: u64 = held.iter().map(|(_, code)| code.bytes()).sum();
        while bytes > self.max_bytes
            && let Some((_, dropped)) = held.pop_front()
        {
            bytes = bytes.saturating_sub(dropped.bytes());
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(Key, Arc<Code>)>> {
        // A panic while it was locked cannot leave a half inserted entry behind.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
