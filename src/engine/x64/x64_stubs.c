#include "engine/x64/x64_stubs.h"

#include <pthread.h>

#include "engine/x64/x64.h"
#include "engine/x64/x64_code.h"

enum { STUB_BYTES = 16384 };

typedef x64_status (*enter_fn)(gb_instance *, const void *, x64_registers *, uint8_t *, gb_x64_state *);

static struct {
    pthread_once_t once;
    const char *why_not;
    void *entries[X64_SLOT_FUNCTIONS];
    void *lazy_func, *bridge_func;
    uint64_t enter_return;
    enter_fn enter;
} stubs = {.once = PTHREAD_ONCE_INIT};

/* Where the stubs are being made: `w` writes, run - w.start is where they will run. */
static x64_asm w;
static uint8_t *run;
static x64_label leave, resume, bridge_common;

static void *here(void) { return run + x64_offset(&w); }

#define STATE(reg, member) x64_at(reg, offsetof(gb_x64_state, member))

/* reg = the store's gb_x64_state */
static void load_state(unsigned reg) {
    x64_rm(&w, X64_MOV, X64_W64, reg, x64_at(X64_CTX, offsetof(gb_instance, exec)));
    x64_rm(&w, X64_MOV, X64_W64, reg, x64_at(reg, offsetof(gb_exec, x64)));
}

/* The registers that compiled code preserves go to the guest stack: there a handler's frame, or the search for
 * references, finds them. */
static void push_saved(void) {
    for (unsigned i = 0; i < X64_SAVED_COUNT; i++) x64_push_r(&w, x64_saved[i]);
}
static void pop_saved(void) {
    for (unsigned i = X64_SAVED_COUNT; i--;) x64_pop_r(&w, x64_saved[i]);
}

/* Notes where the code stopped, changes to the host's stack. The return address lies `above` bytes over rsp.
 * Destroys rax. */
static void stop(int32_t above) {
    load_state(RAX);
    x64_rm(&w, X64_STORE, X64_W64, RSP, STATE(RAX, guest_sp));
    x64_rm(&w, X64_LEA, X64_W64, X64_SCRATCH, x64_at(RSP, above));
    x64_rm(&w, X64_STORE, X64_W64, X64_SCRATCH, STATE(RAX, frame));
    x64_rm(&w, X64_MOV, X64_W64, RSP, STATE(RAX, host_sp));
}

static void call_c(const void *function) {
    x64_rr(&w, X64_MOV, X64_W64, RDI, X64_CTX);
    x64_mov_ri(&w, X64_W64, RAX, (uint64_t)(uintptr_t)function);
    x64_call_r(&w, RAX);
}

/* Back on the guest stack with C's answer in rax, unless that says otherwise. */
static void go_on(void) {
    load_state(RCX);
    x64_rr(&w, X64_TEST, X64_W32, RDX, RDX);
    x64_jcc(&w, X64_NE, &leave);
    x64_rm(&w, X64_MOV, X64_W64, RSP, STATE(RCX, guest_sp));
}

/* ---- enter, and the ways out ------------------------------------------------------------------- */

static const uint8_t host_saved[] = {RBX, RBP, R12, R13, R14, R15};

