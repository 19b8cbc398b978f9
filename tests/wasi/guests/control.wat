(module
  (import "e\1b[31m" "x\0ay" (func))
  (memory (export "memory") 1)
  (func (export "_start")))
