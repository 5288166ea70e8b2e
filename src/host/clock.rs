//! What time and which random numbers a skill sees: the machine's, or a repeatable course of both.

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The start of seeded time: 2020-01-01T00:00:00Z, in nanoseconds since the Unix epoch.
pub const SEEDED_START_NS: u64 = 1_577_836_800_000_000_000;

/// The clock and the randomness of one run; all clones are the same ones, so that host functions and WASI see one course.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Mutex<Course>>);

#[derive(Debug)]
struct Course {
    kind: Kind,
    random: ChaCha12Rng,
}

#[derive(Debug)]
enum Kind {
    Live {
        started: Instant,
    },
    /// Advances by a nanosecond for each unit of fuel, and by what was slept.
    Seeded {
        seed: u64,
        slept_ns: u64,
    },
}

impl Clock {
    /// The machine's clock and randomness.
    ///
    /// # Errors
    /// Where the system gives no random bytes.
    pub fn live() -> Result<Self, getrandom::Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        Ok(Self::of(Kind::Live { started: Instant::now() }, ChaCha12Rng::from_seed(seed)))
    }

    /// A fixed start, advancing with fuel, and random numbers from `seed`.
    pub fn seeded(seed: u64) -> Self {
        Self::of(Kind::Seeded { seed, slept_ns: 0 }, ChaCha12Rng::seed_from_u64(seed))
    }

    fn of(kind: Kind, random: ChaCha12Rng) -> Self {
        Self(Arc::new(Mutex::new(Course { kind, random })))
    }

    fn course(&self) -> MutexGuard<'_, Course> {
        // A panic while the lock was held cannot leave the plain fields inconsistent.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The seed, where there is one.
    pub fn seed(&self) -> Option<u64> {
        match self.course().kind {
            Kind::Live { .. } => None,
            Kind::Seeded { seed, .. } => Some(seed),
        }
    }

    /// Nanoseconds since the Unix epoch, for a run that has used this much fuel.
    pub fn now_ns(&self, fuel_used: u64) -> u64 {
        match self.course().kind {
            Kind::Live { .. } => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)),
            Kind::Seeded { slept_ns, .. } => SEEDED_START_NS.saturating_add(slept_ns).saturating_add(fuel_used),
        }
    }

    /// Nanoseconds of a clock that never goes back, from some point before the run.
    pub fn monotonic_ns(&self, fuel_used: u64) -> u64 {
        match self.course().kind {
            Kind::Live { started } => u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX),
            Kind::Seeded { slept_ns, .. } => slept_ns.saturating_add(fuel_used),
        }
    }

    /// Tells that the skill slept: seeded time moves on by as much as was asked for.
    pub fn slept(&self, duration: Duration) {
        if let Kind::Seeded { slept_ns, .. } = &mut self.course().kind {
            *slept_ns = slept_ns.saturating_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX));
        }
    }

    /// Fills `bytes` with random ones.
    pub fn fill_random(&self, bytes: &mut [u8]) {
        self.course().random.fill_bytes(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_course_of_time_and_randomness() {
        let course = |seed| {
            let clock = Clock::seeded(seed);
            let mut bytes = [0; 16];
            clock.fill_random(&mut bytes);
            clock.slept(Duration::from_secs(1));
            (bytes, clock.now_ns(5), clock.monotonic_ns(5))
        };
        assert_eq!(course(1), course(1));
        assert_ne!(course(1).0, course(2).0);
        assert_eq!(course(1).1, SEEDED_START_NS + 1_000_000_005);
    }
}
