//! wasmparser: a module on stdin is validated; how many functions and instructions it has comes out.

use std::io::Read;
use wasmparser::{Parser, Payload, Validator};

fn main() {
    let mut module = Vec::new();
    std::io::stdin().read_to_end(&mut module).expect("bytes");
    Validator::new().validate_all(&module).expect("a valid module");
    let (mut functions, mut operators) = (0_u32, 0_u64);
    for payload in Parser::new(0).parse_all(&module) {
        if let Payload::CodeSectionEntry(body) = payload.expect("a section") {
            functions += 1;
            operators += body.get_operators_reader().expect("a body").into_iter().count() as u64;
        }
    }
    println!("{}", serde_json::json!({ "functions": functions, "operators": operators }));
}
