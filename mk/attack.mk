# Attacks on the sandbox, and faults. Every attack aims at decoys that the test planted (tests/attack/run says how).
TESTS += test-worker-wall
.PHONY: test-worker-wall
# The worker's promises hold behind the kernel's wall as they do without.
test-worker-wall: $(BUILD)/bin/glovebox-worker $(BUILD)/test/macros.wasm $(BUILD)/test/read-stats
	@timeout 900 bash tests/worker/worker.sh $(BUILD) $(RUST_HOST) on

# ---- programs that attacks are made with ----------------------------------------------------------
# Workers with one thing missing or broken. None of them is ever installed.
ATTACK_WORKER_OBJS = $(call objs,worker) $(BUILD)/libglovebox.a
$(BUILD)/attack/worker-broken-engine: $(BUILD)/obj/tests/attack/broken_engine.o $(ATTACK_WORKER_OBJS)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -Wl,--wrap=gb_library_open -o $@ $^ -lsodium -lcjson -lm
# As that one, and it does not forget its environment.
$(BUILD)/attack/worker-remembers: $(BUILD)/obj/tests/attack/broken_engine.o $(BUILD)/obj/tests/attack/remembers.o $(ATTACK_WORKER_OBJS)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -Wl,--wrap=gb_library_open,--wrap=gb_worker_forget_environment -o $@ $^ -lsodium -lcjson -lm
# One that believes the guest, and one that takes every module and all kept code for sound.
ATTACK_TRUSTS := -Wl,--wrap=gb_message_open,--wrap=gb_message_check,--wrap=gb_memory_range
$(BUILD)/attack/worker-trusting: $(BUILD)/obj/tests/attack/trusting.o $(ATTACK_WORKER_OBJS)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $(ATTACK_TRUSTS) -o $@ $^ -lsodium -lcjson -lm
$(BUILD)/attack/worker-credulous: $(BUILD)/obj/tests/attack/credulous.o $(ATTACK_WORKER_OBJS)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -Wl,--wrap=gb_module_validate_body,--wrap=gb_x64_keep_check -o $@ $^ -lsodium -lcjson -lm
$(BUILD)/attack/decoy $(BUILD)/attack/flip: $(BUILD)/attack/%: tests/attack/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -D_GNU_SOURCE -MF $@.d -o $@ $<
$(BUILD)/attack/native.bin: tests/attack/native.c tests/attack/native.ld
	@mkdir -p $(@D)
	$(CC) -O1 -fPIC -ffreestanding -fno-stack-protector -fno-jump-tables -fcf-protection=none -nostdlib -static -Wall -Wextra \
	    -Wl,-T,tests/attack/native.ld -Wl,--oformat=binary -Wl,-e,entry -o $@ $<

ATTACK_TOOLS := $(addprefix $(BUILD)/attack/,worker-broken-engine worker-remembers worker-trusting worker-credulous decoy flip native.bin)
TESTS += test-attack
.PHONY: test-attack
attack test-attack: all $(ATTACK_TOOLS) $(BUILD)/test/fake-worker
attack:
	@timeout 900 tests/attack/run
# Its last line, in the words of all tests.
test-attack:
	@set -o pipefail; timeout 900 tests/attack/run | \
	    awk '{ print; fflush() } / attacks stopped$$/ { printf "attack: %d passed, %d failed\n", $$1, $$3 - $$1 }'

# ---- the wire format, fuzzed: both implementations at once -------------------------------------------------
WIRE_COVERAGE := -C passes=sancov-module $(addprefix -C llvm-args=-sanitizer-coverage-,level=3 inline-8bit-counters pc-table trace-compares)
$(BUILD)/fuzz/libwire.a: tests/fuzz/wire.rs wire/wire.rs
	@mkdir -p $(@D)
	$(RUST_HOST) --edition 2021 --crate-type staticlib -O -C panic=abort -C debug-assertions=on -C overflow-checks=on \
	    -C codegen-units=1 $(WIRE_COVERAGE) -o $@ $<
$(BUILD)/fuzz/wire: tests/fuzz/wire.c $(BUILD)/fuzz/libwire.a $(call srcs,base tokens) | $(BUILD)/gen/build_id.inc
	@mkdir -p $(@D)
	$(CLANG) $(CPPFLAGS) -I$(BUILD)/gen -std=c17 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -o $@ $^ -lsodium -lcjson -lm -lpthread -ldl
# Its corpus, replayed.
$(BUILD)/test/libwire.a: tests/fuzz/wire.rs wire/wire.rs
	@mkdir -p $(@D)
	$(RUST_HOST) --edition 2021 --crate-type staticlib -O -C panic=abort -C debug-assertions=on -o $@ $<
$(BUILD)/test/replay-wire: $(BUILD)/obj/tests/fuzz/wire.o $(BUILD)/obj/tests/tokens/replay.o $(BUILD)/test/libwire.a $(call objs,base tokens)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lsodium -lcjson -lm -lpthread -ldl
TESTS += test-fuzz-wire
.PHONY: test-fuzz-wire
test-fuzz-wire: $(BUILD)/test/replay-wire
	@timeout 60 $< tests/fuzz/corpus-wire/* && echo "wire corpus: $$(ls tests/fuzz/corpus-wire | wc -l) passed, 0 failed"
.PHONY: fuzz-wire
fuzz-wire: $(BUILD)/fuzz/wire
	@mkdir -p $(BUILD)/fuzz/corpus-wire
	$< -max_total_time=$(FUZZ_SECONDS) -max_len=4096 $(BUILD)/fuzz/corpus-wire tests/fuzz/corpus-wire
fuzz: fuzz-wire

# ---- faults -------------------------------------------------------------------------------------------------
$(BUILD)/fault/memory: $(BUILD)/obj/tests/fault/memory.o $(BUILD)/libglovebox.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free,--wrap=strdup,--wrap=strndup,--wrap=getcwd,--wrap=realpath,--wrap=mmap -o $@ $^ -lsodium -lcjson -lm
$(BUILD)/fault/worker-dies: $(BUILD)/obj/tests/fault/dies.o $(ATTACK_WORKER_OBJS)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $(addprefix -Wl$(comma)--wrap=,gb_channel_open gb_channel_greet gb_channel_receive gb_channel_send gb_worker_confine \
	    gb_library_open) -o $@ $^ -lsodium -lcjson -lm
$(BUILD)/fault/without: tests/fault/without.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -D_GNU_SOURCE -MF $@.d -o $@ $<
FAULT_TOOLS := $(addprefix $(BUILD)/fault/,worker-dies without) $(addprefix $(BUILD)/test/,macros.wasm fake-worker)
TESTS += test-fault
.PHONY: test-fault
test-fault: all $(FAULT_TOOLS)
	@timeout 1800 tests/fault/run
TESTS += test-fault-memory
.PHONY: test-fault-memory
test-fault-memory: $(BUILD)/fault/memory $(BUILD)/test/macros.wasm
	@timeout 600 $< $(BUILD)/test/macros.wasm
.PHONY: fuzz-shim
fuzz-shim: $(BUILD)/bin/glovebox-worker $(BUILD)/test/fake-worker
	tests/fuzz/shim $(FUZZ_SECONDS)
fuzz: fuzz-shim
