#include "engine/image.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/exception.h"
#include "engine/memory.h"

typedef struct instance_image {
    gb_instance *instance;
    gb_cell *globals;
    uint32_t *data_lengths, *elem_lengths;
} instance_image;

typedef struct table_image {
    gb_table *table;
    void **elements;
    uint32_t size;
} table_image;

/* Bytes of a copied image that are not zero, whole pages, in the order of their addresses. */
typedef struct page_run {
    uint64_t start, length;
    uint8_t *bytes;
} page_run;

typedef struct memory_image {
    gb_memory *memory;
    uint64_t size;
    bool mapped; /* what is dropped of the first `size` bytes comes back by itself */
    page_run *runs;
    size_t run_count;
} memory_image;

struct gb_image {
    const gb_instance *newest; /* of the store, when this was made */
    uint64_t fuel;
    instance_image *instances;
    table_image *tables;
    memory_image *memories;
    size_t instance_count, table_count, memory_count;
};

static bool out_of_memory(gb_error *err) { return gb_fail(err, GB_ERROR_MEMORY, "out of memory for an image"); }

/* Zero bytes give no NULL. */
static void *copy_of(const void *from, size_t count, size_t size) {
    void *copy = calloc(count ? count : 1, size);
    if (copy && count) memcpy(copy, from, count * size);
    return copy;
}

static void put_back(void *to, const void *from, size_t count, size_t size) {
    if (count) memcpy(to, from, count * size);
}

static uint32_t own_global_count(const gb_instance *i) { return i->module->global_count - i->module->imported[GB_EXTERN_GLOBAL]; }

/* ---- memories -------------------------------------------------------------------------------------------------- */

enum {
    RUN_GAP = 16 << 10,
    /* Zeros on both sides that count as part of a run: the top of a stack and the first of a heap, which the guest will touch. */
    RUN_MARGIN = 16 << 10,
    /* A page that is copied when it is first written to costs as much as many that are written over where they are. */
    COPY_MOST = 160 << 10,
};

/* The system's, of which a page of wasm is a multiple. */
static uint64_t page_size(void) { return (uint64_t)sysconf(_SC_PAGESIZE); }

static bool is_zero(const uint8_t *page, uint64_t size) { return page[0] == 0 && memcmp(page, page + 1, (size_t)size - 1) == 0; }

/* The next run of pages from *at on, which moves behind it. Runs have no wide gaps of zeros in them. False: only zeros follow. */
static bool next_run(const gb_memory *memory, uint64_t *at, page_run *run) {
    uint64_t page = page_size();
    while (*at < memory->size && is_zero(memory->base + *at, page)) *at += page;
    if (*at == memory->size) return false;
    uint64_t start = *at, end = *at;
    for (; *at < memory->size && *at - end <= RUN_GAP; *at += page)
        if (!is_zero(memory->base + *at, page)) end = *at + page;
    *run = (page_run){.start = start, .length = end - start};
    *at = end;
    return true;
}

static bool write_all(int fd, const uint8_t *from, uint64_t length, uint64_t at) {
    while (length) {
        ssize_t n = pwrite(fd, from, (size_t)length, (off_t)at);
        if (n <= 0) return false;
        from += n, at += (uint64_t)n, length -= (uint64_t)n;
    }
    return true;
}

static bool is_small(const gb_memory *memory) {
    page_run run;
    uint64_t total = 0;
    for (uint64_t at = 0; total <= COPY_MOST && next_run(memory, &at, &run);) total += run.length;
    return total <= COPY_MOST;
}

/* A sealed file with the memory's contents, -1 when there is none to be had. */
static int image_file(const gb_memory *memory) {
    enum { SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL };
    if (!memory->reserved || is_small(memory) || gb_engine_is_sealed()) return -1;
    int fd = memfd_create("wasm-memory", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) return -1;
    page_run run;
    uint64_t at = 0;
    bool ok = ftruncate(fd, (off_t)memory->size) == 0;
    while (ok && next_run(memory, &at, &run)) ok = write_all(fd, memory->base + run.start, run.length, run.start);
    if (ok && fcntl(fd, F_ADD_SEALS, SEALS) == 0) return fd;
    close(fd);
    return -1;
}

static void widen(const gb_memory *memory, uint64_t after, page_run *run) {
    uint64_t before = run->start - after < RUN_MARGIN ? run->start - after : RUN_MARGIN;
    uint64_t end = run->start + run->length;
    uint64_t behind = memory->size - end < RUN_MARGIN ? memory->size - end : RUN_MARGIN;
    run->start -= before;
    run->length += before + behind;
}

