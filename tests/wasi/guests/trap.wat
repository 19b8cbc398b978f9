(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func $innermost (i32.load (i32.const 65536)) drop)
  (func $middle (call $innermost))
  (func (export "_start") (call $middle)))
