# The policy of the workspace's manifest: how it is read, written, and kept.
POLICY_UNIT_SOURCES := tests/policy/unit.c $(call srcs,policy) src/tokens/review.c \
    $(addprefix src/base/,buffer.c error.c file.c json.c strings.c utf8.c) \
    $(addprefix src/cargo/,limits.c manifest_policy.c toml_edit.c version.c version_req.c)
$(BUILD)/test/policy-unit: $(POLICY_UNIT_SOURCES) $(wildcard src/policy/*.h src/cargo/*.h)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -std=c17 $(WARN) -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	    -o $@ $(POLICY_UNIT_SOURCES) -lsodium -lcjson -lm

TESTS += test-policy-unit test-policy
.PHONY: test-policy-unit test-policy
test-policy-unit: $(BUILD)/test/policy-unit
	@timeout 120 $<
test-policy: all
	@timeout 3600 tests/policy/run
