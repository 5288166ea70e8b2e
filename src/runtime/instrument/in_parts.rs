//! Work on a module's functions, shared among threads where there is enough of it.
//!
//! The functions stay in their order and so do the results, so that the same bytes give the same bytes on every machine.

use super::InstrumentError;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::thread::Builder;

/// How many bytes of code are worth a thread: what takes longer to rewrite than a thread to start, many times over.
const BYTES_A_PART: usize = 64 << 10;
/// More threads than this gain little.
const MAX_PARTS: usize = 8;

/// The functions in parts of about the same size; one part where the module is small.
pub(super) fn parts(bodies: &[(usize, usize)]) -> Vec<Range<usize>> {
    let size = |(start, end): &(usize, usize)| end.saturating_sub(*start);
    let bytes: usize = bodies.iter().map(size).sum();
    let count = match bytes.div_ceil(BYTES_A_PART) {
        0 | 1 => 1,
        many => many.min(std::thread::available_parallelism().map_or(1, usize::from)).min(MAX_PARTS),
    };
    let share = bytes.div_ceil(count).max(1);
    let mut parts = Vec::with_capacity(count);
    let (mut begin, mut filled) = (0, 0_usize);
    for (at, body) in bodies.iter().enumerate() {
        filled = filled.saturating_add(size(body));
        if filled >= share {
            parts.push(begin..at.saturating_add(1));
            (begin, filled) = (at.saturating_add(1), 0);
        }
    }
    if begin < bodies.len() || parts.is_empty() {
        parts.push(begin..bodies.len());
    }
    parts
}

/// Does the work on each part, on so many threads, of which this is one, whoever comes first; the results stand in the order of the parts. The
/// threads are its own: those of a pool look for more work for a while, and take the time from this one.
///
/// # Errors
/// The error of a part that has one.
pub(super) fn in_parts<P: Send, T: Send>(
    threads: usize,
    parts: Vec<P>,
    work: impl Fn(P) -> Result<T, InstrumentError> + Sync,
) -> Result<Vec<T>, InstrumentError> {
    let others = parts.len().min(threads).saturating_sub(1);
    let mut results = Vec::new();
    results.resize_with(parts.len(), || None);
    let shares = Mutex::new(parts.into_iter().zip(&mut results));
    let next = || shares.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work_off = || {
        while let Some((part, result)) = next() {
            *result = Some(work(part));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..others {
            // Where there is no thread to be had, the others do its share.
            drop(Builder::new().spawn_scoped(scope, work_off));
        }
        work_off();
    });
    results.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_hold_every_function_once_and_in_order() {
        for sizes in [vec![], vec![10], vec![BYTES_A_PART; 9], vec![1, BYTES_A_PART * 4, 1, 1], vec![0; 5]] {
            let mut at = 0;
            let bodies: Vec<_> = sizes
                .iter()
                .map(|size| {
                    at += size;
                    (at - size, at)
                })
                .collect();
            let parts = parts(&bodies);
            assert!(!parts.is_empty() && parts.len() <= MAX_PARTS, "{parts:?}");
            let all: Vec<usize> = parts.into_iter().flatten().collect();
            assert_eq!(all, (0..bodies.len()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn results_stand_in_the_order_of_the_parts_and_an_error_is_the_result() {
        let doubled = in_parts(3, (0..100).collect(), |part: u64| Ok(part * 2)).unwrap();
        assert_eq!(doubled, (0..100).map(|part| part * 2).collect::<Vec<_>>());
        let error = |part: u64| if part == 7 { Err(InstrumentError::Malformed { what: "it", offset: part }) } else { Ok(part) };
        assert!(matches!(in_parts(2, (0..100).collect(), error), Err(InstrumentError::Malformed { offset: 7, .. })));
    }
}
