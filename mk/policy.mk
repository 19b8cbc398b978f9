# The policy of the workspace's manifest: how it is read, written, and kept.
POLICY_UNIT_SOURCES := tests/policy/unit.c $(call srcs,policy) src/tokens/review.c \
    $(addprefix src/base/,buffer.c error.c file.c json.c strings.c utf8.c) \
    $(addprefix src/manifest/,limits.c manifest_policy.c toml_edit.c version.c version_req.c)
$(BUILD)/test/policy-unit: $(POLICY_UNIT_SOURCES) $(wildcard tests/check.h src/policy/*.h src/manifest/*.h)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -I. -std=c17 $(WARN) -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	    -o $@ $(POLICY_UNIT_SOURCES) -lsodium -lcjson -lm

TESTS += test-policy-unit test-policy
.PHONY: test-policy-unit test-policy
test-policy-unit: $(BUILD)/test/policy-unit $(BUILD)/test/policy-replay
	@timeout 120 $(BUILD)/test/policy-replay tests/fuzz/corpus-policy/*
	@timeout 120 $<
test-policy: all
	@timeout 3600 tests/policy/run

# The fuzz target; its corpus is replayed by `make test-policy-unit`.
POLICY_FUZZ_SOURCES := tests/fuzz/policy.c $(call srcs,policy) \
    $(addprefix src/base/,buffer.c error.c file.c json.c strings.c utf8.c) \
    $(addprefix src/manifest/,toml_edit.c version.c version_req.c)
$(BUILD)/test/policy-replay: $(POLICY_FUZZ_SOURCES) tests/tokens/replay.c $(wildcard src/policy/*.h src/manifest/*.h)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -std=c17 $(WARN) -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	    -o $@ tests/tokens/replay.c $(POLICY_FUZZ_SOURCES) -lcjson
$(BUILD)/fuzz/policy: $(POLICY_FUZZ_SOURCES)
	@mkdir -p $(@D)
	clang $(CPPFLAGS) -std=c17 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -o $@ $^ -lcjson
.PHONY: fuzz-policy
fuzz-policy: $(BUILD)/fuzz/policy
	@mkdir -p $(BUILD)/fuzz/corpus-policy
	$< -max_total_time=$(or $(FUZZ_SECONDS),60) -max_len=4096 -artifact_prefix=$(BUILD)/fuzz/ $(BUILD)/fuzz/corpus-policy tests/fuzz/corpus-policy
fuzz: fuzz-policy
