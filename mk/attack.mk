# Attacks on the sandbox, and faults. Every attack aims at decoys that the test planted (tests/attack/run says how).
TESTS += test-worker-wall
.PHONY: test-worker-wall
# The worker's promises hold behind the kernel's wall as they do without.
test-worker-wall: $(BUILD)/bin/glovebox-worker $(BUILD)/test/macros.wasm $(BUILD)/test/read-stats
	@timeout 900 bash tests/worker/worker.sh $(BUILD) $(RUST_HOST) on
