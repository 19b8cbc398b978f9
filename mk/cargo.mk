# cargo-glovebox: Cargo's subcommand and compiler wrapper.
BINS += $(BUILD)/bin/cargo-glovebox
CARGO_LIBS := $(BUILD)/libglovebox-cli.a $(BUILD)/libglovebox.a

$(BUILD)/bin/cargo-glovebox: $(BUILD)/obj/src/cli/main_cargo.o $(CARGO_LIBS)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lsodium -lcjson -lpthread -lm

# ---- tests: parts without Cargo, then small projects ---------------------------------------------
$(BUILD)/test/build-unit: $(BUILD)/obj/tests/build/unit.o $(CARGO_LIBS)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lsodium -lcjson -lpthread -lm

TESTS += test-build-unit test-build
.PHONY: test-build-unit test-build
test-build-unit: $(BUILD)/test/build-unit
	@timeout 60 $<
test-build: all
	@timeout 3600 tests/build/run
