# What macros did and generated: the review of their output, records, glovebox.lock, the audit.
$(BUILD)/test/review: $(BUILD)/obj/tests/tokens/review.o $(call objs,base tokens)
$(BUILD)/test/audit-unit: $(BUILD)/obj/tests/audit/unit.o $(BUILD)/libglovebox-cli.a $(BUILD)/libglovebox.a
LOCKFILE_SOURCES := src/record/lockfile.c src/record/lock_artifact.c src/record/activity.c \
    src/macros/stats.c src/tokens/review.c \
    $(call srcs,base policy)
$(BUILD)/test/replay-lockfile: $(BUILD)/obj/tests/fuzz/lockfile.o $(BUILD)/obj/tests/tokens/replay.o \
    $(patsubst %.c,$(BUILD)/obj/%.o,$(LOCKFILE_SOURCES))
$(BUILD)/test/review $(BUILD)/test/audit-unit $(BUILD)/test/replay-lockfile:
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lsodium -lcjson -lpthread -lm

TESTS += test-review test-audit-unit test-audit
.PHONY: test-review test-audit-unit test-audit
test-review: $(BUILD)/test/review
	@timeout 60 $<
test-audit-unit: $(BUILD)/test/audit-unit $(BUILD)/test/replay-lockfile
	@timeout 60 $(BUILD)/test/replay-lockfile tests/fuzz/corpus-lockfile/*
	@timeout 60 $<
# What Cargo watches, what is forbidden, what an audit says, with Cargo.
test-audit: all
	@timeout 3600 tests/audit/run

$(BUILD)/fuzz/lockfile: tests/fuzz/lockfile.c $(LOCKFILE_SOURCES) | $(BUILD)/gen/build_id.inc
	@mkdir -p $(@D)
	$(CLANG) $(CPPFLAGS) -I$(BUILD)/gen -std=c17 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -o $@ $^ -lsodium -lcjson -lm
.PHONY: fuzz-lockfile
fuzz-lockfile: $(BUILD)/fuzz/lockfile
	@mkdir -p $(BUILD)/fuzz/corpus-lockfile
	$< -max_total_time=$(or $(FUZZ_SECONDS),60) -max_len=4096 $(BUILD)/fuzz/corpus-lockfile tests/fuzz/corpus-lockfile
fuzz: fuzz-lockfile
