# cargo-glovebox: Cargo's subcommand and compiler wrapper.
BINS += $(BUILD)/bin/cargo-glovebox
CARGO_LIBS := $(BUILD)/libglovebox-cli.a $(BUILD)/libglovebox.a

$(BUILD)/bin/cargo-glovebox: $(BUILD)/obj/src/cli/main_cargo.o $(CARGO_LIBS)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lsodium -lcjson -lpthread -lm

# ---- what guest code is made by: part of every key of the store -----------------------------------
RECIPE_SOURCES := $(addprefix src/compile/,artifact_origin.c guest_cache.c guest_compile.c guest_link.c \
    source_names.c wasm_file.c) $(addprefix src/source/,lexer.c package_copy.c quirks.c rewrite.c)
$(BUILD)/gen/recipe.inc: $(RECIPE_SOURCES)
	@mkdir -p $(@D)
	@printf '#define GB_GUEST_RECIPE "%s"\n' "$$(cat $^ | sha256sum | cut -c1-32)" >$@.tmp
	@if cmp -s $@.tmp $@; then rm $@.tmp; touch $@; else mv $@.tmp $@; fi
$(BUILD)/obj/src/compile/recipe.o: $(BUILD)/gen/recipe.inc
$(BUILD)/obj/src/compile/recipe.o: CPPFLAGS += -I$(BUILD)/gen

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
