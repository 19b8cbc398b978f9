#include "engine/memory.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

/* 4 GiB of addresses, 4 GiB of offsets, and the widest access. */
#define GUARDED_BYTES ((UINT64_C(1) << 33) + GB_PAGE_SIZE)

/* ---- address space -------------------------------------------------------------------------------- */

static bool reserve(gb_memory *memory) {
    if (sizeof(void *) < 8 || memory->store->limits.no_guard_regions) return false;
    void *base = mmap(NULL, (size_t)GUARDED_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) return false; /* explicit checks then */
    memory->base = base;
    memory->reserved = GUARDED_BYTES;
    memory->guarded = true;
    return true;
}

static bool resize(gb_memory *memory, uint64_t size) {
    if (size > SIZE_MAX) return false;
    if (memory->guarded)
        return size == memory->size || mprotect(memory->base + memory->size, (size_t)(size - memory->size),
                                                PROT_READ | PROT_WRITE) == 0;
    void *base = memory->size ? mremap(memory->base, (size_t)memory->size, (size_t)size, MREMAP_MAYMOVE)
                 : size       ? mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                              : NULL;
    if (base == MAP_FAILED) return false;
    memory->base = base;
    return true;
}

static void release(void *object) {
    gb_memory *memory = object;
    if (memory->reserved)
        munmap(memory->base, (size_t)memory->reserved);
    else if (memory->size)
        munmap(memory->base, (size_t)memory->size);
    free(memory->views);
}

/* ---- memories --------------------------------------------------------------------------------------- */

static void update_views(gb_memory *memory) {
    for (size_t i = 0; i < memory->view_count; i++) {
        memory->views[i]->memory_base = memory->base;
        memory->views[i]->memory_size = memory->size;
    }
}

uint32_t gb_memory_grow(gb_memory *memory, uint32_t delta) {
    gb_store *store = memory->store;
    uint32_t pages = (uint32_t)(memory->size / GB_PAGE_SIZE);
    uint64_t bytes = (uint64_t)delta * GB_PAGE_SIZE;
    if (delta > memory->max_pages - pages) {
        store->memory_refused |= memory->max_pages == 65536; /* else it is the module's own limit */
        return UINT32_MAX;
    }
    if (bytes > store->limits.memory_bytes - store->memory_bytes ||
        (delta > 0 && !resize(memory, memory->size + bytes))) {
        store->memory_refused = true;
        return UINT32_MAX;
    }
    memory->size += bytes;
    store->memory_bytes += bytes;
    if (store->memory_bytes > store->memory_peak) store->memory_peak = store->memory_bytes;
    update_views(memory);
    return pages;
}

bool gb_memory_shrink(gb_memory *memory, uint64_t size) {
    if (memory->size == size) return true;
    size_t rest = (size_t)(memory->size - size);
    bool ok = memory->guarded ? mprotect(memory->base + size, rest, PROT_NONE) == 0
              : size == 0     ? munmap(memory->base, rest) == 0
                              : mremap(memory->base, (size_t)memory->size, (size_t)size, 0) != MAP_FAILED;
    if (!ok) return false;
    if (!memory->guarded && size == 0) memory->base = NULL;
    memory->store->memory_bytes -= rest;
    memory->size = size;
    update_views(memory);
    return true;
}

gb_memory *gb_memory_new(gb_store *store, gb_limits_type limits, gb_error *err) {
    gb_memory *memory = gb_store_own(store, sizeof *memory, release);
    if (!memory) {
        gb_fail(err, GB_ERROR_MEMORY, "out of memory for a linear memory");
        return NULL;
    }
    memory->store = store;
    memory->limits = limits;
    memory->max_pages = limits.has_max ? limits.max : GB_PAGES_MAX;
    reserve(memory);
    if (gb_memory_grow(memory, limits.min) != UINT32_MAX) return memory;
    gb_fail(err, GB_ERROR_MEMORY, "no room for a linear memory of %u pages: %llu of %llu bytes are in use", limits.min,
            (unsigned long long)store->memory_bytes, (unsigned long long)store->limits.memory_bytes);
    return NULL;
}