static bool copy_runs(const gb_memory *memory, memory_image *image) {
    page_run run;
    for (uint64_t at = 0, after = 0; next_run(memory, &at, &run); at = after = run.start + run.length) {
        widen(memory, after, &run);
        page_run *runs = realloc(image->runs, (image->run_count + 1) * sizeof *runs);
        if (!runs) return false;
        image->runs = runs;
        run.bytes = malloc((size_t)run.length);
        if (!run.bytes) return false;
        memcpy(run.bytes, memory->base + run.start, (size_t)run.length);
        runs[image->run_count++] = run;
    }
    return true;
}

static bool map_image(gb_memory *memory, int fd) {
    void *at = mmap(memory->base, (size_t)memory->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, fd, 0);
    close(fd);
    return at != MAP_FAILED;
}

static bool freeze_memory(gb_memory *memory, memory_image *image, gb_error *err) {
    image->memory = memory;
    image->size = memory->size;
    int fd = image_file(memory);
    image->mapped = fd >= 0;
    return (image->mapped ? map_image(memory, fd) : copy_runs(memory, image)) || out_of_memory(err);
}

static void free_memory_image(memory_image *image) {
    for (size_t i = 0; i < image->run_count; i++) free(image->runs[i].bytes);
    free(image->runs);
}

/* Makes [start, end) what the system has for it: zeros, or the image's file. */
static bool drop(gb_memory *memory, uint64_t start, uint64_t end) {
    return start >= end || madvise(memory->base + start, (size_t)(end - start), MADV_DONTNEED) == 0;
}

/* Pages of a run are written over, where they are: they need no fresh ones from the system. */
static bool copy_back(gb_memory *memory, const memory_image *image) {
    uint64_t at = 0;
    for (size_t i = 0; i < image->run_count; i++) {
        const page_run *run = &image->runs[i];
        if (!drop(memory, at, run->start)) return false;
        memcpy(memory->base + run->start, run->bytes, (size_t)run->length);
        at = run->start + run->length;
    }
    return drop(memory, at, memory->size);
}

static bool restore_memory(const memory_image *image, gb_error *err) {
    gb_memory *memory = image->memory;
    bool ok = image->mapped ? drop(memory, 0, memory->size) : copy_back(memory, image);
    return (ok && gb_memory_shrink(memory, image->size)) || gb_fail_errno(err, "a linear memory cannot go back to its image");
}

/* ---- making one ------------------------------------------------------------------------------------------------ */

void gb_image_free(struct gb_image *image) {
    if (!image) return;
    for (size_t k = 0; k < image->instance_count; k++) {
        free(image->instances[k].globals);
        free(image->instances[k].data_lengths);
        free(image->instances[k].elem_lengths);
    }
    for (size_t k = 0; k < image->table_count; k++) free(image->tables[k].elements);
    for (size_t k = 0; k < image->memory_count; k++) free_memory_image(&image->memories[k]);
    free(image->instances);
    free(image->tables);
    free(image->memories);
    free(image);
}

/* False: its instantiation failed half-way. */
static bool is_whole(const gb_instance *i) {
    const gb_module *m = i->module;
    return (!m->global_count || i->globals[m->global_count - 1]) && (!m->table_count || i->tables[m->table_count - 1]) &&
           (!m->memory_count || i->memories[m->memory_count - 1]);
}

static bool names_exception(const gb_instance *i) {
    const gb_module *m = i->module;
    for (uint32_t k = m->imported[GB_EXTERN_GLOBAL]; k < m->global_count; k++)
        if (gb_valtype_is_ref(m->globals[k].type) && gb_valtype_heap(m->globals[k].type) == GB_HEAP_EXN && i->globals[k]->slot[0])
            return true;
    for (uint32_t k = m->imported[GB_EXTERN_TABLE]; k < m->table_count; k++) {
        const gb_table *t = i->tables[k];
        for (uint32_t n = 0; gb_valtype_heap(t->type) == GB_HEAP_EXN && n < t->size; n++)
            if (t->elements[n]) return true;
    }
    return false;
}

static bool freeze_tables(struct gb_image *image, const gb_instance *i, gb_error *err) {
    for (uint32_t k = i->module->imported[GB_EXTERN_TABLE]; k < i->module->table_count; k++) {
        gb_table *t = i->tables[k];
        table_image *to = &image->tables[image->table_count++];
        *to = (table_image){t, copy_of(t->elements, t->size, sizeof *t->elements), t->size};
        if (!to->elements) return out_of_memory(err);
    }
    return true;
}

