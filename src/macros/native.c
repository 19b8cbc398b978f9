#include "macros/native.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "macros/elf.h"
#include "macros/internal.h"

typedef uint8_t *native_alloc(size_t length);
typedef void native_entry(uint8_t *message, size_t length);

struct gb_native {
    void *handle; /* never closed: destructors of the author's are nothing to wait for */
    native_alloc *alloc;
    native_entry **entries; /* one a record, found when first needed */
    jmp_buf out;            /* back out of the macro, for a host function that cannot go on */
};

/* ---- what it calls ---------------------------------------------------------------------------- */

/* The one library of this process: its calls bring no context along. */
static glovebox_library *the_library;

/* Out of the macro, whose frames are left as they are: it is not entered again. A constructor has nobody to
 * go back to. */
static void go_on_if(bool ok) {
    if (ok) return;
    if (!the_library->running) abort();
    longjmp(the_library->native->out, 1);
}

size_t gb_native_ask(const uint8_t *question, size_t length) {
    go_on_if(gb_host_ask(the_library, question, length));
    return the_library->answer_length;
}

void gb_native_answer(uint8_t *to) {
    go_on_if(gb_host_answer(the_library, to));
}

void gb_native_reply(const uint8_t *reply, size_t length) {
    go_on_if(gb_host_reply(the_library, reply, length));
}

intptr_t gb_native_env_get(const uint8_t *name, size_t length) {
    bool there;
    go_on_if(gb_host_env_get(the_library, name, length, &there));
    return there ? (intptr_t)the_library->answer_length : -1;
}

void gb_native_run(const uint8_t *name, size_t length) {
    go_on_if(gb_host_run(the_library, name, length));
}

/* ---- one expansion ---------------------------------------------------------------------------- */

/* A function of the library's. Through memory, since C has no cast from an object pointer to one of code. */
static bool find(void *handle, const char *name, void *function) {
    void *address = dlsym(handle, name);
    memcpy(function, &address, sizeof address);
    return address != NULL;
}

static native_entry *entry_of(glovebox_library *library, uint32_t index, glovebox_error *error) {
    native_entry **entry = &library->native->entries[index];
    const char *name = library->records.items[index].entry;
    if (*entry || find(library->native->handle, name, entry)) return *entry;
    gb_library_fail(error, GLOVEBOX_BAD_ARTIFACT, "it has no entry `%s`", name);
    return NULL;
}

/* False: stopped by one of the functions above. */
static bool enter(glovebox_library *library, native_entry *entry, uint8_t *room, size_t length) {
    library->running = true;
    if (setjmp(library->native->out) == 0) {
        entry(room, length);
        library->running = false;
        return true;
    }
    library->running = false;
    library->spoilt = true;
    return false;
}

static bool run(glovebox_library *library, const void *request, size_t length, glovebox_error *error) {
    if (library->spoilt) return gb_library_fail(error, GLOVEBOX_TRAPPED, "it was stopped before");
    native_entry *entry = entry_of(library, library->exchange.macro_index, error);
    if (!entry) return false;
    uint8_t *room = library->native->alloc(length);
    if (!room) return gb_library_fail(error, GLOVEBOX_OUT_OF_MEMORY, "it has no memory for its input");
    memcpy(room, request, length);
    library->failure = GLOVEBOX_OK;
    if (!enter(library, entry, room, length))
        return gb_library_fail(error, library->failure, "%s", library->stopped);
    return library->replied ||
           gb_library_fail(error, GLOVEBOX_BAD_REPLY, "it returned without a reply");
}

/* ---- opening ---------------------------------------------------------------------------------- */

static bool read_records(glovebox_library *library, const uint8_t *bytes, size_t length,
                         glovebox_error *error) {
    gb_error err;
    bool found;
    const uint8_t *section;
    size_t size;
    bool ok = gb_elf_section(bytes, length, "glovebox.macros", &found, &section, &size, &err) &&
              (found || gb_fail(&err, GB_ERROR_MALFORMED, "it declares no macros")) &&
              gb_records_add(&library->records, section, size, &err);
    if (ok) library->exchange.macro_count = (uint32_t)library->records.count;
    return ok || gb_library_fail(error, gb_host_failure(&err, GLOVEBOX_BAD_ARTIFACT), "%s", err.message);
}

static bool load(glovebox_library *library, const char *path, glovebox_error *error) {
    struct gb_native *native = library->native;
    native->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!native->handle) {
        const char *why = dlerror();
        gb_library_fail(error, GLOVEBOX_BAD_ARTIFACT, "%.1000s", why ? why : "it cannot be loaded");
        if (error) gb_utf8_make_shown(error->message);
        return false;
    }
    library->instances = 1;
    return find(native->handle, "__gbx_alloc", &native->alloc) ||
           gb_library_fail(error, GLOVEBOX_BAD_ARTIFACT, "it does not export `__gbx_alloc`");
}

static bool make(glovebox_library *library, glovebox_error *error) {
    struct gb_native *native = calloc(1, sizeof *native);
    native_entry **entries = calloc(library->records.count, sizeof *entries);
    if (native && entries) {
        native->entries = entries;
        library->native = native;
        return true;
    }
    free(native);
    free(entries);
    return gb_library_fail(error, GLOVEBOX_OUT_OF_MEMORY, "no memory");
}

glovebox_library *gb_native_open(const char *path, const void *bytes, size_t length,
                                 const glovebox_options *options, const gb_library_host *host,
                                 glovebox_error *error) {
    if (!gb_elf_is_supported() || the_library) {
        gb_library_fail(error, GLOVEBOX_BAD_REQUEST,
                        the_library ? "a process loads one native library only"
                                    : "no native macro runs on this kind of machine");
        return NULL;
    }
    glovebox_library *library = gb_library_new(options, host, error);
    if (!library) return NULL;
    library->run = run;
    the_library = library; /* constructors may call us, and it is never closed from then on */
    if (read_records(library, bytes, length, error) && make(library, error) && load(library, path, error))
        return library;
    return NULL;
}
