;; Takes memory, page by page, until it gets no more.
;;
;; Its output tells how many pages it then had and how many of them it was given: {"pages": 8192, "grown": 8191}. With the
;; input `true` it does what most programs do when they are out of memory: it gives up with a trap.
(module
  (memory (export "memory") 1)
  (data (i32.const 16) "{\"pages\": ")
  (data (i32.const 32) ", \"grown\": ")
  (global $end (mut i32) (i32.const 64)) ;; where the output document ends

  ;; The input is put above the output. An input that does not fit is out of memory.
  (func $alloc (export "alloc") (param $len i32) (result i32)
    (select (i32.const 1024) (i32.const 0) (i32.lt_u (local.get $len) (i32.const 64512))))

  (func $dealloc (export "dealloc") (param $ptr i32) (param $len i32))

  (func $grow_until_refused (result i32)
    (local $grown i32)
    (loop $again
      (if (i32.ne (memory.grow (i32.const 1)) (i32.const -1))
        (then
          (local.set $grown (i32.add (local.get $grown) (i32.const 1)))
          (br $again))))
    (local.get $grown))

  (func $put_text (param $from i32) (param $len i32)
    (memory.copy (global.get $end) (local.get $from) (local.get $len))
    (global.set $end (i32.add (global.get $end) (local.get $len))))

  (func $put_byte (param $byte i32)
    (i32.store8 (global.get $end) (local.get $byte))
    (global.set $end (i32.add (global.get $end) (i32.const 1))))

  (func $put_number (param $number i32)
    (if (i32.ge_u (local.get $number) (i32.const 10))
      (then (call $put_number (i32.div_u (local.get $number) (i32.const 10)))))
    (call $put_byte (i32.add (i32.const 48) (i32.rem_u (local.get $number) (i32.const 10)))))

  (func $execute (export "execute") (param $input i32) (result i32)
    (local $grown i32)
    (local.set $grown (call $grow_until_refused))
    (if (i32.eq (i32.load8_u (local.get $input)) (i32.const 0x74)) ;; t, of true
      (then unreachable))
    (call $put_text (i32.const 16) (i32.const 10))
    (call $put_number (memory.size))
    (call $put_text (i32.const 32) (i32.const 11))
    (call $put_number (local.get $grown))
    (call $put_byte (i32.const 0x7d)) ;; }
    (call $put_byte (i32.const 0))
    (i32.const 64)))
