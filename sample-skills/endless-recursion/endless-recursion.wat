;; Calls itself until its stack is exhausted.
(module
  (memory (export "memory") 1)
  (data (i32.const 16) "\"never\"\00")

  (func $alloc (export "alloc") (param $len i32) (result i32)
    i32.const 1024)

  (func $dealloc (export "dealloc") (param $ptr i32) (param $len i32))

  ;; The addition after the call keeps each frame alive.
  (func $deeper (param $depth i32) (result i32)
    (i32.add
      (call $deeper (i32.add (local.get $depth) (i32.const 1)))
      (local.get $depth)))

  (func $execute (export "execute") (param $input i32) (result i32)
    (drop (call $deeper (i32.const 0)))
    i32.const 16))
