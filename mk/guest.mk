# The Rust that runs inside the sandbox, and the wire format it shares with the shim.
TESTS += test-wire

RUST_HOST ?= rustc

$(BUILD)/test/wire: wire/wire.rs
	@mkdir -p $(@D)
	$(RUST_HOST) --edition 2021 -O --test -o $@ $<

.PHONY: test-wire
test-wire: $(BUILD)/test/wire
	@timeout 120 $< --quiet >$<.log 2>&1 || { cat $<.log; echo 'wire: 0 passed, 1 failed'; exit 1; }
	@sed -n 's/^test result: ok\. \([0-9]* passed\); \([0-9]* failed\).*/wire: \1, \2/p' $<.log

# The guest's crates beside rustc's own, through everything there is: shim, worker, engine.
TESTS += test-guest
.PHONY: test-guest
test-guest: all
	@tests/guest/run $(BUILD)
