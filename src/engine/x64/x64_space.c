#include "engine/x64/x64_code.h"

#include <cpuid.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "engine/memory.h"
#include "engine/validate.h"
#include "engine/x64/x64.h"
#include "engine/x64/x64_compiler.h"
#include "engine/x64/x64_keep.h"
#include "engine/x64/x64_stubs.h"

/* ---- the processor ----------------------------------------------------------------------------- */

static atomic_uint options_set, options_without;

void gb_x64_test_options(uint32_t set, uint32_t without) {
    atomic_store(&options_set, set);
    atomic_store(&options_without, without);
}

/* The system must save the registers that AVX adds. */
static bool system_saves_avx(void) {
    uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (low & 6) == 6;
}

static uint32_t detect(void) {
    unsigned a, b, c, d, found = 0;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
    if (c & bit_SSE4_1) found |= GB_X64_SSE41;
    if (c & bit_SSE4_2) found |= GB_X64_SSE42;
    if (c & bit_POPCNT) found |= GB_X64_POPCNT;
    bool avx = (c & bit_AVX) && (c & bit_OSXSAVE) && system_saves_avx();
    if (avx) found |= GB_X64_AVX;
    if (avx && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_BMI) && (b & bit_BMI2)) found |= GB_X64_BMI;
    if (__get_cpuid(0x80000001, &a, &b, &c, &d) && (c & bit_LZCNT)) found |= GB_X64_LZCNT;
    return found;
}

uint32_t gb_x64_features(void) {
    enum { ASKED = 1 << 30 }; /* once: on a virtual machine each question goes to the host */
    static atomic_uint known;
    uint32_t found = atomic_load_explicit(&known, memory_order_relaxed);
    if (!found) {
        found = detect() | ASKED;
        atomic_store_explicit(&known, found, memory_order_relaxed);
    }
    return (found & ~(uint32_t)ASKED & ~atomic_load(&options_without)) | atomic_load(&options_set);
}

/* ---- the arena: all code of the process, in units ------------------------------------------------ */

enum { UNIT_BITS = 20, MOST_UNITS = 1 << 14 };
#define UNIT ((size_t)1 << UNIT_BITS)
/* Each free state is followed by its used one. The pool: units mapped beforehand, for code and for slots. */
typedef enum unit_state {
    UNIT_FREE, UNIT_USED, UNIT_CODE_FREE, UNIT_CODE_USED, UNIT_DATA_FREE, UNIT_DATA_USED,
} unit_state;

