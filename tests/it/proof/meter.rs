//! The host's side of one instance's checkpoint: the account of its fuel, as the rewriter's documentation tells it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use wasmer::{Function, RuntimeError, Store};

/// How much fuel comes at a time, and after how much a run is stopped.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    pub slice: i64,
    pub limit: i64,
}

/// No limit, and slices so small that every checkpoint is one.
pub const UNLIMITED: Budget = Budget { slice: 0, limit: i64::MAX / 2 };

/// A run used more than its limit.
#[derive(Debug, thiserror::Error)]
#[error("out of fuel")]
pub struct OutOfFuel;

/// One instance's account. Instances that call each other have one each: what an instance's code costs is charged to its own counter.
#[derive(Clone, Debug)]
pub struct Meter(Arc<Account>);

#[derive(Debug)]
struct Account {
    granted: AtomicI64,
    budget: Budget,
    /// The fuel used when it was stopped; negative before.
    stopped_at: AtomicI64,
}

impl Meter {
    pub fn new(budget: Budget) -> Self {
        let (granted, stopped_at) = (AtomicI64::new(0), AtomicI64::new(-1));
        Self(Arc::new(Account { granted, budget, stopped_at }))
    }

    /// The function that the instance imports.
    pub fn checkpoint(&self, store: &mut Store) -> Function {
        let account = Arc::clone(&self.0);
        Function::new_typed(store, move |left: i64| -> Result<i64, RuntimeError> {
            assert!(left < 0, "a checkpoint with {left} left");
            let used = account.granted.load(SeqCst) - left;
            if used > account.budget.limit {
                account.stopped_at.store(used, SeqCst);
                return Err(RuntimeError::user(Box::new(OutOfFuel)));
            }
            account.granted.store(used + account.budget.slice, SeqCst);
            Ok(account.budget.slice)
        })
    }

    /// The fuel used, where the instance's counter stands at this.
    pub fn used(&self, left: i64) -> u64 {
        let stopped_at = self.0.stopped_at.load(SeqCst);
        let used = if stopped_at < 0 { self.0.granted.load(SeqCst) - left } else { stopped_at };
        u64::try_from(used).expect("no run uses less than nothing")
    }
}
