;; Assembled without checks: one function's body is invalid, the others are not.
(module
  (func (export "good") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func $bad (export "bad") (param i32) (result i32) (i64.add (local.get 0) (i32.const 1)))
  (func (export "good_then_bad") (param i32) (result i32)
    (if (result i32) (local.get 0) (then (call $bad (local.get 0))) (else (i32.const 3)))))
