//! html5ever: a page on stdin is parsed, its tree is walked and changed, and it is written again.

use html5ever::driver::ParseOpts;
use html5ever::serialize::{SerializeOpts, serialize};
use html5ever::tendril::TendrilSink;
use html5ever::{QualName, local_name, ns, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom, SerializableHandle};

#[derive(Default)]
struct Seen {
    elements: usize,
    links: usize,
    words: usize,
    deepest: usize,
}

fn walk(node: &Handle, depth: usize, seen: &mut Seen) {
    seen.deepest = seen.deepest.max(depth);
    match &node.data {
        NodeData::Element { name, attrs, .. } => {
            seen.elements += 1;
            if name.local == local_name!("a") {
                seen.links += 1;
                for attribute in attrs.borrow_mut().iter_mut() {
                    if attribute.name == QualName::new(None, ns!(), local_name!("href")) && attribute.value.starts_with('/') {
                        attribute.value = format!("https://example.org{}", attribute.value).into();
                    }
                }
            }
        }
        NodeData::Text { contents } => seen.words += contents.borrow().split_whitespace().count(),
        _ => {}
    }
    for child in node.children.borrow().iter() {
        walk(child, depth + 1, seen);
    }
}

fn main() {
    let page =
        parse_document(RcDom::default(), ParseOpts::default()).from_utf8().read_from(&mut std::io::stdin()).expect("a page");
    let mut seen = Seen::default();
    walk(&page.document, 0, &mut seen);
    let mut written = Vec::new();
    let root: SerializableHandle = page.document.into();
    serialize(&mut written, &root, SerializeOpts::default()).expect("it can be written");
    let Seen { elements, links, words, deepest } = seen;
    let output = serde_json::json!({
        "elements": elements, "links": links, "words": words, "deepest": deepest, "bytes": written.len(),
    });
    println!("{output}");
}
