# cargo-glovebox: Cargo's subcommand and compiler wrapper.
BINS += $(BUILD)/bin/cargo-glovebox
CARGO_OBJS := $(filter-out $(BUILD)/obj/src/cli/main_%.o,$(call objs,cargo cli))

$(BUILD)/bin/cargo-glovebox: $(BUILD)/obj/src/cli/main_cargo.o $(CARGO_OBJS) $(BUILD)/libglovebox.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lsodium -lcjson -lpthread -lm
