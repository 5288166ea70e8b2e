//! Results may depend on the bits of a NaN, and fuel on results: so arithmetic must give the same NaN with both compilers, whatever NaN goes
//! in. The interpreter gives the positive one with only its highest bit set.

use crate::proof::compare::{Bounds, compare};
use crate::proof::observed::Value;
use crate::proof::script::{Call, Script};
use std::fmt::Write as _;

const UNARY: [&str; 5] = ["ceil", "floor", "trunc", "nearest", "sqrt"];
const BINARY: [&str; 6] = ["add", "sub", "mul", "div", "min", "max"];
const SIGN: [&str; 2] = ["abs", "neg"];

/// A function for each instruction: numbers go in and come out as bits.
fn module() -> String {
    let mut text = "(module ".to_owned();
    for (float, int) in [("f32", "i32"), ("f64", "i64")] {
        for name in UNARY.into_iter().chain(SIGN) {
            write!(
                text,
                "(func (export \"{float}.{name}\") (param {int}) (result {int})
                   ({int}.reinterpret_{float} ({float}.{name} ({float}.reinterpret_{int} (local.get 0)))))"
            )
            .unwrap();
        }
        for name in BINARY.into_iter().chain(["copysign"]) {
            write!(
                text,
                "(func (export \"{float}.{name}\") (param {int} {int}) (result {int})
                   ({int}.reinterpret_{float} ({float}.{name}
                     ({float}.reinterpret_{int} (local.get 0)) ({float}.reinterpret_{int} (local.get 1)))))"
            )
            .unwrap();
        }
    }
    // What became a NaN goes through an instruction that changes nothing but its sign.
    for (float, int) in [("f32", "i32"), ("f64", "i64")] {
        for sign in SIGN {
            for name in UNARY {
                write!(
                    text,
                    "(func (export \"{float}.{sign}.{name}\") (param {int}) (result {int})
                       ({int}.reinterpret_{float} ({float}.{sign} ({float}.{name} ({float}.reinterpret_{int} (local.get 0))))))"
                )
                .unwrap();
            }
        }
    }
    text.push_str(
        "(func (export \"promote\") (param i32) (result i64)
           (i64.reinterpret_f64 (f64.promote_f32 (f32.reinterpret_i32 (local.get 0)))))
         (func (export \"demote\") (param i64) (result i32)
           (i32.reinterpret_f32 (f32.demote_f64 (f64.reinterpret_i64 (local.get 0))))))",
    );
    text
}

/// NaNs of both signs, quiet and signalling, and what becomes one.
const WIDE: [u64; 10] = [
    0x7ff8_0000_0000_0000,
    0xfff8_0000_0000_0000,
    0x7ff4_0000_0000_0000,
    0xfff0_0000_0000_0001,
    0x7fff_ffff_ffff_ffff,
    0x7ff0_0000_0000_0000,
    0xfff0_0000_0000_0000,
    0x8000_0000_0000_0000,
    0xbff0_0000_0000_0000,
    0,
];
const NARROW: [u32; 10] =
    [0x7fc0_0000, 0xffc0_0000, 0x7fa0_0000, 0xff80_0001, 0x7fff_ffff, 0x7f80_0000, 0xff80_0000, 0x8000_0000, 0xbf80_0000, 0];

fn arguments(wide: bool) -> Vec<Value> {
    if wide {
        WIDE.iter().map(|bits| Value::I64(bits.cast_signed())).collect()
    } else {
        NARROW.iter().map(|bits| Value::I32(bits.cast_signed())).collect()
    }
}

#[test]
fn arithmetic_gives_the_same_nan_with_both_compilers() {
    let bytes = wat::parse_str(module()).unwrap();
    let mut calls = Vec::new();
    let mut call = |export: String, arguments: &[Value]| calls.push(Call { export, arguments: arguments.to_vec() });
    for (float, wide) in [("f32", false), ("f64", true)] {
        for one in arguments(wide) {
            for name in UNARY.into_iter().chain(SIGN) {
                call(format!("{float}.{name}"), &[one]);
            }
            for sign in SIGN {
                for name in UNARY {
                    call(format!("{float}.{sign}.{name}"), &[one]);
                }
            }
            for other in arguments(wide) {
                for name in BINARY.into_iter().chain(["copysign"]) {
                    call(format!("{float}.{name}"), &[one, other]);
                }
            }
        }
    }
    arguments(false).iter().for_each(|number| call("promote".into(), &[*number]));
    arguments(true).iter().for_each(|number| call("demote".into(), &[*number]));
    // One at a time, so that a failure tells which.
    for call in calls {
        compare(&bytes, &Script { calls: vec![call] }, Bounds { fuel: 1000, slice: 1000 });
    }
}
