//! fst: the words of stdin become a finite state transducer; every seventeenth of them is looked up in it with one typing
//! error, and ranges are walked through.

use fst::{IntoStreamer, Map, Streamer, automaton::Levenshtein};
use std::collections::BTreeMap;

fn main() {
    let text = std::io::read_to_string(std::io::stdin()).expect("text");
    let mut counts = BTreeMap::<&str, u64>::new();
    for word in text.split_whitespace() {
        *counts.entry(word).or_default() += 1;
    }
    let map = Map::from_iter(counts.iter().map(|(word, count)| (word, *count))).expect("sorted words");
    let mut found = 0_u64;
    for word in counts.keys().step_by(17) {
        let near = Levenshtein::new(word, 1).expect("a short word");
        let mut hits = map.search(near).into_stream();
        while let Some((_, count)) = hits.next() {
            found += count;
        }
    }
    let mut between = map.range().ge("f").lt("r").into_stream();
    let mut walked = 0_u64;
    while let Some((word, _)) = between.next() {
        walked += word.len() as u64;
    }
    let output =
        serde_json::json!({ "words": map.len(), "bytes": map.as_fst().as_bytes().len(), "found": found, "walked": walked });
    println!("{output}");
}
