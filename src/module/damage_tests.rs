//! Tests that damaged bytes are refused in words: random changes of modules, in binary and in text.

use super::LoadOptions;
use super::load_tests::{D04, try_load};
use crate::event::Failure;

/// A repeatable course of numbers.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below.max(1) as u64).unwrap()
    }
}

#[test]
fn no_bytes_make_it_panic() {
    let seeds = [
        format!("(module {D04} (table 3 funcref) (elem (i32.const 0) 0) (data (i32.const 0) \"abc\") (func (local v128) try_table end))"),
        r#"(module (import "env" "host_log" (func (param i32 i32 i32))) (import "a" "b" (global i32)) (memory 1) (func (@name "_ZN1a1bE") (export "_start") nop))"#.to_owned(),
        "(module (memory i64 1) (tag) (type (struct (field i32))) (func (param anyref) return_call 0))".to_owned(),
    ];
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for text in &seeds {
        let binary = wat::parse_str(text).unwrap();
        for seed in [binary.as_slice(), text.as_bytes()] {
            for _ in 0..1500 {
                let mut bytes = seed.to_vec();
                for _ in 0..=numbers.next(4) {
                    let at = numbers.next(bytes.len());
                    match numbers.next(4) {
                        0 => bytes[at] = u8::try_from(numbers.next(256)).unwrap(),
                        1 => bytes[at] ^= 1 << numbers.next(8),
                        2 => drop(bytes.remove(at)),
                        _ => bytes.insert(at, u8::try_from(numbers.next(256)).unwrap()),
                    }
                }
                if let Err(error) = try_load(&bytes, &LoadOptions::default()) {
                    assert!(!error.faults.is_empty());
                    assert!(!Failure::from(error).message.is_empty());
                }
                let names = super::FunctionNames::of(&bytes);
                let _ = (names.name(0), super::wat_excerpt(&bytes, 20), super::function_at(&bytes, 20));
            }
        }
    }
}