static struct {
    pthread_mutex_t lock;
    bool tried;
    const char *why_not;
    uint8_t *base;
    size_t units;
    _Atomic(gb_x64_space *) spaces[MOST_UNITS]; /* whose unit it is */
    uint8_t state[MOST_UNITS];                  /* unit_state */
    uint8_t *pool_write; /* second mapping of the pool's code units, */
    size_t pool_first;   /* of which this is the first */
    bool sealed;         /* nothing may be made executable any more */
    gb_x64_kept *kept;   /* mapped files that no space has taken yet */
} arena = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void reserve_arena(void) {
    arena.tried = true;
    if (!(gb_x64_features() & GB_X64_SSE41)) {
        arena.why_not = "the processor has no SSE4.1";
        return;
    }
    for (size_t units = MOST_UNITS; units >= 64; units /= 4) {
        void *at = mmap(NULL, units * UNIT, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (at == MAP_FAILED) continue;
        arena.base = at;
        arena.units = units;
        gb_error err;
        if (!gb_fault_register(at, arena.base + units * UNIT, x64_on_fault, &err)) {
            arena.why_not = "no handler for memory faults can be installed";
        }
        return;
    }
    arena.why_not = "no address space for machine code";
}

/* The first of `count` units in a row of this state, which become of the next; SIZE_MAX: there are none. */
static size_t take_units_of(unit_state state, size_t count) {
    size_t run = 0;
    for (size_t i = 0; i < arena.units; i++) {
        run = arena.state[i] == state ? run + 1 : 0;
        if (run < count) continue;
        size_t first = i + 1 - count;
        memset(arena.state + first, (int)state + 1, count);
        return first;
    }
    return SIZE_MAX;
}

static size_t take_units(unit_state state, size_t count) {
    pthread_mutex_lock(&arena.lock);
    size_t first = take_units_of(state, count);
    pthread_mutex_unlock(&arena.lock);
    return first;
}

/* Shared pages mapped twice: executable at `run`, writable elsewhere. No page is ever both. */
static uint8_t *map_twice(uint8_t *run, size_t size) {
    void *write = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (write == MAP_FAILED) return NULL;
    void *mapped = mremap(write, 0, size, MREMAP_MAYMOVE | MREMAP_FIXED, run); /* 0: a second mapping */
    if (mapped == MAP_FAILED || mprotect(run, size, PROT_READ | PROT_EXEC) != 0) {
        munmap(write, size);
        return NULL;
    }
    return write;
}

static void give_back(size_t first, size_t count) {
    unit_state used = (unit_state)arena.state[first];
    if (used == UNIT_USED) {
        mmap(arena.base + first * UNIT, count * UNIT, PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    }
    pthread_mutex_lock(&arena.lock);
    memset(arena.state + first, (int)used - 1, count);
    pthread_mutex_unlock(&arena.lock);
}

bool gb_x64_arena_init(const char **why_not) {
    pthread_mutex_lock(&arena.lock);
    if (!arena.tried) reserve_arena();
    pthread_mutex_unlock(&arena.lock);
    if (why_not) *why_not = arena.why_not;
    return !arena.why_not;
}

uint8_t *gb_x64_arena_page(uint8_t **write, size_t size) {
    size_t first = take_units(UNIT_FREE, 1);
    if (first == SIZE_MAX) return NULL;
    uint8_t *run = arena.base + first * UNIT;
    *write = map_twice(run, size);
    if (*write) return run;
    give_back(first, 1);
    return NULL;
}

/* A unit of slots is enough for 130,000 functions. */
bool gb_x64_seal(size_t wasm_bytes) {
    size_t code = wasm_bytes / UNIT * 6 + 8, data = code / 16 + 2;
    if (!gb_x64_available(NULL) || arena.sealed) return false;
    arena.sealed = true;
    size_t first = take_units(UNIT_FREE, data + code);
    if (first == SIZE_MAX) return false;
    uint8_t *at = arena.base + first * UNIT;
    if (mprotect(at, data * UNIT, PROT_READ | PROT_WRITE) != 0) return false;
    arena.pool_write = map_twice(at + data * UNIT, code * UNIT);
    if (!arena.pool_write) return false;
    arena.pool_first = first + data;
    memset(arena.state + first, UNIT_DATA_FREE, data);
    memset(arena.state + first + data, UNIT_CODE_FREE, code);
    return true;
}

static size_t unit_of(uintptr_t pc) { return (pc - (uintptr_t)arena.base) >> UNIT_BITS; }

bool gb_x64_is_code(uintptr_t pc) {
    return arena.base && pc >= (uintptr_t)arena.base && unit_of(pc) < arena.units;
}

static const gb_x64_function *record_at(const char *records, size_t size, uint32_t i) {
    return (const gb_x64_function *)(const void *)(records + size * i);
}

const gb_x64_function *gb_x64_find(uintptr_t pc, gb_x64_space **found) {
    if (!gb_x64_is_code(pc)) return NULL;
    gb_x64_space *space = atomic_load_explicit(&arena.spaces[unit_of(pc)], memory_order_acquire);
    if (!space || pc < (uintptr_t)space->run) return NULL;
    uint32_t offset = (uint32_t)(pc - (uintptr_t)space->run);
    const char *records = (const char *)space->records;
    size_t size = sizeof *space->records;
    uint32_t low = 0, high = atomic_load_explicit(&space->record_count, memory_order_acquire);
    if (offset < space->write_from) {
        records = (const char *)space->kept->records;
        size = sizeof *space->kept->records; /* which begin with such a record */
        high = space->kept->header.records;
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (record_at(records, size, middle)->start <= offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (!low || offset >= record_at(records, size, low - 1)->end) return NULL;
    *found = space;
    return record_at(records, size, low - 1);
}

/* ---- kept code ------------------------------------------------------------------------------------ */

/* Slots, the file's code, and some room behind it, in a row. */
static bool map_kept(gb_x64_kept *k, int fd) {
    const gb_x64_kept_header *h = &k->header;
    k->slot_bytes = ((X64_SLOT_FUNCTIONS + (size_t)h->functions) * 8 + 4095) & ~(size_t)4095;
    size_t more = h->records == h->functions ? 4096 : (size_t)h->code_size + UNIT;
    if (h->data_size < k->slot_bytes) return false;
    k->units = ((size_t)h->data_size + h->code_size + more + UNIT - 1) / UNIT;
    k->first_unit = take_units(UNIT_FREE, k->units);
    if (k->first_unit == SIZE_MAX) return false;
    uint8_t *base = arena.base + k->first_unit * UNIT;
    k->run = base + h->data_size;
    k->room = k->units * UNIT - h->data_size - h->code_size;
    void *code = mmap(k->run, h->code_size, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, h->code_offset);
    if (code != MAP_FAILED && mprotect(base, k->slot_bytes, PROT_READ | PROT_WRITE) == 0) {
        k->write = map_twice(k->run + h->code_size, k->room);
    }
    if (k->write) return true;
    give_back(k->first_unit, k->units);
    return false;
}

bool gb_x64_keep_map(int fd, gb_code_note *note, gb_error *err) {
    const char *why_not;
    if (!gb_x64_available(&why_not) || arena.sealed) {
        return gb_fail(err, GB_ERROR_USAGE, "machine code cannot be mapped: %s", arena.sealed ? "it is too late" : why_not);
    }
    gb_x64_kept *k = gb_x64_keep_open(fd, err);
    if (!k) return false;
    if (!map_kept(k, fd)) {
        gb_x64_keep_close(k);
        return gb_fail(err, GB_ERROR_MEMORY, "no address space for kept machine code");
    }
    if (note) *note = k->header.note;
    pthread_mutex_lock(&arena.lock);
    k->next = arena.kept;
    arena.kept = k;
    pthread_mutex_unlock(&arena.lock);
    return true;
}

/* A mapping that fits the module, which is the caller's then. */
static gb_x64_kept *take_kept(const gb_module *m, uint32_t features) {
    if (!arena.kept) return NULL;
    uint64_t context = gb_x64_context_sum(m);
    pthread_mutex_lock(&arena.lock);
    gb_x64_kept **link = &arena.kept, *k;
    while ((k = *link) && (k->header.context != context || k->header.features != features ||
                           k->header.functions != m->function_count - m->imported[GB_EXTERN_FUNC])) {
        link = &k->next;
    }
    if (k) *link = k->next;
    pthread_mutex_unlock(&arena.lock);
    return k;
}

/* ---- spaces -------------------------------------------------------------------------------------- */

enum { CONFIGURATIONS = 4 };

/* What a module keeps: a space for each configuration. */
typedef struct module_code {
    pthread_mutex_t lock;
    gb_module *module;
    _Atomic(gb_x64_space *) spaces[CONFIGURATIONS];
    bool refused[CONFIGURATIONS];
} module_code;

/* Room in the pool: code and slots apart, since pages of code stay code. */
static bool take_from_pool(gb_x64_space *space, size_t data, size_t code) {
    size_t data_units = (data + UNIT - 1) / UNIT, code_units = (code + UNIT - 1) / UNIT;
    size_t slots = take_units(UNIT_DATA_FREE, data_units);
    if (slots == SIZE_MAX) return false;
    size_t first = take_units(UNIT_CODE_FREE, code_units);
    if (first == SIZE_MAX) {
        give_back(slots, data_units);
        return false;
    }
    space->run = arena.base + first * UNIT;
    space->write = arena.pool_write + (first - arena.pool_first) * UNIT;
    space->size = (uint32_t)(code_units * UNIT);
    space->data_size = (uint32_t)((first - slots) * UNIT);
    space->slot_bytes = (uint32_t)(data_units * UNIT);
    return true;
}

/* Fresh room: slots at its start, then code. */
static bool take_fresh(gb_x64_space *space, size_t data, size_t code) {
    size_t units = (data + code + UNIT - 1) / UNIT;
    size_t first = arena.sealed ? SIZE_MAX : take_units(UNIT_FREE, units);
    if (first == SIZE_MAX) return false;
    uint8_t *base = arena.base + first * UNIT;
    size_t size = units * UNIT - data;
    space->write = mprotect(base, data, PROT_READ | PROT_WRITE) == 0 ? map_twice(base + data, size) : NULL;
    if (!space->write) {
        give_back(first, units);
        return false;
    }
    space->run = base + data;
    space->size = (uint32_t)size;
    space->data_size = space->slot_bytes = (uint32_t)data;
    return true;
}

static void take_over(gb_x64_space *space, gb_x64_kept *k) {
    space->kept = k;
    space->run = k->run;
    space->write = k->write;
    space->write_from = space->used = k->header.code_size;
    space->size = (uint32_t)(k->header.code_size + k->room);
    space->data_size = k->header.data_size;
    space->slot_bytes = (uint32_t)k->slot_bytes;
}

static void set_owner(const gb_x64_space *space, gb_x64_space *owner) {
    size_t first = unit_of((uintptr_t)space->run), last = unit_of((uintptr_t)space->run + space->size - 1);
    for (size_t i = first; i <= last; i++) atomic_store(&arena.spaces[i], owner);
}

static void free_room(const gb_x64_space *space) {
    if (space->kept) {
        munmap(space->write, space->kept->room);
        if (!arena.sealed) give_back(space->kept->first_unit, space->kept->units);
        gb_x64_keep_close((gb_x64_kept *)(uintptr_t)space->kept);
        return;
    }
    size_t first = unit_of((uintptr_t)space->slots), data = (space->slot_bytes + UNIT - 1) / UNIT;
    if (arena.state[first] == UNIT_DATA_USED) {
        /* What they held must not be met by the next module. */
        madvise((void *)(uintptr_t)space->slots, space->slot_bytes, MADV_DONTNEED);
        give_back(first, data);
        give_back(unit_of((uintptr_t)space->run), space->size / UNIT);
    } else {
        munmap(space->write, space->size);
        give_back(first, (space->data_size + (size_t)space->size) / UNIT);
    }
}

static void free_space(gb_x64_space *space) {
    set_owner(space, NULL);
    free_room(space);
    pthread_mutex_destroy(&space->lock);
    x64_compiler_free(space->compiler);
    free(space->compiler);
    free(space->records);
    free(space);
}

static void free_module_code(void *code) {
    module_code *mc = code;
    for (unsigned i = 0; i < CONFIGURATIONS; i++) {
        gb_x64_space *space = atomic_load(&mc->spaces[i]);
        if (space) free_space(space);
    }
    pthread_mutex_destroy(&mc->lock);
    free(mc);
}

static module_code *code_of(gb_module *m) {
    module_code *mc = atomic_load_explicit(&m->compiled, memory_order_acquire);
    if (mc) return mc;
    mc = calloc(1, sizeof *mc);
    if (!mc) return NULL;
    pthread_mutex_init(&mc->lock, NULL);
    mc->module = m;
    void *expected = NULL;
    m->free_compiled = free_module_code;
    if (atomic_compare_exchange_strong(&m->compiled, &expected, mc)) return mc;
    free_module_code(mc);
    return expected;
}

static uint32_t configuration_of(const gb_instance *instance) {
    const gb_module *m = instance->module;
    bool guarded = m->memory_count == 0 || instance->memories[0]->guarded;
    return (guarded ? GB_X64_GUARDED : 0u) | (instance->exec->fuel_counted ? GB_X64_FUEL : 0u);
}

/* Machine code is about twice as large as wasm; addresses are cheap. */
static size_t room_for(const gb_module *m, uint32_t features) {
    uint64_t bytes = 0;
    for (uint32_t i = m->imported[GB_EXTERN_FUNC]; i < m->function_count; i++) {
        bytes += m->functions[i].end - m->functions[i].body; /* `code` is known only once it is validated */
    }
    uint64_t room = bytes * 4 + (uint64_t)m->function_count * 256 + 65536;
    if (features & GB_X64_STRESS_SPILL) room *= 3;
    return room > (1u << 30) ? 1u << 30 : (size_t)room;
}

static void fill_slots(gb_x64_space *space, uint32_t defined) {
    for (uint32_t i = 0; i < X64_SLOT_FUNCTIONS; i++) atomic_store(&space->slots[i], x64_stub_entry(i));
    void *lazy = x64_stub_entry(X64_SLOT_LAZY);
    for (uint32_t i = 0; i < defined; i++) {
        atomic_store_explicit(&space->slots[X64_SLOT_FUNCTIONS + i], lazy, memory_order_relaxed);
    }
}

static gb_x64_space *new_space(gb_module *m, uint32_t features) {
    uint32_t defined = m->function_count - m->imported[GB_EXTERN_FUNC];
    size_t data = ((X64_SLOT_FUNCTIONS + (size_t)defined) * 8 + 4095) & ~(size_t)4095;
    gb_x64_space *space = calloc(1, sizeof *space);
    if (!space) return NULL;
    space->module = m;
    space->features = features;
    space->records = malloc((defined + 1) * sizeof *space->records);
    space->compiler = calloc(1, sizeof *space->compiler);
    size_t code = room_for(m, features);
    gb_x64_kept *kept = space->records && space->compiler ? take_kept(m, features) : NULL;
    if (kept) take_over(space, kept);
    if (!space->records || !space->compiler ||
        (!kept && !take_from_pool(space, data, code) && !take_fresh(space, data, code))) {
        free(space->records);
        free(space->compiler);
        free(space);
        return NULL;
    }
    space->slots = (_Atomic(void *) *)(void *)(space->run - space->data_size);
    space->room = features & GB_X64_STRESS_ROOM ? 16384 : space->size;
    pthread_mutex_init(&space->lock, NULL);
    fill_slots(space, defined);
    set_owner(space, space);
    return space;
}

static unsigned which(uint32_t configuration) { return configuration >> 8 & (CONFIGURATIONS - 1); }

gb_x64_space *gb_x64_space_peek(const gb_instance *instance) {
    module_code *mc = atomic_load_explicit(&instance->module->compiled, memory_order_acquire);
    return mc ? atomic_load_explicit(&mc->spaces[which(configuration_of(instance))], memory_order_acquire) : NULL;
}

gb_x64_space *gb_x64_module_space(gb_module *m, uint32_t configuration) {
    if (!gb_x64_available(NULL)) return NULL;
    module_code *mc = code_of(m);
    if (!mc) return NULL;
    unsigned i = which(configuration);
    pthread_mutex_lock(&mc->lock);
    gb_x64_space *space = atomic_load(&mc->spaces[i]);
    if (!space && !mc->refused[i]) {
        space = new_space(m, gb_x64_features() | configuration);
        atomic_store_explicit(&mc->spaces[i], space, memory_order_release);
        mc->refused[i] = !space;
    }
    pthread_mutex_unlock(&mc->lock);
    return space;
}

gb_x64_space *gb_x64_space_of(const gb_instance *instance) {
    gb_x64_space *space = gb_x64_space_peek(instance);
    return space ? space : gb_x64_module_space(instance->module, configuration_of(instance));
}

/* ---- compiling ------------------------------------------------------------------------------------- */

/* Under the lock. Functions begin at multiples of 16. */
static void *compile(gb_x64_space *space, uint32_t function) {
    uint32_t at = (space->used + 15) & ~15u;
    if (at >= space->room || !gb_module_validate_body(space->module, function, NULL)) return NULL;
    gb_x64_function record;
    space->compiler->keep_sites = false;
    if (!x64_compile(space->compiler, space->module, function, space->features, space->write + (at - space->write_from),
                     space->room - at, at, space->data_size, &record)) {
        return NULL;
    }
    uint32_t count = atomic_load_explicit(&space->record_count, memory_order_relaxed);
    space->records[count] = record;
    atomic_store_explicit(&space->record_count, count + 1, memory_order_release);
    space->used = record.end;
    return space->run + at;
}

static void *kept_entry(gb_x64_space *space, uint32_t function) {
    if (!space->kept || !gb_x64_keep_check(space->kept, space->module, function)) return NULL;
    uint32_t which = space->kept->index[function - space->module->imported[GB_EXTERN_FUNC]];
    return space->run + space->kept->records[which - 1].record.start;
}

void *gb_x64_space_entry(gb_x64_space *space, uint32_t function) {
    _Atomic(void *) *slot =
        &space->slots[X64_SLOT_FUNCTIONS + function - space->module->imported[GB_EXTERN_FUNC]];
    void *entry = atomic_load_explicit(slot, memory_order_acquire);
    if (entry == x64_stub_entry(X64_SLOT_LAZY)) {
        pthread_mutex_lock(&space->lock);
        entry = atomic_load_explicit(slot, memory_order_acquire);
        if (entry == x64_stub_entry(X64_SLOT_LAZY)) {
            entry = kept_entry(space, function);
            if (!entry) entry = compile(space, function);
            if (!entry) {
                entry = x64_stub_entry(X64_SLOT_BRIDGE);
                space->refused++;
            }
            atomic_store_explicit(slot, entry, memory_order_release);
        }
        pthread_mutex_unlock(&space->lock);
    }
    return entry == x64_stub_entry(X64_SLOT_BRIDGE) ? NULL : entry;
}

uint32_t gb_x64_position(gb_x64_space *space, const gb_x64_function *record, uintptr_t pc) {
    uint32_t length = record->end - record->start, offset = (uint32_t)(pc - (uintptr_t)space->run) - record->start;
    size_t room = length + 2 * (size_t)X64_ROOM;
    uint8_t *scratch = malloc(room);
    x64_compiler c = {.keep_sites = true};
    gb_x64_function again;
    uint32_t position = 0;
    if (scratch && x64_compile(&c, space->module, record->index, space->features, scratch, room, record->start,
                               space->data_size, &again)) {
        for (uint32_t i = 0; i < c.site_count; i++) {
            if (c.sites[i].code == offset) position = c.sites[i].position;
        }
    }
    x64_compiler_free(&c);
    free(scratch);
    return position;
}

uint32_t gb_x64_compile_all(gb_x64_space *space) {
    const gb_module *m = space->module;
    for (uint32_t i = m->imported[GB_EXTERN_FUNC]; i < m->function_count; i++) gb_x64_space_entry(space, i);
    return space->refused;
}
