#include "engine/x64/x64_keep.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/build_id.h"

static const char kept_magic[8] = {'g', 'b', 'x', 'c', 'o', 'd', 'e', '2'};
enum { PAGE = 4096, DATA_MOST = 256 << 20 };

/* ---- checksums ---------------------------------------------------------------------------------- */

static uint64_t load(const uint8_t *p) {
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static uint64_t stir(uint64_t h, uint64_t v) {
    h = (h ^ v) * UINT64_C(0x9E3779B97F4A7C15);
    return h ^ h >> 29;
}

/* Four lanes, so that multiplications overlap. */
uint64_t gb_x64_sum(const void *bytes, size_t length, uint64_t seed) {
    const uint8_t *p = bytes;
    uint64_t a = seed ^ length, b = ~seed, c = seed + 1, d = seed - 1;
    size_t n = length;
    for (; n >= 32; n -= 32, p += 32) {
        a = stir(a, load(p));
        b = stir(b, load(p + 8));
        c = stir(c, load(p + 16));
        d = stir(d, load(p + 24));
    }
    for (; n >= 8; n -= 8, p += 8) a = stir(a, load(p));
    uint64_t rest = 0;
    if (n) memcpy(&rest, p, n);
    return stir(stir(stir(stir(a, rest), b), c), d);
}

static uint64_t sum_types(const gb_module *m, uint64_t sum) {
    for (uint32_t i = 0; i < m->types.count; i++) {
        const gb_functype *t = &m->types.types[i];
        uint32_t counts[4] = {t->param_count, t->result_count, t->group, t->group_size};
        sum = gb_x64_sum(counts, sizeof counts, sum);
        sum = gb_x64_sum(t->params, t->param_count * sizeof *t->params, sum);
        sum = gb_x64_sum(t->results, t->result_count * sizeof *t->results, sum);
    }
    return gb_x64_sum(m->type_map, m->type_count * sizeof *m->type_map, sum);
}

uint64_t gb_x64_context_sum(const gb_module *m) {
    uint64_t sum = sum_types(m, gb_x64_sum(m->imported, sizeof m->imported, 1));
    uint32_t counts[] = {m->function_count, m->table_count, m->memory_count, m->global_count,
                         m->tag_count,      m->data_count,  m->elem_count,   m->has_data_count};
    sum = gb_x64_sum(counts, sizeof counts, sum);
    for (uint32_t i = 0; i < m->function_count; i++) sum = stir(sum, m->functions[i].type);
    for (uint32_t i = 0; i < m->global_count; i++) {
        sum = stir(sum, (uint64_t)m->globals[i].type << 1 | m->globals[i].is_mutable);
    }
    for (uint32_t i = 0; i < m->table_count; i++) sum = stir(sum, m->tables[i].element);
    for (uint32_t i = 0; i < m->tag_count; i++) sum = stir(sum, m->tags[i]);
    for (uint32_t i = 0; i < m->elem_count; i++) sum = stir(sum, m->elems[i].type);
    /* What validation lets ref.func name. */
    if (m->declared) sum = gb_x64_sum(m->declared, (m->function_count + 7) / 8, sum);
    return sum;
}

static uint64_t body_sum(const gb_module *m, uint32_t function) {
    const gb_function *f = &m->functions[function];
    return gb_x64_sum(m->bytes + f->body, f->end - f->body, function);
}

/* ---- writing -------------------------------------------------------------------------------------- */

static bool write_all(int fd, const void *bytes, size_t length, gb_error *err) {
    const uint8_t *p = bytes;
    while (length) {
        ssize_t n = write(fd, p, length);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return gb_fail_errno(err, "machine code cannot be written");
        p += n;
        length -= (size_t)n;
    }
    return true;
}

static gb_x64_kept_function describe(const gb_x64_space *space, const gb_x64_function *record) {
    const gb_function *f = &space->module->functions[record->index];
    gb_x64_kept_function k;
    memset(&k, 0, sizeof k); /* padding too: the tables are summed as bytes */
    k.record = *record;
    k.code = f->code;
    k.local_count = f->local_count;
    k.local_slots = f->local_slots;
    k.operand_slots = f->operand_slots;
    k.label_depth = f->label_depth;
    k.flags = f->flags;
    k.code_sum = gb_x64_sum(space->run + record->start, record->end - record->start, record->index);
    k.body_sum = body_sum(space->module, record->index);
    return k;
}

static size_t whole_pages(size_t bytes) { return (bytes + PAGE - 1) & ~(size_t)(PAGE - 1); }

bool gb_x64_keep_write(gb_x64_space *space, int fd, const gb_code_note *note, gb_error *err) {
    const gb_module *m = space->module;
    uint32_t imported = m->imported[GB_EXTERN_FUNC], functions = m->function_count - imported;
    if (space->kept) return gb_fail(err, GB_ERROR_USAGE, "this machine code comes from a file already");
    gb_x64_compile_all(space);
    uint32_t records = atomic_load(&space->record_count);
    size_t index_bytes = ((size_t)functions * 4 + 7) & ~(size_t)7, table_bytes = index_bytes + records * sizeof(gb_x64_kept_function);
    gb_x64_kept_header h;
    memset(&h, 0, sizeof h);
    size_t code_offset = whole_pages(sizeof h + table_bytes);
    uint8_t *front = calloc(1, code_offset);
    if (!front) return gb_fail(err, GB_ERROR_MEMORY, "out of memory for the tables of machine code");
    uint32_t *index = (uint32_t *)(void *)(front + sizeof h);
    gb_x64_kept_function *table = (gb_x64_kept_function *)(void *)(front + sizeof h + index_bytes);
    for (uint32_t i = 0; i < records; i++) {
        table[i] = describe(space, &space->records[i]);
        index[space->records[i].index - imported] = i + 1;
    }
    memcpy(h.magic, kept_magic, sizeof h.magic);
    strncpy(h.build, gb_build_id(), sizeof h.build - 1);
    h.features = space->features;
    h.functions = functions;
    h.records = records;
    h.code_offset = (uint32_t)code_offset;
    h.code_size = (uint32_t)whole_pages(space->used);
    h.data_size = space->data_size;
    if (note) h.note = *note;
    h.context = gb_x64_context_sum(m);
    h.table_sum = gb_x64_sum(front + sizeof h, table_bytes, 0);
    h.header_sum = gb_x64_sum(&h, offsetof(gb_x64_kept_header, header_sum), 0);
    memcpy(front, &h, sizeof h);
    bool ok = write_all(fd, front, code_offset, err) && write_all(fd, space->run, h.code_size, err);
    free(front);
    return ok;
}

/* ---- reading ---------------------------------------------------------------------------------------- */

static bool unfit(gb_error *err, const char *why) {
    return gb_fail(err, GB_ERROR_INVALID, "kept machine code is not used: %s", why);
}

static bool read_header(int fd, gb_x64_kept_header *h, gb_error *err) {
    struct stat st;
    if (fstat(fd, &st) != 0) return gb_fail_errno(err, "kept machine code cannot be read");
    if (pread(fd, h, sizeof *h, 0) != (ssize_t)sizeof *h) return unfit(err, "it is cut short");
    if (memcmp(h->magic, kept_magic, sizeof h->magic) != 0) return unfit(err, "it is something else");
    if (h->header_sum != gb_x64_sum(h, offsetof(gb_x64_kept_header, header_sum), 0)) return unfit(err, "it is damaged");
    if (strncmp(h->build, gb_build_id(), sizeof h->build) != 0) return unfit(err, "another build made it");
    if ((h->features & GB_X64_FEATURES) != (gb_x64_features() & GB_X64_FEATURES)) return unfit(err, "it is for another processor");
    if (h->functions > GB_ITEMS_MAX || h->records > h->functions || h->code_offset % PAGE || h->code_size % PAGE ||
        h->data_size % PAGE || h->data_size > DATA_MOST ||
        (uint64_t)h->code_offset + h->code_size != (uint64_t)st.st_size) {
        return unfit(err, "its sizes do not fit");
    }
    return true;
}

static bool check_tables(const gb_x64_kept *k, gb_error *err) {
    const gb_x64_kept_header *h = &k->header;
    uint32_t before = 0;
    for (uint32_t i = 0; i < h->records; i++) {
        const gb_x64_function *f = &k->records[i].record;
        if (f->start < before || f->end <= f->start || f->end > h->code_size || f->handlers >= f->end - f->start) {
            return unfit(err, "its records are wrong");
        }
        before = f->end;
    }
    for (uint32_t i = 0; i < h->functions; i++) {
        if (k->index[i] > h->records) return unfit(err, "its index is wrong");
    }
    return true;
}

gb_x64_kept *gb_x64_keep_open(int fd, gb_error *err) {
    gb_x64_kept *k = calloc(1, sizeof *k);
    if (!k) {
        gb_fail(err, GB_ERROR_MEMORY, "out of memory for kept machine code");
        return NULL;
    }
    k->tables = MAP_FAILED;
    if (!read_header(fd, &k->header, err)) goto fail;
    const gb_x64_kept_header *h = &k->header;
    size_t index_bytes = ((size_t)h->functions * 4 + 7) & ~(size_t)7;
    size_t table_bytes = index_bytes + (size_t)h->records * sizeof(gb_x64_kept_function);
    k->tables_size = sizeof *h + table_bytes;
    if (k->tables_size > h->code_offset) {
        unfit(err, "its tables are too large");
        goto fail;
    }
    k->tables = mmap(NULL, k->tables_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (k->tables == MAP_FAILED) {
        gb_fail_errno(err, "kept machine code cannot be mapped");
        goto fail;
    }
    const uint8_t *front = k->tables;
    k->index = (const uint32_t *)(const void *)(front + sizeof *h);
    k->records = (const gb_x64_kept_function *)(const void *)(front + sizeof *h + index_bytes);
    if (h->table_sum != gb_x64_sum(front + sizeof *h, table_bytes, 0)) {
        unfit(err, "its tables are damaged");
        goto fail;
    }
    if (check_tables(k, err)) return k;
fail:
    gb_x64_keep_close(k);
    return NULL;
}

void gb_x64_keep_close(gb_x64_kept *k) {
    if (!k) return;
    if (k->tables != MAP_FAILED) munmap(k->tables, k->tables_size);
    free(k);
}

/* Under the space's lock. What validation would have found is put where it would have put it, unless it has. */
bool gb_x64_keep_check(const gb_x64_kept *kept, gb_module *m, uint32_t function) {
    uint32_t which = kept->index[function - m->imported[GB_EXTERN_FUNC]];
    if (!which) return false;
    const gb_x64_kept_function *k = &kept->records[which - 1];
    gb_function *f = &m->functions[function];
    if (k->record.index != function || k->body_sum != body_sum(m, function) ||
        k->code_sum != gb_x64_sum(kept->run + k->record.start, k->record.end - k->record.start, function)) {
        return false;
    }
    unsigned char unknown = GB_BODY_UNKNOWN;
    if (!m->bodies || !atomic_compare_exchange_strong(&m->bodies[function], &unknown, GB_BODY_BUSY)) return true;
    f->code = k->code;
    f->local_count = k->local_count;
    f->local_slots = k->local_slots;
    f->operand_slots = k->operand_slots;
    f->label_depth = k->label_depth;
    f->flags = k->flags;
    atomic_store(&m->bodies[function], GB_BODY_VALID);
    return true;
}
