# From a fresh machine to a running demo, all tests, and an installation.
.PHONY: setup setup-tests
setup:
	@tools/setup
setup-tests:
	@tools/setup tests

# Targets that compile are made by a second make: on a fresh machine there is no compiler yet.
COMPILE := tools/quietly "compiling Glovebox" $(MAKE) -s --no-print-directory -j$(shell nproc) all
demo: setup
	@+$(COMPILE)
	@tools/demo

test: setup-tests
	@+$(COMPILE)
	@+MAKE='$(MAKE)' tools/run-tests $(TESTS)

# PREFIX and DESTDIR may hold blanks. pkg-config wants them escaped in a file's variables.
LIBEXECDIR := $(PREFIX)/libexec/glovebox
SHAREDIR := $(PREFIX)/share/glovebox
INSTALL := install
install: all
	$(INSTALL) -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(LIBEXECDIR)" "$(DESTDIR)$(PREFIX)/include" \
	    "$(DESTDIR)$(PREFIX)/lib/pkgconfig" "$(DESTDIR)$(PREFIX)/share/man/man1" "$(DESTDIR)$(SHAREDIR)"
	$(INSTALL) -m 755 $(BUILD)/bin/glovebox $(BUILD)/bin/cargo-glovebox "$(DESTDIR)$(PREFIX)/bin/"
	$(INSTALL) -m 755 $(BUILD)/bin/glovebox-worker $(BUILD)/bin/glovebox-worker-native "$(DESTDIR)$(LIBEXECDIR)/"
	$(INSTALL) -m 644 include/*.h "$(DESTDIR)$(PREFIX)/include/"
	$(INSTALL) -m 644 $(BUILD)/libglovebox.a "$(DESTDIR)$(PREFIX)/lib/"
	$(INSTALL) -m 755 $(BUILD)/libglovebox.so "$(DESTDIR)$(PREFIX)/lib/libglovebox.so.$(RELEASE)"
	ln -sf libglovebox.so.$(RELEASE) "$(DESTDIR)$(PREFIX)/lib/libglovebox.so.$(SOVERSION)"
	ln -sf libglovebox.so.$(SOVERSION) "$(DESTDIR)$(PREFIX)/lib/libglovebox.so"
	prefix=$$(printf '%s' "$(PREFIX)" | sed 's/ /\\ /g; s/[\\&|]/\\&/g') && \
	    sed "s|@PREFIX@|$$prefix|; s|@RELEASE@|$(RELEASE)|" mk/glovebox.pc.in \
	    >"$(DESTDIR)$(PREFIX)/lib/pkgconfig/glovebox.pc"
	$(INSTALL) -m 644 man/*.1 "$(DESTDIR)$(PREFIX)/share/man/man1/"
	rm -rf "$(DESTDIR)$(SHAREDIR)/guest" "$(DESTDIR)$(SHAREDIR)/shim" "$(DESTDIR)$(SHAREDIR)/wire"
	cp -R --no-preserve=ownership guest shim wire "$(DESTDIR)$(SHAREDIR)/"

TESTS += test-install
.PHONY: test-install
test-install: all
	@timeout 1800 tests/install/run $(BUILD)

RELEASE := $(shell sed -n 's/.*GB_RELEASE "\(.*\)"/\1/p' src/base/release.h)
SOVERSION := $(firstword $(subst ., ,$(RELEASE)))
all: $(BUILD)/libglovebox.so
$(BUILD)/libglovebox.so: $(call objs,$(LIB_FLOORS))
	$(CC) -shared -Wl,-soname,libglovebox.so.$(SOVERSION) $(LDFLAGS) -o $@ $^ -lsodium -lcjson -lpthread -lm
