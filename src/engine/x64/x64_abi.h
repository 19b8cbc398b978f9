/* x64_abi.h: which register holds what in compiled code, and how compiled functions call each other.
 *
 *   rsp   guest stack: compiled frames only; C runs on the thread's own stack
 *   r15   gb_x64_context of the running instance
 *   rbx   base of the instance's memory 0
 *   r11   scratch, never holds a value across two emitted instructions' worth of policy
 *   xmm14, xmm15  scratch
 *
 *   rax rcx rdx            temporaries ("T"): operands, results, shift counts, division
 *   rsi rdi r8 r9          caller-saved ("E"): arguments; homes of locals where few calls are, else temporaries
 *   rbp r10 r12 r13 r14    callee-saved ("S"): homes of locals
 *   xmm0-xmm13             caller-saved; the upper ones are homes of locals where few calls are
 *
 * Integers and references are passed in rsi rdi r8 r9 rdx rcx, floats and vectors in xmm0-xmm7, in
 * order, the rest in the caller's out area. A single result returns in rax or xmm0; several return in the
 * out area, behind the stack arguments. A 32-bit value in a register always has a zero upper half: every
 * instruction that makes one sees to it, so that an address needs no extension.
 *
 * A frame, from high addresses to low; rsp is constant between prologue and epilogue:
 *
 *     stack arguments and results of this call (the caller's out area)
 *     return address
 *     callee-saved registers that the function uses, pushed in the order of X64_SAVED
 *     spill slots of the operand stack
 *     locals that need memory
 *     one slot for the context, when the function may call into another instance or catches
 *     out area                                                            <- rsp, 16-byte aligned
 */
#ifndef GB_ENGINE_X64_ABI_H
#define GB_ENGINE_X64_ABI_H

#include "engine/x64/x64_emit.h"

enum {
    X64_CTX = R15,
    X64_MEM = RBX,
    X64_SCRATCH = R11,
    X64_XMM = 16, /* vector register n is number X64_XMM + n in sets and values */
    X64_FSCRATCH = X64_XMM + 15,
    X64_FSCRATCH2 = X64_XMM + 14,
    X64_RESULT = RAX,
    X64_FRESULT = X64_XMM + 0,
    X64_REG_COUNT = 32,
    X64_NO_REG = 0xFF,
    X64_INT_ARGS = 6,
    X64_FLOAT_ARGS = 8,
    X64_SAVED_COUNT = 5,
    X64_SET_T = 1 << RAX | 1 << RCX | 1 << RDX,
    X64_SET_E = 1 << RSI | 1 << RDI | 1 << R8 | 1 << R9,
    X64_SET_INT = X64_SET_T | X64_SET_E,
    X64_SET_FLOAT = 0x3FFF << X64_XMM,
};
#define X64_BIT(reg) (1u << (reg))

static const uint8_t x64_int_args[X64_INT_ARGS] = {RSI, RDI, R8, R9, RDX, RCX};
static const uint8_t x64_saved[X64_SAVED_COUNT] = {RBP, R12, R13, R14, R10};

#endif