static bool freeze_memories(struct gb_image *image, const gb_instance *i, gb_error *err) {
    for (uint32_t k = i->module->imported[GB_EXTERN_MEMORY]; k < i->module->memory_count; k++) {
        if (!freeze_memory(i->memories[k], &image->memories[image->memory_count++], err)) return false;
    }
    return true;
}

static bool freeze_instance(struct gb_image *image, gb_instance *i, gb_error *err) {
    const gb_module *m = i->module;
    if (!is_whole(i)) return gb_fail(err, GB_ERROR_USAGE, "a store in which an instantiation failed has no image");
    if (names_exception(i)) return gb_fail(err, GB_ERROR_USAGE, "a store whose globals or tables hold an exception has no image");
    instance_image *to = &image->instances[image->instance_count++];
    to->instance = i;
    to->globals = copy_of(i->own_globals, own_global_count(i), sizeof *to->globals);
    to->data_lengths = copy_of(i->data_lengths, m->data_count, sizeof *to->data_lengths);
    to->elem_lengths = copy_of(i->elem_lengths, m->elem_count, sizeof *to->elem_lengths);
    if (!to->globals || !to->data_lengths || !to->elem_lengths) return out_of_memory(err);
    return freeze_tables(image, i, err) && freeze_memories(image, i, err);
}

static bool allocate(struct gb_image *image, const gb_instance *newest) {
    size_t instances = 0, tables = 0, memories = 0;
    for (const gb_instance *i = newest; i; i = i->next) {
        instances++;
        tables += i->module->table_count - i->module->imported[GB_EXTERN_TABLE];
        memories += i->module->memory_count - i->module->imported[GB_EXTERN_MEMORY];
    }
    image->newest = newest;
    image->instances = calloc(instances + 1, sizeof *image->instances);
    image->tables = calloc(tables + 1, sizeof *image->tables);
    image->memories = calloc(memories + 1, sizeof *image->memories);
    return image->instances && image->tables && image->memories;
}

bool gb_store_freeze(gb_store *store, gb_error *err) {
    if (store->image || store->exec.depth) {
        return gb_fail(err, GB_ERROR_USAGE, store->image ? "a store has one image" : "a store cannot be frozen while its code runs");
    }
    gb_instance *newest = atomic_load(&store->instances);
    struct gb_image *image = calloc(1, sizeof *image);
    bool ok = image && allocate(image, newest) ? true : out_of_memory(err);
    for (gb_instance *i = newest; ok && i; i = i->next) ok = freeze_instance(image, i, err);
    if (ok) {
        image->fuel = store->exec.fuel;
        store->image = image;
    } else {
        gb_image_free(image);
    }
    return ok;
}

/* ---- going back to it ------------------------------------------------------------------------------------------- */

static void restore_instance(const instance_image *from) {
    gb_instance *i = from->instance;
    put_back(i->own_globals, from->globals, own_global_count(i), sizeof *from->globals);
    put_back(i->data_lengths, from->data_lengths, i->module->data_count, sizeof *from->data_lengths);
    put_back(i->elem_lengths, from->elem_lengths, i->module->elem_count, sizeof *from->elem_lengths);
}

static void restore_table(gb_store *store, const table_image *from) {
    gb_table *t = from->table;
    uint32_t grown = t->size - from->size; /* tables only grow */
    put_back(t->elements, from->elements, from->size, sizeof *from->elements);
    if (grown) memset(t->elements + from->size, 0, grown * sizeof *t->elements); /* what lies behind the end is null */
    t->size = from->size;
    store->table_entries -= grown;
}

bool gb_store_restore(gb_store *store, gb_error *err) {
    const struct gb_image *image = store->image;
    gb_exec *x = &store->exec;
    if (!image || x->depth || image->newest != atomic_load(&store->instances)) {
        return gb_fail(err, GB_ERROR_USAGE, "a store goes back to its image when no code runs and nothing was instantiated since");
    }
    for (size_t k = 0; k < image->memory_count; k++)
        if (!restore_memory(&image->memories[k], err)) return false;
    for (size_t k = 0; k < image->table_count; k++) restore_table(store, &image->tables[k]);
    for (size_t k = 0; k < image->instance_count; k++) restore_instance(&image->instances[k]);
    gb_exceptions_free(store);
    x->exception = NULL;
    x->fuel = image->fuel;
    store->memory_refused = false;
    return true;
}
