;; Never returns: its time limit ends it. `skillscope` stops it at the next turn of the loop, wherever that is.
(module
  (memory (export "memory") 1)

  (func $alloc (export "alloc") (param $len i32) (result i32)
    i32.const 1024)

  (func $dealloc (export "dealloc") (param $ptr i32) (param $len i32))

  (func $count_for_ever (param $turns i64)
    (loop $again
      (local.set $turns (i64.add (local.get $turns) (i64.const 1)))
      (br $again)))

  (func $execute (export "execute") (param $input i32) (result i32)
    (call $count_for_ever (i64.const 0))
    unreachable))