bool gb_memory_add_view(gb_memory *memory, gb_instance *instance) {
    gb_instance **views = realloc(memory->views, (memory->view_count + 1) * sizeof *views);
    if (!views) return false;
    memory->views = views;
    views[memory->view_count++] = instance;
    update_views(memory);
    return true;
}

uint64_t gb_memory_size(const gb_memory *memory) { return memory->size; }

uint8_t *gb_memory_range(gb_memory *memory, uint64_t address, uint64_t length) {
    static uint8_t nothing; /* of an empty memory without address space */
    if (address > memory->size || length > memory->size - address) return NULL;
    return memory->base ? memory->base + address : &nothing;
}

/* ---- faults of registered code ------------------------------------------------------------------------ */

enum { FAULT_RANGES = 1024 };

/* A range is free while its start is 0. Written under no lock but by compare-and-swap of `start`, read by the
 * signal handler. */
static struct {
    _Atomic uintptr_t start;
    uintptr_t end;
    gb_fault_handler handler;
} ranges[FAULT_RANGES];

static struct sigaction previous_segv, previous_bus;
static atomic_flag installed = ATOMIC_FLAG_INIT;

static uintptr_t context_pc(const ucontext_t *context) {
#if defined(__x86_64__)
    return (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return (uintptr_t)context->uc_mcontext.pc;
#else
    (void)context;
    return 0; /* no compiled code here */
#endif
}

static void pass_on(int number, siginfo_t *info, void *context) {
    const struct sigaction *previous = number == SIGBUS ? &previous_bus : &previous_segv;
    if (previous->sa_flags & SA_SIGINFO) {
        previous->sa_sigaction(number, info, context);
    } else if (previous->sa_handler == SIG_DFL || previous->sa_handler == SIG_IGN) {
        /* Returning runs the instruction again; this time nobody catches it. */
        struct sigaction original = {.sa_handler = SIG_DFL};
        sigaction(number, &original, NULL);
    } else {
        previous->sa_handler(number);
    }
}

static void on_fault(int number, siginfo_t *info, void *context) {
    uintptr_t pc = context_pc(context);
    for (size_t i = 0; pc && i < FAULT_RANGES; i++) {
        uintptr_t start = atomic_load_explicit(&ranges[i].start, memory_order_acquire);
        if (start == 0 || pc < start || pc >= ranges[i].end) continue;
        if (ranges[i].handler(context, info->si_addr)) return;
    }
    pass_on(number, info, context);
}

static bool install(gb_error *err) {
    if (atomic_flag_test_and_set(&installed)) return true;
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGSEGV, &action, &previous_segv) == 0 && sigaction(SIGBUS, &action, &previous_bus) == 0)
        return true;
    atomic_flag_clear(&installed);
    return gb_fail_errno(err, "cannot install a handler for memory faults");
}

bool gb_fault_register(const void *start, const void *end, gb_fault_handler handler, gb_error *err) {
    if (!install(err)) return false;
    for (size_t i = 0; i < FAULT_RANGES; i++) {
        uintptr_t expected = 0; /* taken as 1, an address where no code is, until all is written */
        if (!atomic_compare_exchange_strong(&ranges[i].start, &expected, 1)) continue;
        ranges[i].end = (uintptr_t)end;
        ranges[i].handler = handler;
        atomic_store_explicit(&ranges[i].start, (uintptr_t)start, memory_order_release);
        return true;
    }
    return gb_fail(err, GB_ERROR_MEMORY, "more than %d ranges of machine code", FAULT_RANGES);
}

void gb_fault_unregister(const void *start) {
    for (size_t i = 0; i < FAULT_RANGES; i++)
        if (atomic_load(&ranges[i].start) == (uintptr_t)start) atomic_store(&ranges[i].start, 0);
}
