//! What proves the rewriter: a module runs bare and instrumented, with both compilers and in the fuel interpreter, and all that can be
//! seen of it must be the same.
//!
//! Property tests drive it with bounds and fixed seeds; the fuzz targets under `fuzz/` include this very directory and drive it
//! without an end. It is below the check of profiles and imports: any valid module of the accepted features can be its subject.

pub mod compare;
pub mod engine_run;
pub mod from_bytes;
pub mod generate;
pub mod host;
pub mod host_calls;
pub mod interpreter_run;
pub mod meter;
pub mod mutate;
pub mod observed;
pub mod script;

use std::sync::atomic::{AtomicUsize, Ordering};

/// Does the same with many things, on as many threads as there are processors; the results come in the things' order.
pub fn in_parallel<T: Sync, R: Send>(things: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(things.len().max(1));
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let worker = || {
            let mut done = Vec::new();
            while let Some((at, thing)) = Some(next.fetch_add(1, Ordering::SeqCst)).and_then(|at| Some((at, things.get(at)?))) {
                done.push((at, work(thing)));
            }
            done
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}
