/* trap.c: what a trap says: which, where, and by which calls (engine.h, gb_trap). */
#include <stdio.h>
#include <string.h>

#include "engine/icode.h"
#include "engine/x64/x64.h"

const char *gb_trap_text(gb_trap_kind kind) {
    switch (kind) {
    case GB_TRAP_NONE: return "no trap";
    case GB_TRAP_UNREACHABLE: return "unreachable";
    case GB_TRAP_OUT_OF_BOUNDS_MEMORY: return "out of bounds memory access";
    case GB_TRAP_OUT_OF_BOUNDS_TABLE: return "out of bounds table access";
    case GB_TRAP_INDIRECT_CALL_NULL: return "uninitialized element";
    case GB_TRAP_INDIRECT_CALL_TYPE: return "indirect call type mismatch";
    case GB_TRAP_UNDEFINED_ELEMENT: return "undefined element";
    case GB_TRAP_INTEGER_OVERFLOW: return "integer overflow";
    case GB_TRAP_INTEGER_DIVIDE_BY_ZERO: return "integer divide by zero";
    case GB_TRAP_INVALID_CONVERSION: return "invalid conversion to integer";
    case GB_TRAP_STACK_OVERFLOW: return "call stack exhausted";
    case GB_TRAP_UNCAUGHT_EXCEPTION: return "uncaught exception";
    case GB_TRAP_NULL_REFERENCE: return "null exception reference";
    case GB_TRAP_INTERRUPTED: return "interrupted";
    case GB_TRAP_FUEL: return "all fuel consumed";
    case GB_TRAP_MEMORY_LIMIT: return "out of memory";
    case GB_TRAP_EXIT: return "exit";
    case GB_TRAP_HOST: return "host function failed";
    case GB_TRAP_INVALID_FUNCTION: return "invalid function";
    }
    return "unknown trap";
}

static void append(char *text, size_t size, size_t *used, const char *format, const char *name, uint32_t offset) {
    if (*used >= size) return;
    int n = snprintf(text + *used, size - *used, format, name, (unsigned)offset);
    if (n > 0) *used += (size_t)n;
    if (*used >= size) *used = size - 1; /* cut */
}

typedef struct description {
    gb_trap *trap;
    size_t message, trace, frames; /* bytes used of the two texts; frames so far */
} description;

static void describe_frame(description *d, const gb_module *m, uint32_t function, uint32_t offset) {
    gb_trap *trap = d->trap;
    char name[256];
    gb_module_function_name(m, function, name, sizeof name);
    bool imported = function < m->imported[GB_EXTERN_FUNC];
    const char *format = imported ? " in %s" : " in %s (wasm offset 0x%x)";
    if (d->frames++ == 0) append(trap->message, sizeof trap->message, &d->message, format, name, offset);
    append(trap->backtrace, sizeof trap->backtrace, &d->trace, imported ? "%s\n" : "%s (0x%x)\n", name, offset);
}

/* Every interpreted or compiled frame, innermost first. An entry from C has none of its own, but may stand for a run of
 * compiled ones. */
static void describe_frames(const gb_exec *x, gb_trap *trap) {
    description d = {.trap = trap, .message = strlen(trap->message)};
    for (const gb_frame *f = x->top; f > x->frames && d.frames < GB_BACKTRACE_FRAMES; f--) {
        if (f->code) {
            gb_module *m = (gb_module *)(uintptr_t)f->code->module; /* its bodies' states may change */
            bool imported = f->code->function < m->imported[GB_EXTERN_FUNC];
            uint32_t offset = imported ? 0 : gb_icode_offset(m, f->code, x->fuel_counted, f->pc);
            describe_frame(&d, m, f->code->function, offset);
            continue;
        }
#if GB_X64
        gb_x64_place places[GB_BACKTRACE_FRAMES];
        uint32_t count = gb_x64_frames(x, f, places, (uint32_t)(GB_BACKTRACE_FRAMES - d.frames));
        for (uint32_t i = 0; i < count; i++) describe_frame(&d, places[i].module, places[i].function, places[i].offset);
#endif
    }
}

gb_outcome gb_exec_trap_text(gb_exec *x, gb_trap_kind kind, const char *message) {
    gb_trap *trap = &x->trap;
    trap->kind = kind;
    trap->exit_code = 0;
    trap->backtrace[0] = 0;
    snprintf(trap->message, sizeof trap->message, "%s", message);
    if (kind != GB_TRAP_EXIT) describe_frames(x, trap);
    return GB_TRAPPED;
}

gb_outcome gb_exec_trap(gb_exec *x, gb_trap_kind kind) { return gb_exec_trap_text(x, kind, gb_trap_text(kind)); }
