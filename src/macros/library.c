#include "macros/library.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strings.h"
#include "base/utf8.h"
#include "macros/internal.h"

bool gb_library_fail(glovebox_error *error, glovebox_failure failure, const char *format, ...) {
    if (!error) return false;
    error->failure = failure;
    va_list args;
    va_start(args, format);
    vsnprintf(error->message, sizeof error->message, format, args);
    va_end(args);
    return false;
}

/* ---- what the artifact says of itself ---------------------------------------------------------- */

static bool read_records(glovebox_library *library, gb_error *err) {
    const uint8_t *bytes;
    size_t length;
    for (size_t i = 0;
         gb_module_custom_section(library->module, "glovebox.macros", i, &bytes, &length); i++) {
        if (!gb_records_add(&library->records, bytes, length, err)) return false;
    }
    if (library->records.count) return true;
    return gb_fail(err, GB_ERROR_MALFORMED, "it declares no macros");
}

/* Names what cannot be had before the engine does, in terms of the crate. */
static bool check_imports(const gb_module *module, gb_error *err) {
    const char *from, *field, *kind;
    for (size_t i = 0; gb_module_import(module, i, &from, &field, &kind); i++) {
        if (strcmp(from, "wasi_snapshot_preview1") == 0 || strcmp(from, "glovebox") == 0) continue;
        gb_fail(err, GB_ERROR_UNLINKABLE,
                "it wants the %s `%.200s.%.200s`, which no sandboxed macro has (native code was left "
                "out of it, perhaps)",
                kind, from, field);
        if (err) gb_utf8_make_shown(err->message); /* the names are the artifact's */
        return false;
    }
    return true;
}

size_t glovebox_macro_count(const glovebox_library *library) {
    return library->records.count;
}

const glovebox_macro *glovebox_macro_at(const glovebox_library *library, size_t index) {
    return index < library->records.count ? &library->records.items[index].macro : NULL;
}

/* ---- opening and closing ---------------------------------------------------------------------- */

static bool set_forbidden(glovebox_library *library, const char *const *names, glovebox_error *error) {
    for (; names && *names; names++) {
        gb_construct construct;
        if (!gb_construct_find(*names, strlen(*names), &construct)) {
            return gb_library_fail(error, GLOVEBOX_BAD_REQUEST, "there is no construct `%.64s` to forbid", *names);
        }
        library->forbidden |= UINT32_C(1) << construct;
    }
    return true;
}

static bool set_options(glovebox_library *library, const glovebox_options *options,
                        glovebox_error *error) {
    static const glovebox_options defaults = {.size = sizeof defaults};
    if (!options) options = &defaults;
    if (options->size != sizeof *options) {
        return gb_library_fail(error, GLOVEBOX_BAD_REQUEST, "options of another version");
    }
    library->package = gb_text_copy(options->package ? options->package : "?");
    library->version = gb_text_copy(options->version ? options->version : "");
    library->fuel = options->fuel;
    library->limits = (gb_limits){
        .memory_bytes = options->memory_limit ? options->memory_limit : UINT64_C(1) << 32,
        .stack_bytes = options->stack_limit,
        .fuel = options->fuel,
    };
    if (library->package && library->version) return set_forbidden(library, options->forbid, error);
    return gb_library_fail(error, GLOVEBOX_OUT_OF_MEMORY, "no memory");
}

static char *current_directory(void) {
    char *path = getcwd(NULL, 0);
    return path && *path == '/' ? path : (free(path), gb_text_copy("/"));
}

static bool set_host(glovebox_library *library, const glovebox_options *options,
                     const gb_library_host *host, glovebox_error *error) {
    const char *directory = host ? host->directory : NULL;
    gb_error err = {.message = "no memory"};
    library->directory = directory ? gb_text_copy(directory) : current_directory();
    library->broker = host ? host->broker : NULL;
    library->policy = host ? host->policy : NULL;
    library->review = host ? host->review : NULL;
    library->owns_review = !library->review;
    if (library->owns_review) library->review = gb_review_new(&err);
    if (!library->policy) {
        static const char *const nothing[] = {NULL};
        gb_subject subject = {.name = library->package, .version = library->version};
        const char *const *environment = options ? options->environment : NULL;
        library->policy = gb_policy_new_macro(&subject, environment ? environment : nothing, &err);
        library->owns_policy = true;
    }
    if (library->directory && library->policy && library->review) return true;
    return gb_library_fail(error, GLOVEBOX_OUT_OF_MEMORY, "%s", err.message);
}

