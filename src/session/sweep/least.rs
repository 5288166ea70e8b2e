//! The least limit with which something still passes, by halving: exact, in as many trials as the limit has bits.

/// The least number in `1..=enough` that passes, where `enough` does and every number above a passing one does too; else a number
/// that passes while the one below it does not.
///
/// # Errors
/// Where a trial cannot be made.
pub fn least<E>(enough: u64, mut passes: impl FnMut(u64) -> Result<bool, E>) -> Result<u64, E> {
    // Above `too_little`, which does not pass, up to `enough`, which does.
    let (mut too_little, mut enough) = (0, enough);
    while enough > too_little + 1 {
        let middle = too_little.midpoint(enough);
        if passes(middle)? { enough = middle } else { too_little = middle }
    }
    Ok(enough)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_is_found_to_the_unit_in_few_trials() {
        for threshold in [1, 2, 3, 99, 100, 65_536, 1_000_000_007, u64::MAX] {
            for enough in [threshold, threshold.saturating_add(1), threshold.saturating_mul(3)] {
                let mut trials = 0;
                let found = least(enough, |limit| {
                    trials += 1;
                    Ok::<_, ()>(limit >= threshold)
                });
                assert_eq!(found, Ok(threshold));
                assert!(trials <= 64, "{trials} trials for {threshold} up to {enough}");
            }
        }
    }

    #[test]
    fn a_trial_that_cannot_be_made_ends_the_search() {
        assert_eq!(least(100, |_| Err::<bool, _>("stopped")), Err("stopped"));
    }
}