/* x64_status enter(rdi instance, rsi code, rdx registers, rcx sp, r8 state) */
static void make_enter(void) {
    void *entry = here();
    memcpy(&stubs.enter, &entry, sizeof entry);
    for (unsigned i = 0; i < sizeof host_saved; i++) x64_push_r(&w, host_saved[i]);
    x64_push_r(&w, RDX); /* with the return address: 8 pushes, so aligned to 16 */
    x64_rm(&w, X64_STORE, X64_W64, RSP, STATE(R8, host_sp));
    x64_rr(&w, X64_MOV, X64_W64, X64_CTX, RDI);
    x64_rr(&w, X64_MOV, X64_W64, X64_SCRATCH, RSI);
    x64_rr(&w, X64_MOV, X64_W64, RSP, RCX);
    x64_rr(&w, X64_MOV, X64_W64, RAX, RDX);
    x64_rm(&w, X64_MOV, X64_W64, X64_MEM, x64_at(X64_CTX, offsetof(gb_instance, memory_base)));
    for (unsigned i = 0; i < X64_INT_ARGS; i++) {
        x64_rm(&w, X64_MOV, X64_W64, x64_int_args[i], x64_at(RAX, (int32_t)i * 8));
    }
    for (unsigned i = 0; i < X64_FLOAT_ARGS; i++) {
        x64_rm(&w, X64_MOVUPS, X64_W32, i, x64_at(RAX, (int32_t)(offsetof(x64_registers, floats) + i * 16)));
    }
    x64_call_r(&w, X64_SCRATCH);
    stubs.enter_return = (uint64_t)(uintptr_t)here();
    load_state(RCX);
    x64_rm(&w, X64_MOV, X64_W64, RSP, STATE(RCX, host_sp));
    x64_pop_r(&w, RDX);
    x64_rm(&w, X64_STORE, X64_W64, RAX, x64_at(RDX, 0));
    x64_rm(&w, X64_MOVUPS_STORE, X64_W32, XMM0, x64_at(RDX, offsetof(x64_registers, floats)));
    x64_mov_ri(&w, X64_W32, RAX, X64_RETURN);
    x64_label out = {0};
    x64_bind(&w, &out);
    for (unsigned i = sizeof host_saved; i--;) x64_pop_r(&w, host_saved[i]);
    x64_ret(&w);
    /* rcx: state, edx: status */
    x64_bind(&w, &leave);
    x64_ri(&w, X64_G_CMP, X64_W32, RDX, X64_RESUME);
    x64_jcc(&w, X64_E, &resume);
    x64_rm(&w, X64_MOV, X64_W64, RSP, STATE(RCX, host_sp));
    x64_pop_r(&w, RDX);
    x64_mov_ri(&w, X64_W32, RAX, X64_LEAVE);
    x64_jmp(&w, &out);
    x64_bind(&w, &resume);
    for (unsigned i = 0; i < X64_SAVED_COUNT; i++) {
        x64_rm(&w, X64_MOV, X64_W64, x64_saved[i],
               x64_at(RCX, (int32_t)(offsetof(gb_x64_state, saved) + i * 8)));
    }
    x64_rm(&w, X64_MOV, X64_W64, RAX, STATE(RCX, resume_rax));
    x64_rm(&w, X64_MOV, X64_W64, RSP, STATE(RCX, resume_rsp));
    x64_jmp_m(&w, STATE(RCX, resume_pc));
}

static void make_helper(unsigned slot, const void *function) {
    stubs.entries[slot] = here();
    push_saved();
    stop(X64_SAVED_COUNT * 8);
    call_c(function);
    go_on();
    pop_saved();
    x64_ret(&w);
}

/* ---- memory.copy and memory.fill without leaving the guest's stack --------------------------------
 *
 * rsi: to, rdx: from or the byte, rcx: length. What is long, out of bounds or counted goes the way of the other helpers. libc's
 * memmove and memset need next to nothing of a stack, and have room below its limit. */

enum { FAST_MOST = 1 << 20 }; /* bulk.c looks for interruptions in between */

static void check_range(unsigned at, x64_label *slow) {
    x64_rm(&w, X64_LEA, X64_W64, RAX, x64_at_index(at, RCX, 0, 0));
    x64_rm(&w, X64_CMP, X64_W64, RAX, x64_at(X64_CTX, offsetof(gb_instance, memory_size)));
    x64_jcc(&w, X64_A, slow);
}