static bool load(glovebox_library *library, const void *bytes, size_t length, bool borrow,
                 glovebox_error *error) {
    gb_error err;
    library->module = gb_module_decode_lazily(bytes, length, borrow, &err);
    bool ok = library->module && check_imports(library->module, &err) &&
              read_records(library, &err);
    if (ok) {
        library->entries = calloc(library->records.count, sizeof *library->entries);
        ok = library->entries || gb_fail(&err, GB_ERROR_MEMORY, "no memory");
    }
    if (ok) return true;
    glovebox_failure failure =
        err.kind == GB_ERROR_MEMORY ? GLOVEBOX_OUT_OF_MEMORY : GLOVEBOX_BAD_ARTIFACT;
    return gb_library_fail(error, failure, "%s", err.message);
}

glovebox_library *gb_library_new(const glovebox_options *options, const gb_library_host *host,
                                 glovebox_error *error) {
    glovebox_library *library = calloc(1, sizeof *library);
    if (!library) {
        gb_library_fail(error, GLOVEBOX_OUT_OF_MEMORY, "no memory");
        return NULL;
    }
    if (set_options(library, options, error) && set_host(library, options, host, error)) return library;
    glovebox_close(library);
    return NULL;
}

glovebox_library *gb_library_open(const void *bytes, size_t length, const glovebox_options *options,
                                  const gb_library_host *host, glovebox_error *error) {
    glovebox_library *library = gb_library_new(options, host, error);
    if (!library) return NULL;
    library->run = gb_library_run;
    if (load(library, bytes, length, host && host->borrow, error)) {
        library->exchange.macro_count = (uint32_t)library->records.count;
        return library;
    }
    glovebox_close(library);
    return NULL;
}

glovebox_library *glovebox_open(const void *bytes, size_t length, const glovebox_options *options,
                                glovebox_error *error) {
    return gb_library_open(bytes, length, options, NULL, error);
}

void glovebox_close(glovebox_library *library) {
    if (!library) return;
    gb_library_discard(library);
    if (library->module) gb_module_release(library->module);
    gb_records_free(&library->records);
    if (library->owns_policy) gb_policy_free(library->policy);
    if (library->owns_review) gb_review_free(library->review);
    gb_exchange_free(&library->exchange);
    gb_buffer_free(&library->reply);
    gb_buffer_free(&library->refusals);
    free(library->entries);
    free(library->package);
    free(library->version);
    free(library->directory);
    free(library);
}

/* ---- looking ------------------------------------------------------------------------------- */

const char *glovebox_refusals(glovebox_library *library, size_t *count) {
    enum { SHOWN = 5 };
    gb_buffer_clear(&library->refusals);
    size_t refused = gb_policy_refusals(library->policy, SHOWN, &library->refusals);
    if (count) *count = refused;
    return gb_buffer_text(&library->refusals);
}

bool glovebox_finding_at(const glovebox_library *library, size_t index, glovebox_finding *finding) {
    uint32_t found = library->reviewed ? gb_review_found(library->review) : 0;
    for (uint32_t c = 0; c < GB_CONSTRUCT_COUNT; c++) {
        if (!(found >> c & 1) || index-- > 0) continue;
        *finding = (glovebox_finding){gb_construct_name((gb_construct)c),
                                      gb_review_count(library->review, (gb_construct)c)};
        return true;
    }
    return false;
}

bool glovebox_findings_complete(const glovebox_library *library) {
    return !library->reviewed || gb_review_complete(library->review);
}

uint64_t glovebox_memory_peak(const glovebox_library *library) {
    uint64_t now = library->store ? gb_store_memory_peak(library->store) : 0;
    return now > library->memory_peak ? now : library->memory_peak;
}

uint64_t glovebox_instances(const glovebox_library *library) {
    return library->instances;
}
