# Host units made into guests: the lexer, the rewriting, shims, the guest toolchain.
GUEST_SOURCES := $(addprefix src/source/,lexer.c rewrite.c package_copy.c quirks.c) src/manifest/version.c \
    $(addprefix src/compile/,source_names.c wasm_file.c) src/cargo/shim_plan.c \
    src/macros/records.c src/macros/elf.c
GUEST_OBJS = $(patsubst %.c,$(BUILD)/obj/%.o,$(GUEST_SOURCES)) $(call objs,base)

$(BUILD)/test/lexer: $(BUILD)/obj/tests/cargo/lexer.o $(GUEST_OBJS)
$(BUILD)/test/rewrite: $(BUILD)/obj/tests/cargo/rewrite.o $(GUEST_OBJS)
$(BUILD)/test/replay-lexer: $(BUILD)/obj/tests/fuzz/lexer.o $(BUILD)/obj/tests/tokens/replay.o $(GUEST_OBJS)
$(BUILD)/test/lexer $(BUILD)/test/rewrite $(BUILD)/test/replay-lexer:
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lsodium -lcjson -lm

$(BUILD)/test/base: $(BUILD)/obj/tests/base/base.o $(call objs,base)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lsodium -lcjson -lm
TESTS += test-base
.PHONY: test-base
test-base: $(BUILD)/test/base
	@timeout 60 $<

# The compiler's own library is Rust by the megabyte: lexed whole where its source lies here.
RUST_LIBRARY ?= $(firstword $(wildcard /usr/src/rustc-*/library))
TESTS += test-lexer test-rewrite
.PHONY: test-lexer test-rewrite
test-lexer: $(BUILD)/test/lexer $(BUILD)/test/replay-lexer
	@timeout 300 $(BUILD)/test/replay-lexer tests/fuzz/corpus-lexer/*
	@timeout 300 $(BUILD)/test/lexer $(RUST_LIBRARY)
test-rewrite: $(BUILD)/test/rewrite
	@timeout 60 $(BUILD)/test/rewrite

$(BUILD)/fuzz/lexer: tests/fuzz/lexer.c $(GUEST_SOURCES) $(call srcs,base) $(BUILD)/gen/build_id.inc
	@mkdir -p $(@D)
	$(CLANG) $(CPPFLAGS) -I$(BUILD)/gen -std=c17 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -o $@ $(filter %.c,$^) -lsodium -lcjson -lm
.PHONY: fuzz-lexer
fuzz-lexer: $(BUILD)/fuzz/lexer
	@mkdir -p $(BUILD)/fuzz/corpus-lexer
	$< -max_total_time=$(FUZZ_SECONDS) -max_len=4096 $(BUILD)/fuzz/corpus-lexer tests/fuzz/corpus-lexer
fuzz: fuzz-lexer

# One unit at a time, without Cargo.
$(BUILD)/test/guest-unit: $(BUILD)/obj/tests/cargo/unit.o $(BUILD)/libglovebox-cli.a $(BUILD)/libglovebox.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lsodium -lcjson -lpthread -lm
TESTS += test-guest-units
.PHONY: test-guest-units
test-guest-units: $(BUILD)/test/guest-unit $(BUILD)/bin/glovebox-worker
	@timeout 1800 bash tests/cargo/guest.sh $(BUILD) rustc

# Finding and preparing, with compilers that only pretend.
TESTS += test-toolchain
.PHONY: test-toolchain
test-toolchain: $(BUILD)/bin/glovebox
	@timeout 300 bash tests/cargo/toolchain.sh $<