static void check_length_and_fuel(x64_label *slow) {
    x64_ri(&w, X64_G_CMP, X64_W32, RCX, FAST_MOST);
    x64_jcc(&w, X64_A, slow);
    x64_rm(&w, X64_MOV, X64_W64, RAX, x64_at(X64_CTX, offsetof(gb_instance, exec)));
    x64_rm(&w, X64_MOVZX8, X64_W32, RAX, x64_at(RAX, offsetof(gb_exec, fuel_counted)));
    x64_rr(&w, X64_TEST, X64_W32, RAX, RAX);
    x64_jcc(&w, X64_NE, slow);
}

/* A tail call of memmove or memset, which may destroy r10. */
static void call_libc(const void *function) {
    x64_push_r(&w, R10);
    x64_mov_ri(&w, X64_W64, RAX, (uint64_t)(uintptr_t)function);
    x64_call_r(&w, RAX);
    x64_pop_r(&w, R10);
    x64_ret(&w);
}

/* Copies size to 2 * size bytes, rsi to rdi: `count` pieces from the front and as many up to the end, all read before any is
 * written, since the ranges may overlap. */
static void copy_ends(unsigned count, int32_t size, uint32_t load, uint32_t store, x64_width width) {
    static const uint8_t registers[] = {RAX, R8};
    int32_t piece = size / (int32_t)count;
    for (int pass = 0; pass < 2; pass++) {
        unsigned base = pass ? RDI : RSI;
        uint32_t op = pass ? store : load;
        for (unsigned i = 0; i < count * 2; i++) {
            unsigned reg = piece == 16 ? i : registers[i];
            x64_mem m = i < count ? x64_at(base, (int32_t)i * piece)
                                  : x64_at_index(base, RCX, 0, ((int32_t)i - 2 * (int32_t)count) * piece);
            x64_rm(&w, op, width, reg, m);
        }
    }
    x64_ret(&w);
}

static void make_fast_copy(x64_label *slow) {
    static const struct {
        uint8_t count, size;
        x64_width width;
        uint32_t load, store;
    } steps[] = {
        {4, 64, X64_W32, X64_MOVUPS, X64_MOVUPS_STORE}, {2, 32, X64_W32, X64_MOVUPS, X64_MOVUPS_STORE},
        {1, 16, X64_W32, X64_MOVUPS, X64_MOVUPS_STORE}, {1, 8, X64_W64, X64_MOV, X64_STORE},
        {1, 4, X64_W32, X64_MOV, X64_STORE},            {1, 2, X64_W32, X64_MOVZX16, X64_STORE16},
        {1, 1, X64_W32, X64_MOVZX8, X64_STORE8},
    };
    x64_label large = {0};
    check_range(RSI, slow);
    check_range(RDX, slow);
    check_length_and_fuel(slow);
    x64_rm(&w, X64_LEA, X64_W64, RDI, x64_at_index(X64_MEM, RSI, 0, 0));
    x64_rm(&w, X64_LEA, X64_W64, RSI, x64_at_index(X64_MEM, RDX, 0, 0));
    x64_ri(&w, X64_G_CMP, X64_W32, RCX, 128);
    x64_jcc(&w, X64_A, &large);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        x64_label shorter = {0};
        x64_ri(&w, X64_G_CMP, X64_W32, RCX, steps[i].size);
        x64_jcc(&w, X64_B, &shorter);
        copy_ends(steps[i].count, steps[i].size, steps[i].load, steps[i].store, steps[i].width);
        x64_bind(&w, &shorter);
    }
    x64_ret(&w);
    x64_bind(&w, &large);
    x64_rr(&w, X64_MOV, X64_W32, RDX, RCX);
    call_libc((const void *)(uintptr_t)memmove);
}

static void make_fast_fill(x64_label *slow) {
    check_range(RSI, slow);
    check_length_and_fuel(slow);
    x64_rm(&w, X64_LEA, X64_W64, RDI, x64_at_index(X64_MEM, RSI, 0, 0));
    x64_rr(&w, X64_MOV, X64_W32, RSI, RDX);
    x64_rr(&w, X64_MOV, X64_W32, RDX, RCX);
    call_libc((const void *)(uintptr_t)memset);
}

