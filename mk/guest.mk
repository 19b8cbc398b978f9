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

# ---- the wire format in the guest, fuzzed: its proc_macro, natively, under a macro that does what bytes say -----------------
GUEST_FUZZ_RUSTC = RUSTC_BOOTSTRAP=1 $(RUST_HOST) --edition 2021 -O -C debug-assertions=on -C overflow-checks=on -C codegen-units=1
# $(call guest_fuzz_library,FOLDER,OPTIONS)
define guest_fuzz_library
	@mkdir -p $(1)
	$(GUEST_FUZZ_RUSTC) $(2) --crate-type rlib --crate-name proc_macro --out-dir $(1) guest/proc_macro/lib.rs
	$(GUEST_FUZZ_RUSTC) $(2) --crate-type staticlib --extern proc_macro=$(1)/libproc_macro.rlib -o $@ tests/fuzz/guest.rs
endef
GUEST_FUZZ_SOURCES := tests/fuzz/guest.rs wire/wire.rs $(wildcard guest/proc_macro/*.rs)
$(BUILD)/fuzz/guest-lib/libguest.a: $(GUEST_FUZZ_SOURCES)
	$(call guest_fuzz_library,$(@D),$(WIRE_COVERAGE) -Z sanitizer=address -Z external-clangrt)
$(BUILD)/test/guest-lib/libguest.a: $(GUEST_FUZZ_SOURCES)
	$(call guest_fuzz_library,$(@D),)
$(BUILD)/fuzz/guest: tests/fuzz/guest.c $(BUILD)/fuzz/guest-lib/libguest.a $(call srcs,base tokens) | $(BUILD)/gen/build_id.inc
	$(CLANG) $(CPPFLAGS) -I$(BUILD)/gen -std=c17 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -o $@ $^ -lsodium -lcjson -lm -lpthread -ldl
# Its corpus, replayed.
$(BUILD)/test/replay-guest: $(BUILD)/obj/tests/fuzz/guest.o $(BUILD)/obj/tests/tokens/replay.o $(BUILD)/test/guest-lib/libguest.a $(call objs,base tokens)
	$(CC) $(LDFLAGS) -o $@ $^ -lsodium -lcjson -lm -lpthread -ldl
TESTS += test-fuzz-guest
.PHONY: test-fuzz-guest fuzz-guest
test-fuzz-guest: $(BUILD)/test/replay-guest
	@timeout 60 $< tests/fuzz/corpus-guest/* && echo "guest corpus: $$(ls tests/fuzz/corpus-guest | wc -l) passed, 0 failed"
# Texts are interned for good, as in the compiler: no leak.
fuzz-guest: $(BUILD)/fuzz/guest
	@mkdir -p $(BUILD)/fuzz/corpus-guest
	ASAN_OPTIONS=detect_leaks=0 $< -max_total_time=$(or $(FUZZ_SECONDS),60) -max_len=2048 -detect_leaks=0 -rss_limit_mb=4096 -artifact_prefix=$(BUILD)/fuzz/ $(BUILD)/fuzz/corpus-guest tests/fuzz/corpus-guest
fuzz: fuzz-guest
