# The system-call filters of the worker, of one that loads a native macro, and of their broker: compiled by libseccomp at build time, applied by src/worker/confine.c.
$(BUILD)/gen/make_filter: tools/make_filter.c
	@mkdir -p $(@D)
	$(CC) -std=c17 $(WARN) -o $@ $< -lseccomp
$(BUILD)/gen/%_filter.inc: $(BUILD)/gen/make_filter
	$< $* > $@.tmp
	@mv $@.tmp $@

$(BUILD)/obj/src/worker/confine.o: $(foreach f,worker broker loading native,$(BUILD)/gen/$(f)_filter.inc)
$(BUILD)/obj/src/worker/confine.o: override CPPFLAGS += -I$(BUILD)/gen