static void make_fast_helper(unsigned slot, void (*fast)(x64_label *)) {
    x64_label slow = {0};
    void *entry = here();
    fast(&slow);
    x64_bind(&w, &slow);
    make_helper(slot, x64_helper_address(slot));
    stubs.entries[slot] = entry;
}

static void make_trap(unsigned kind) {
    stubs.entries[X64_SLOT_TRAP + kind] = here();
    stop(0);
    x64_mov_ri(&w, X64_W32, RSI, kind);
    call_c((const void *)(uintptr_t)x64_on_trap);
    go_on(); /* never */
    x64_ud2(&w);
}

/* Compiled code expects every register as it was. */
static void make_look(void) {
    enum { VECTORS = 16 * 16 };
    static const uint8_t all[] = {RAX, RCX, RDX, RSI, RDI, R8, R9, R10, R11};
    stubs.entries[X64_SLOT_LOOK] = here();
    for (unsigned i = 0; i < sizeof all; i++) x64_push_r(&w, all[i]);
    x64_ri(&w, X64_G_SUB, X64_W64, RSP, VECTORS);
    for (unsigned i = 0; i < 16; i++) x64_rm(&w, X64_MOVUPS_STORE, X64_W32, i, x64_at(RSP, (int32_t)i * 16));
    stop(VECTORS + (int32_t)sizeof all * 8);
    call_c((const void *)(uintptr_t)x64_on_look);
    go_on();
    for (unsigned i = 0; i < 16; i++) x64_rm(&w, X64_MOVUPS, X64_W32, i, x64_at(RSP, (int32_t)i * 16));
    x64_ri(&w, X64_G_ADD, X64_W64, RSP, VECTORS);
    for (unsigned i = sizeof all; i--;) x64_pop_r(&w, all[i]);
    x64_ret(&w);
}

/* ---- calls on their way ---------------------------------------------------------------------------- */

/* r11, a gb_func or nothing, is kept behind the arguments. */
enum { KEPT = sizeof(x64_registers), REGISTERS = (sizeof(x64_registers) + 8 + 15) & ~15u };

static void save_registers(void) {
    push_saved();
    x64_ri(&w, X64_G_SUB, X64_W64, RSP, REGISTERS);
    x64_rm(&w, X64_STORE, X64_W64, X64_SCRATCH, x64_at(RSP, KEPT));
    for (unsigned i = 0; i < X64_INT_ARGS; i++) {
        x64_rm(&w, X64_STORE, X64_W64, x64_int_args[i], x64_at(RSP, (int32_t)i * 8));
    }
    for (unsigned i = 0; i < X64_FLOAT_ARGS; i++) {
        x64_rm(&w, X64_MOVUPS_STORE, X64_W32, i, x64_at(RSP, (int32_t)(offsetof(x64_registers, floats) + i * 16)));
    }
}

static void restore_registers(void) {
    x64_rm(&w, X64_MOV, X64_W64, X64_SCRATCH, x64_at(RSP, KEPT));
    for (unsigned i = 0; i < X64_INT_ARGS; i++) {
        x64_rm(&w, X64_MOV, X64_W64, x64_int_args[i], x64_at(RSP, (int32_t)i * 8));
    }
    for (unsigned i = 0; i < X64_FLOAT_ARGS; i++) {
        x64_rm(&w, X64_MOVUPS, X64_W32, i, x64_at(RSP, (int32_t)(offsetof(x64_registers, floats) + i * 16)));
    }
    x64_ri(&w, X64_G_ADD, X64_W64, RSP, REGISTERS);
    pop_saved();
}

enum { ABOVE = REGISTERS + X64_SAVED_COUNT * 8 }; /* from rsp to the return address, after save_registers */

