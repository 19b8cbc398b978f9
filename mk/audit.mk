# What macros did and generated: the review of their output.
$(BUILD)/test/review: $(BUILD)/obj/tests/tokens/review.o $(call objs,base tokens)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lsodium -lcjson -lm

TESTS += test-review
.PHONY: test-review
test-review: $(BUILD)/test/review
	@timeout 60 $<

# What Cargo watches and what an audit says, with Cargo.
TESTS += test-audit
.PHONY: test-audit
test-audit: all
	@timeout 3600 tests/audit/run
