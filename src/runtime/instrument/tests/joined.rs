//! A trap in a load is told, or all is paid where it happens, whatever an optimizer makes of the instructions that take its value.

use super::super::{TrapPlaces, fuel_export, instrument};
use super::harness::{Compiler, binary, traps_in_each_export};
use std::fmt::Write;

const BINARY: [&str; 25] = [
    "add", "sub", "mul", "div_s", "div_u", "rem_s", "rem_u", "and", "or", "xor", "shl", "shr_s", "shr_u", "rotl", "rotr", "eq",
    "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u",
];
const COMPARISONS: usize = 10;
const UNARY: [&str; 4] = ["clz", "ctz", "popcnt", "extend8_s"];

/// Code of one type: an operand's, a result's.
#[derive(Clone, Copy)]
struct Int {
    name: &'static str,
    literals: [&'static str; 11],
}

const I32: Int = Int { name: "i32", literals: ["0", "1", "-1", "2", "-8", "8", "31", "32", "255", "0x80000000", "0x7fffffff"] };
const I64: Int = Int {
    name: "i64",
    literals: ["0", "1", "-1", "2", "-8", "8", "32", "64", "255", "0x8000000000000000", "0x7fffffffffffffff"],
};

/// Instructions that make something of the operand on the stack, and whether that is an `i32` in any case.
struct Step {
    code: String,
    gives_i32: bool,
}

impl Int {
    /// What may be done first with a load's value.
    fn first_steps(self) -> Vec<Step> {
        let name = self.name;
        let gives_i32 = |at: usize| at >= BINARY.len() - COMPARISONS;
        let mut steps: Vec<Step> = UNARY.iter().map(|op| Step { code: format!("{name}.{op}"), gives_i32: false }).collect();
        steps.push(Step { code: format!("{name}.eqz"), gives_i32: true });
        for (at, op) in BINARY.iter().enumerate() {
            let literals = self.literals.iter().filter(|literal| !(op.contains("div") || op.contains("rem")) || **literal != "0");
            steps.extend(
                literals.map(|literal| Step { code: format!("{name}.const {literal} {name}.{op}"), gives_i32: gives_i32(at) }),
            );
            steps.push(Step { code: format!("local.get ${name} {name}.{op}"), gives_i32: gives_i32(at) });
            let turned_round = format!("local.set $t_{name} {name}.const 3 local.get $t_{name} {name}.{op}");
            steps.push(Step { code: turned_round, gives_i32: gives_i32(at) });
        }
        steps
    }

    /// What may be done with that, the same type being left.
    fn second_steps(self) -> Vec<String> {
        let name = self.name;
        let of = |op: &&str| ["1", "8"].map(|literal| format!("{name}.const {literal} {name}.{op}"));
        let mut steps: Vec<String> = BINARY.iter().take(BINARY.len() - COMPARISONS).flat_map(of).collect();
        for op in BINARY.iter().skip(BINARY.len() - COMPARISONS) {
            let back = if name == "i32" { "" } else { " i64.extend_i32_u" };
            steps.extend(["0", "1", "8"].map(|literal| format!("{name}.const {literal} {name}.{op}{back}")));
        }
        steps
    }

    /// What may take the outcome.
    fn ends(self) -> Vec<String> {
        let name = self.name;
        let mut ends = vec![
            format!("local.set $t_{name} i32.const 0 local.get $t_{name} {name}.store"),
            format!(
                "local.set $t_{name} i32.const 0 local.get $t_{name} {name}.store i32.const 0 {name}.load {name}.const 3 {name}.add drop"
            ),
            format!("local.tee $t_{name} {name}.const 7 {name}.add local.set $t_{name}"),
            format!("local.set $t_{name} local.get $i32 i32.const 1 local.get $t_{name}{} select drop", self.to_i32()),
            format!("global.set $g_{name} global.get $g_{name} {name}.const 5 {name}.add drop"),
        ];
        ends.extend(self.few_ends());
        ends
    }

    fn few_ends(self) -> Vec<String> {
        vec![format!("{}i32.load drop", self.to_i32()), format!("{}br_if 0", self.to_i32())]
    }

    const fn to_i32(self) -> &'static str {
        match self.name.as_bytes() {
            b"i32" => " ",
            _ => " i32.wrap_i64 ",
        }
    }

    /// Exported functions in each of which the first load traps, and what each uses up to there.
    fn functions(self) -> Vec<(String, i64)> {
        let mut functions = Vec::new();
        let load = format!("local.get $i32 {}.load ", self.name);
        for first in self.first_steps() {
            let (left, back) = if first.gives_i32 { (I32, "") } else { (self, "") };
            let whole = |step: &str, end: &str| format!("{load} {} {back} {step} {end}", first.code);
            functions.extend(left.ends().iter().map(|end| whole("", end)));
            for second in left.second_steps() {
                functions.extend(left.few_ends().iter().map(|end| whole(&second, end)));
            }
        }
        functions.into_iter().map(|code| (body(&code), cost(&code))).collect()
    }
}

/// The code stands in a block, and more follows that is paid for differently on different ways.
fn body(code: &str) -> String {
    format!(
        "(param $i32 i32) (param $i64 i64) (local $t_i32 i32) (local $t_i64 i64)
         block {code} local.get $t_i32 if i32.const 1 drop end end
         local.get $i32 if i32.const 1 drop i32.const 1 drop end"
    )
}

/// The fuel of the segment in which the load is: up to the branch behind the code.
fn cost(code: &str) -> i64 {
    const GET_AND_IF: i64 = 2;
    let words: Vec<&str> = code.split_whitespace().collect();
    let free = |word: &&str| word.contains('.') && !word.starts_with('-') || matches!(*word, "select" | "br_if");
    let instructions = i64::try_from(words.iter().filter(|word| free(word)).count()).unwrap();
    if words.contains(&"br_if") { instructions } else { instructions + GET_AND_IF }
}

fn check(int: Int) {
    let functions = int.functions();
    for part in functions.chunks(4000) {
        let mut text =
            String::from("(module (memory 1) (global $g_i32 (mut i32) (i32.const 0)) (global $g_i64 (mut i64) (i64.const 0))");
        for (at, (body, _)) in part.iter().enumerate() {
            write!(text, "(func (export \"{at}\") {body})").unwrap();
        }
        text.push(')');
        let module = binary(&text);
        let new = instrument(&module, TrapPlaces::Told).unwrap();
        let name = fuel_export(&module).unwrap();
        let names: Vec<String> = (0..part.len()).map(|at| at.to_string()).collect();
        let fuel = traps_in_each_export(&new, &name, Compiler::Cranelift, &names, &[70_000.into(), 5_i64.into()]);
        for ((body, cost), fuel) in part.iter().zip(fuel) {
            assert_eq!(fuel, *cost, "{body}");
        }
    }
}

#[test]
fn whatever_takes_the_value_of_a_load_of_32_bits_its_trap_keeps_the_count() {
    check(I32);
}

#[test]
fn whatever_takes_the_value_of_a_load_of_64_bits_its_trap_keeps_the_count() {
    check(I64);
}