/* Asks C for the code of what was called, and goes on there with the same arguments. */
static void make_lazy(void **entry, bool by_func, const void *function) {
    *entry = here();
    save_registers();
    if (by_func) {
        x64_rr(&w, X64_MOV, X64_W64, RSI, X64_SCRATCH);
    } else {
        x64_rm(&w, X64_MOV, X64_W64, RSI, x64_at(RSP, ABOVE));
    }
    stop(ABOVE);
    call_c(function);
    go_on();
    restore_registers(); /* but for rax, which holds no argument */
    x64_jmp_r(&w, RAX);
}

/* r11: gb_func */
static void make_bridge(void) {
    stubs.bridge_func = here();
    save_registers();
    x64_rr(&w, X64_MOV, X64_W64, RSI, X64_SCRATCH);
    x64_bind(&w, &bridge_common);
    x64_rr(&w, X64_MOV, X64_W64, RDX, RSP);
    x64_rm(&w, X64_LEA, X64_W64, RCX, x64_at(RSP, ABOVE + 8));
    stop(ABOVE);
    call_c((const void *)(uintptr_t)x64_on_bridge);
    go_on();
    x64_rm(&w, X64_MOV, X64_W64, RAX, x64_at(RSP, 0));
    x64_rm(&w, X64_MOVUPS, X64_W32, XMM0, x64_at(RSP, offsetof(x64_registers, floats)));
    x64_ri(&w, X64_G_ADD, X64_W64, RSP, REGISTERS);
    pop_saved();
    x64_ret(&w);
    /* From a slot: which function is it? */
    stubs.entries[X64_SLOT_BRIDGE] = here();
    save_registers();
    x64_rm(&w, X64_MOV, X64_W64, RSI, x64_at(RSP, ABOVE));
    stop(ABOVE);
    call_c((const void *)(uintptr_t)x64_on_slot_func);
    go_on();
    x64_rr(&w, X64_MOV, X64_W64, RSI, RAX);
    x64_jmp(&w, &bridge_common);
}

static void make_all(void) {
    if (!gb_x64_arena_init(&stubs.why_not)) return;
    uint8_t *write;
    run = gb_x64_arena_page(&write, STUB_BYTES);
    if (!run) {
        stubs.why_not = "the system refuses executable memory";
        return;
    }
    w = (x64_asm){write, write, write + STUB_BYTES};
    make_enter();
    for (unsigned i = 0; i < X64_SLOT_LAZY; i++) make_trap(i);
    make_look();
    make_lazy(&stubs.entries[X64_SLOT_LAZY], false, (const void *)(uintptr_t)x64_on_lazy);
    make_lazy(&stubs.lazy_func, true, (const void *)(uintptr_t)x64_on_lazy_func);
    make_bridge();
    for (unsigned i = X64_SLOT_HELPERS; i < X64_SLOT_FUNCTIONS; i++) {
        if (i == X64_HELPER_memory_copy) {
            make_fast_helper(i, make_fast_copy);
        } else if (i == X64_HELPER_memory_fill) {
            make_fast_helper(i, make_fast_fill);
        } else {
            make_helper(i, x64_helper_address(i));
        }
    }
    assert(x64_has_room(&w, 0));
}

bool x64_stubs_init(const char **why_not) {
    pthread_once(&stubs.once, make_all);
    if (why_not) *why_not = stubs.why_not;
    return !stubs.why_not;
}

bool gb_x64_available(const char **why_not) { return x64_stubs_init(why_not); }

void *x64_stub_entry(unsigned slot) { return stubs.entries[slot]; }
void *x64_stub_lazy_func(void) { return stubs.lazy_func; }
void *x64_stub_bridge_func(void) { return stubs.bridge_func; }
void *x64_stub_fault(void) { return stubs.entries[X64_SLOT_TRAP + GB_TRAP_OUT_OF_BOUNDS_MEMORY]; }
uint64_t x64_stub_return(void) { return stubs.enter_return; }

x64_status x64_enter(gb_instance *instance, const void *code, x64_registers *registers, uint8_t *sp) {
    return stubs.enter(instance, code, registers, sp, instance->exec->x64);
}
