//! The name that was probably meant by one that does not exist.

/// The candidate nearest to `name`, where one is near enough to be a slip of the pen; upper and lower case count as one.
pub fn nearest_name<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    nearest_names(name, candidates, 1).into_iter().next()
}

/// The candidates near to `name`, the nearest first, `most` at most.
///
/// Near is: at most a third of the longer one's letters differ, or one of the two begins with the other.
pub fn nearest_names<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>, most: usize) -> Vec<&'c str> {
    let wanted = folded(name);
    let mut near: Vec<(usize, &str)> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let other = folded(candidate);
            let distance = strsim::damerau_levenshtein(&wanted, &other);
            let longer = wanted.chars().count().max(other.chars().count());
            let shorter = wanted.chars().count().min(other.chars().count());
            let is_prefix = shorter >= 3 && (wanted.starts_with(&other) || other.starts_with(&wanted));
            (distance <= (longer / 3).max(1) && shorter > 0 || is_prefix).then_some((distance, candidate))
        })
        .collect();
    near.sort();
    near.into_iter().map(|(_, candidate)| candidate).take(most).collect()
}

/// Long names are cut: the distance costs time in the product of both lengths.
fn folded(name: &str) -> String {
    name.chars().take(200).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name_and_a_stranger_finds_none() {
        let known = ["name", "version", "description", "module", "profile", "sha256"];
        assert_eq!(nearest_name("nmae", known), Some("name"));
        assert_eq!(nearest_name("Version", known), Some("version"));
        assert_eq!(nearest_name("desc", known), Some("description"));
        assert_eq!(nearest_name("timeout", known), None);
        assert_eq!(nearest_name("", known), None);
    }

    #[test]
    fn several_names_come_nearest_first() {
        assert_eq!(nearest_names("sumarize", ["summarizer", "summarize", "title"], 3), ["summarize", "summarizer"]);
    }

    #[test]
    fn a_name_of_a_megabyte_costs_no_time() {
        assert_eq!(nearest_name(&"x".repeat(1 << 20), ["name"; 100]), None);
    }
}
