//! Both compilers give a skill the same numbers, also where a host function's result has a fraction.

use crate::acceptance::d04;
use crate::program::Workspace;

#[test]
fn a_seed_arrives_bit_for_bit_with_both_compilers() {
    let workspace = Workspace::new();
    // Writes the 64 bits of the seed as 16 letters.
    let body = r#"(local $bits i64) (local $at i32)
      (local.set $bits (i64.reinterpret_f64 (call $seed)))
      (local.set $at (i32.const 2001))
      (i32.store8 (i32.const 2000) (i32.const 34))
      (loop $next
        (i32.store8 (local.get $at) (i32.add (i32.const 97) (i32.wrap_i64 (i64.and (local.get $bits) (i64.const 15)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $bits (i64.shr_u (local.get $bits) (i64.const 4)))
        (br_if $next (i32.lt_u (local.get $at) (i32.const 2017))))
      (i32.store16 (local.get $at) (i32.const 34))
      (i32.const 2000)"#;
    workspace.write("seeded.wat", d04(r#"(import "env" "seed" (func $seed (result f64)))"#, body));
    let run = |compiler| {
        let (document, code) = workspace.run_json("seeded", &["--seed", "7", "--compiler", compiler]);
        assert_eq!(code, 0, "{document}");
        (document["output"].clone(), document["usage"]["fuel"].clone())
    };
    let first = run("cranelift");
    for _ in 0..5 {
        assert_eq!(run("singlepass"), first);
    }
}
