/* x64_emit.h: the encoder of x86-64 instructions. Encodings live here and nowhere else; which
 * register holds what is decided by its users.
 *
 * An instruction is `x64_FORM(a, OPCODE, width, operands…)`, destination first, and reads like a
 * line of an assembler listing:
 *
 *     x64_rr(a, X64_ADD, X64_W32, RAX, RCX);                  add  eax, ecx
 *     x64_rm(a, X64_MOV, X64_W64, RDX, x64_at(RSP, 16));      mov  rdx, [rsp + 16]
 *     x64_vrrr(a, X64_ADDSD, XMM0, XMM1, XMM2);               vaddsd xmm0, xmm1, xmm2
 *
 * An opcode constant packs what the manual's table says of the instruction:
 *
 *     bit  15   14   13    12  11..10    9..8                7..0
 *          dst8 src8 2op   W   prefix    map                 opcode byte
 *               the register (dst8) or r/m (src8) operand is a byte register, so that SPL…DIL
 *               need a REX prefix; prefix: 0 none 1 66 2 F3 3 F2; map: 0 one-byte 1 0F 2 0F38
 *               3 0F3A; 2op: the VEX form has only two operands (vvvv is 1111)
 *
 * The assembler never checks for room: before each run of at most X64_ROOM bytes the caller asks
 * x64_has_room. All of it is inline, so that constant opcodes fold. */
#ifndef GB_ENGINE_X64_EMIT_H
#define GB_ENGINE_X64_EMIT_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef enum x64_reg {
    RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15,
    X64_NONE, /* no index, or no register */
    X64_RIP,  /* as a base: disp is relative to the end of the instruction */
} x64_reg;

/* Only the low four bits of a register number are encoded, so users may keep vector registers apart
 * as 16 to 31. */
enum { XMM0, XMM1, XMM2, XMM3, XMM4, XMM5, XMM6, XMM7, XMM8, XMM9, XMM10, XMM11, XMM12, XMM13, XMM14, XMM15 };

typedef enum x64_width { X64_W32 = 0, X64_W64 = 1 } x64_width;

/* Condition codes as in Jcc, SETcc and CMOVcc; the lowest bit negates. */
typedef enum x64_cc {
    X64_O, X64_NO, X64_B, X64_AE, X64_E, X64_NE, X64_BE, X64_A,
    X64_S, X64_NS, X64_P, X64_NP, X64_L, X64_GE, X64_LE, X64_G,
} x64_cc;

typedef struct x64_mem {
    uint8_t base, index, scale; /* scale is a power: 0..3 */
    int32_t disp;
} x64_mem;

static inline x64_mem x64_at(unsigned base, int32_t disp) {
    return (x64_mem){(uint8_t)base, X64_NONE, 0, disp};
}
static inline x64_mem x64_at_index(unsigned base, unsigned index, unsigned scale, int32_t disp) {
    return (x64_mem){(uint8_t)base, (uint8_t)index, (uint8_t)scale, disp};
}

#define X64_OP(prefix, map, byte) ((prefix) << 10 | (map) << 8 | (byte))
#define X64_OPW (1 << 12)
#define X64_OP2 (1 << 13)
#define X64_SRC8 (1 << 14)
#define X64_DST8 (1 << 15)

/* Integer instructions; the register operand is the destination unless the name says STORE. */
enum {
    X64_ADD = 0x03, X64_OR = 0x0B, X64_ADC = 0x13, X64_SBB = 0x1B,
    X64_AND = 0x23, X64_SUB = 0x2B, X64_XOR = 0x33, X64_CMP = 0x3B,
    X64_TEST = 0x85, X64_MOV = 0x8B, X64_LEA = 0x8D, X64_MOVSXD = 0x63,
    X64_STORE = 0x89, X64_STORE8 = 0x88 | X64_DST8, X64_STORE16 = X64_OP(1, 0, 0x89),
    X64_ADD_STORE = 0x01, X64_OR_STORE = 0x09, X64_AND_STORE = 0x21, X64_SUB_STORE = 0x29,
    X64_XOR_STORE = 0x31, X64_CMP_STORE = 0x39,
    X64_IMUL = X64_OP(0, 1, 0xAF),
    X64_MOVZX8 = X64_OP(0, 1, 0xB6) | X64_SRC8, X64_MOVZX16 = X64_OP(0, 1, 0xB7),
    X64_MOVSX8 = X64_OP(0, 1, 0xBE) | X64_SRC8, X64_MOVSX16 = X64_OP(0, 1, 0xBF),
    X64_BSF = X64_OP(0, 1, 0xBC), X64_BSR = X64_OP(0, 1, 0xBD),
    X64_POPCNT = X64_OP(2, 1, 0xB8), X64_TZCNT = X64_OP(2, 1, 0xBC), X64_LZCNT = X64_OP(2, 1, 0xBD),
    X64_CMOV = X64_OP(0, 1, 0x40), /* + condition */
    /* BMI: VEX-encoded, three operands (x64_vwrrr) */
    X64_ANDN = X64_OP(0, 2, 0xF2), X64_SHLX = X64_OP(1, 2, 0xF7),
    X64_SARX = X64_OP(2, 2, 0xF7), X64_SHRX = X64_OP(3, 2, 0xF7),
    X64_RORX = X64_OP(3, 3, 0xF0) | X64_OP2, /* + imm8 */
};

/* /digit of the groups 80 (arithmetic), C0 (shifts) and F6 (unary). */
enum { X64_G_ADD, X64_G_OR, X64_G_ADC, X64_G_SBB, X64_G_AND, X64_G_SUB, X64_G_XOR, X64_G_CMP };
enum { X64_G_ROL = 0, X64_G_ROR = 1, X64_G_SHL = 4, X64_G_SHR = 5, X64_G_SAR = 7 };
enum { X64_G_NOT = 2, X64_G_NEG = 3, X64_G_MUL = 4, X64_G_IMUL = 5, X64_G_DIV = 6, X64_G_IDIV = 7 };

/* SSE. Where AVX is there, x64_vrrr encodes the same constants with a third operand. */
enum {
    X64_MOVUPS = X64_OP(0, 1, 0x10) | X64_OP2, X64_MOVUPS_STORE = X64_OP(0, 1, 0x11) | X64_OP2,
    X64_MOVAPS = X64_OP(0, 1, 0x28) | X64_OP2,
    X64_MOVSS = X64_OP(2, 1, 0x10), X64_MOVSS_STORE = X64_OP(2, 1, 0x11),
    X64_MOVSD = X64_OP(3, 1, 0x10), X64_MOVSD_STORE = X64_OP(3, 1, 0x11),
    X64_MOVD = X64_OP(1, 1, 0x6E) | X64_OP2, X64_MOVD_STORE = X64_OP(1, 1, 0x7E) | X64_OP2,
    X64_MOVQ = X64_OP(2, 1, 0x7E) | X64_OP2, X64_MOVQ_STORE = X64_OP(1, 1, 0xD6) | X64_OP2,
    X64_MOVHPS = X64_OP(0, 1, 0x16), X64_MOVHPS_STORE = X64_OP(0, 1, 0x17),
    X64_MOVLHPS = X64_OP(0, 1, 0x16), X64_MOVHLPS = X64_OP(0, 1, 0x12),
    X64_MOVDDUP = X64_OP(3, 1, 0x12) | X64_OP2, X64_UNPCKLPS = X64_OP(0, 1, 0x14),
    X64_CVTSI2SS = X64_OP(2, 1, 0x2A), X64_CVTSI2SD = X64_OP(3, 1, 0x2A),
    X64_CVTTSS2SI = X64_OP(2, 1, 0x2C) | X64_OP2, X64_CVTTSD2SI = X64_OP(3, 1, 0x2C) | X64_OP2,
    X64_CVTSS2SD = X64_OP(2, 1, 0x5A), X64_CVTSD2SS = X64_OP(3, 1, 0x5A),
    X64_UCOMISS = X64_OP(0, 1, 0x2E) | X64_OP2, X64_UCOMISD = X64_OP(1, 1, 0x2E) | X64_OP2,
    X64_SQRTSS = X64_OP(2, 1, 0x51), X64_SQRTSD = X64_OP(3, 1, 0x51),
    X64_ADDSS = X64_OP(2, 1, 0x58), X64_ADDSD = X64_OP(3, 1, 0x58),
    X64_MULSS = X64_OP(2, 1, 0x59), X64_MULSD = X64_OP(3, 1, 0x59),
    X64_SUBSS = X64_OP(2, 1, 0x5C), X64_SUBSD = X64_OP(3, 1, 0x5C),
    X64_MINSS = X64_OP(2, 1, 0x5D), X64_MINSD = X64_OP(3, 1, 0x5D),
    X64_DIVSS = X64_OP(2, 1, 0x5E), X64_DIVSD = X64_OP(3, 1, 0x5E),
    X64_MAXSS = X64_OP(2, 1, 0x5F), X64_MAXSD = X64_OP(3, 1, 0x5F),
    X64_ANDPS = X64_OP(0, 1, 0x54), X64_ANDNPS = X64_OP(0, 1, 0x55),
    X64_ORPS = X64_OP(0, 1, 0x56), X64_XORPS = X64_OP(0, 1, 0x57),
    X64_ANDPD = X64_OP(1, 1, 0x54), X64_ANDNPD = X64_OP(1, 1, 0x55),
    X64_ORPD = X64_OP(1, 1, 0x56), X64_XORPD = X64_OP(1, 1, 0x57),
    X64_ADDPS = X64_OP(0, 1, 0x58), X64_ADDPD = X64_OP(1, 1, 0x58),
    X64_MULPS = X64_OP(0, 1, 0x59), X64_MULPD = X64_OP(1, 1, 0x59),
    X64_SUBPS = X64_OP(0, 1, 0x5C), X64_SUBPD = X64_OP(1, 1, 0x5C),
    X64_MINPS = X64_OP(0, 1, 0x5D), X64_MINPD = X64_OP(1, 1, 0x5D),
    X64_DIVPS = X64_OP(0, 1, 0x5E), X64_DIVPD = X64_OP(1, 1, 0x5E),
    X64_MAXPS = X64_OP(0, 1, 0x5F), X64_MAXPD = X64_OP(1, 1, 0x5F),
    X64_SQRTPS = X64_OP(0, 1, 0x51) | X64_OP2, X64_SQRTPD = X64_OP(1, 1, 0x51) | X64_OP2,
    X64_CMPPS = X64_OP(0, 1, 0xC2), X64_CMPPD = X64_OP(1, 1, 0xC2), /* + imm8 */
    X64_CMPSS = X64_OP(2, 1, 0xC2), X64_CMPSD = X64_OP(3, 1, 0xC2), /* + imm8 */
    X64_SHUFPS = X64_OP(0, 1, 0xC6), X64_SHUFPD = X64_OP(1, 1, 0xC6), /* + imm8 */
    X64_CVTDQ2PS = X64_OP(0, 1, 0x5B) | X64_OP2, X64_CVTTPS2DQ = X64_OP(2, 1, 0x5B) | X64_OP2,
    X64_CVTDQ2PD = X64_OP(2, 1, 0xE6) | X64_OP2, X64_CVTTPD2DQ = X64_OP(1, 1, 0xE6) | X64_OP2,
    X64_CVTPS2PD = X64_OP(0, 1, 0x5A) | X64_OP2, X64_CVTPD2PS = X64_OP(1, 1, 0x5A) | X64_OP2,
    X64_UNPCKLPD = X64_OP(1, 1, 0x14), X64_UNPCKHPD = X64_OP(1, 1, 0x15),
    X64_MOVMSKPS = X64_OP(0, 1, 0x50) | X64_OP2, X64_MOVMSKPD = X64_OP(1, 1, 0x50) | X64_OP2,
    X64_PMOVMSKB = X64_OP(1, 1, 0xD7) | X64_OP2,
    X64_ROUNDSS = X64_OP(1, 3, 0x0A), X64_ROUNDSD = X64_OP(1, 3, 0x0B), /* + imm8 */
    X64_ROUNDPS = X64_OP(1, 3, 0x08) | X64_OP2, X64_ROUNDPD = X64_OP(1, 3, 0x09) | X64_OP2,
    X64_PUNPCKLBW = X64_OP(1, 1, 0x60), X64_PUNPCKLWD = X64_OP(1, 1, 0x61),
    X64_PUNPCKLDQ = X64_OP(1, 1, 0x62), X64_PUNPCKLQDQ = X64_OP(1, 1, 0x6C),
    X64_PUNPCKHBW = X64_OP(1, 1, 0x68), X64_PUNPCKHWD = X64_OP(1, 1, 0x69),
    X64_PUNPCKHDQ = X64_OP(1, 1, 0x6A), X64_PUNPCKHQDQ = X64_OP(1, 1, 0x6D),
    X64_PACKSSWB = X64_OP(1, 1, 0x63), X64_PACKSSDW = X64_OP(1, 1, 0x6B),
    X64_PACKUSWB = X64_OP(1, 1, 0x67), X64_PACKUSDW = X64_OP(1, 2, 0x2B),
    X64_PCMPEQB = X64_OP(1, 1, 0x74), X64_PCMPEQW = X64_OP(1, 1, 0x75),
    X64_PCMPEQD = X64_OP(1, 1, 0x76), X64_PCMPEQQ = X64_OP(1, 2, 0x29),
    X64_PCMPGTB = X64_OP(1, 1, 0x64), X64_PCMPGTW = X64_OP(1, 1, 0x65),
    X64_PCMPGTD = X64_OP(1, 1, 0x66), X64_PCMPGTQ = X64_OP(1, 2, 0x37), /* SSE4.2 */
    X64_PADDB = X64_OP(1, 1, 0xFC), X64_PADDW = X64_OP(1, 1, 0xFD),
    X64_PADDD = X64_OP(1, 1, 0xFE), X64_PADDQ = X64_OP(1, 1, 0xD4),
    X64_PSUBB = X64_OP(1, 1, 0xF8), X64_PSUBW = X64_OP(1, 1, 0xF9),
    X64_PSUBD = X64_OP(1, 1, 0xFA), X64_PSUBQ = X64_OP(1, 1, 0xFB),
    X64_PADDSB = X64_OP(1, 1, 0xEC), X64_PADDSW = X64_OP(1, 1, 0xED),
    X64_PADDUSB = X64_OP(1, 1, 0xDC), X64_PADDUSW = X64_OP(1, 1, 0xDD),
    X64_PSUBSB = X64_OP(1, 1, 0xE8), X64_PSUBSW = X64_OP(1, 1, 0xE9),
    X64_PSUBUSB = X64_OP(1, 1, 0xD8), X64_PSUBUSW = X64_OP(1, 1, 0xD9),
    X64_PMULLW = X64_OP(1, 1, 0xD5), X64_PMULHW = X64_OP(1, 1, 0xE5),
    X64_PMULHUW = X64_OP(1, 1, 0xE4), X64_PMULLD = X64_OP(1, 2, 0x40),
    X64_PMULUDQ = X64_OP(1, 1, 0xF4), X64_PMULDQ = X64_OP(1, 2, 0x28),
    X64_PMULHRSW = X64_OP(1, 2, 0x0B), X64_PMADDWD = X64_OP(1, 1, 0xF5),
    X64_PMADDUBSW = X64_OP(1, 2, 0x04), X64_PAVGB = X64_OP(1, 1, 0xE0), X64_PAVGW = X64_OP(1, 1, 0xE3),
    X64_PMINSB = X64_OP(1, 2, 0x38), X64_PMINSW = X64_OP(1, 1, 0xEA), X64_PMINSD = X64_OP(1, 2, 0x39),
    X64_PMINUB = X64_OP(1, 1, 0xDA), X64_PMINUW = X64_OP(1, 2, 0x3A), X64_PMINUD = X64_OP(1, 2, 0x3B),
    X64_PMAXSB = X64_OP(1, 2, 0x3C), X64_PMAXSW = X64_OP(1, 1, 0xEE), X64_PMAXSD = X64_OP(1, 2, 0x3D),
    X64_PMAXUB = X64_OP(1, 1, 0xDE), X64_PMAXUW = X64_OP(1, 2, 0x3E), X64_PMAXUD = X64_OP(1, 2, 0x3F),
    X64_PAND = X64_OP(1, 1, 0xDB), X64_PANDN = X64_OP(1, 1, 0xDF),
    X64_POR = X64_OP(1, 1, 0xEB), X64_PXOR = X64_OP(1, 1, 0xEF),
    X64_PSLLW = X64_OP(1, 1, 0xF1), X64_PSLLD = X64_OP(1, 1, 0xF2), X64_PSLLQ = X64_OP(1, 1, 0xF3),
    X64_PSRLW = X64_OP(1, 1, 0xD1), X64_PSRLD = X64_OP(1, 1, 0xD2), X64_PSRLQ = X64_OP(1, 1, 0xD3),
    X64_PSRAW = X64_OP(1, 1, 0xE1), X64_PSRAD = X64_OP(1, 1, 0xE2),
    X64_PSHUFB = X64_OP(1, 2, 0x00), X64_PSHUFD = X64_OP(1, 1, 0x70) | X64_OP2,
    X64_PSHUFLW = X64_OP(3, 1, 0x70) | X64_OP2, X64_PSHUFHW = X64_OP(2, 1, 0x70) | X64_OP2,
    X64_PALIGNR = X64_OP(1, 3, 0x0F), X64_PBLENDW = X64_OP(1, 3, 0x0E), /* + imm8 */
    X64_PABSB = X64_OP(1, 2, 0x1C) | X64_OP2, X64_PABSW = X64_OP(1, 2, 0x1D) | X64_OP2,
    X64_PABSD = X64_OP(1, 2, 0x1E) | X64_OP2, X64_PTEST = X64_OP(1, 2, 0x17) | X64_OP2,
    X64_PMOVSXBW = X64_OP(1, 2, 0x20) | X64_OP2, X64_PMOVSXWD = X64_OP(1, 2, 0x23) | X64_OP2,
    X64_PMOVSXDQ = X64_OP(1, 2, 0x25) | X64_OP2, X64_PMOVZXBW = X64_OP(1, 2, 0x30) | X64_OP2,
    X64_PMOVZXWD = X64_OP(1, 2, 0x33) | X64_OP2, X64_PMOVZXDQ = X64_OP(1, 2, 0x35) | X64_OP2,
    /* + imm8; the register is the xmm, r/m the general register or memory */
    X64_PEXTRB = X64_OP(1, 3, 0x14) | X64_OP2, X64_PEXTRW = X64_OP(1, 3, 0x15) | X64_OP2,
    X64_PEXTRD = X64_OP(1, 3, 0x16) | X64_OP2, X64_EXTRACTPS = X64_OP(1, 3, 0x17) | X64_OP2,
    X64_PINSRB = X64_OP(1, 3, 0x20), X64_PINSRW = X64_OP(1, 1, 0xC4), X64_PINSRD = X64_OP(1, 3, 0x22),
    X64_INSERTPS = X64_OP(1, 3, 0x21),
    /* the implicit mask is xmm0: no VEX form under these numbers */
    X64_PBLENDVB = X64_OP(1, 2, 0x10), X64_BLENDVPS = X64_OP(1, 2, 0x14), X64_BLENDVPD = X64_OP(1, 2, 0x15),
};

enum { X64_ROOM = 1024 }; /* bytes that x64_has_room promises */

typedef struct x64_asm {
    uint8_t *p;     /* where the next byte goes */
    uint8_t *start; /* offsets of labels count from here */
    uint8_t *end;
} x64_asm;

static inline bool x64_has_room(const x64_asm *a, size_t bytes) {
    return (size_t)(a->end - a->p) >= bytes + X64_ROOM;
}
static inline uint32_t x64_offset(const x64_asm *a) { return (uint32_t)(a->p - a->start); }

static inline void x64_u8(x64_asm *a, unsigned v) { *a->p++ = (uint8_t)v; }
static inline void x64_u32(x64_asm *a, uint32_t v) {
    memcpy(a->p, &v, 4); /* the host of this encoder is the target: little-endian */
    a->p += 4;
}
static inline void x64_u64(x64_asm *a, uint64_t v) {
    memcpy(a->p, &v, 8);
    a->p += 8;
}
static inline void x64_patch32(uint8_t *at, uint32_t v) { memcpy(at, &v, 4); }

/* ---- the parts of an instruction ------------------------------------------------------------ */

/* Mandatory prefix, REX, escape bytes and opcode; r, x, b are registers whose bit 3 goes to REX. */
static inline void x64_opcode(x64_asm *a, uint32_t op, unsigned w, unsigned r, unsigned x, unsigned b,
                              bool byte_reg) {
    static const uint8_t prefixes[4] = {0, 0x66, 0xF3, 0xF2};
    unsigned prefix = op >> 10 & 3, map = op >> 8 & 3;
    if (prefix) x64_u8(a, prefixes[prefix]);
    unsigned rex = (w | (op >> 12 & 1)) << 3 | (r >> 3 & 1) << 2 | (x >> 3 & 1) << 1 | (b >> 3 & 1);
    if (rex || byte_reg) x64_u8(a, 0x40 | rex);
    if (map) {
        x64_u8(a, 0x0F);
        if (map > 1) x64_u8(a, map == 2 ? 0x38 : 0x3A);
    }
    x64_u8(a, op & 0xFF);
}

static inline void x64_modrm_reg(x64_asm *a, unsigned reg, unsigned rm) {
    x64_u8(a, 0xC0 | (reg & 7) << 3 | (rm & 7));
}

static inline void x64_modrm_mem(x64_asm *a, unsigned reg, x64_mem m) {
    unsigned r = (reg & 7) << 3;
    if (m.base == X64_RIP) {
        x64_u8(a, r | 5);
        x64_u32(a, (uint32_t)m.disp);
        return;
    }
    unsigned b = m.base & 7u;
    /* rbp and r13 as a base need a displacement; rsp and r12 need a SIB byte. */
    unsigned mod = m.disp == 0 && b != 5 ? 0u : m.disp == (int8_t)m.disp ? 1u : 2u;
    if (m.index == X64_NONE && b != 4) {
        x64_u8(a, mod << 6 | r | b);
    } else {
        assert(m.index != RSP);
        unsigned i = m.index == X64_NONE ? 4u : m.index & 7u;
        x64_u8(a, mod << 6 | r | 4);
        x64_u8(a, (unsigned)m.scale << 6 | i << 3 | b);
    }
    if (mod == 1) {
        x64_u8(a, (unsigned)m.disp & 0xFF);
    } else if (mod == 2) {
        x64_u32(a, (uint32_t)m.disp);
    }
}

/* Bits 3 of index and base as REX and VEX want them; X64_NONE and X64_RIP count as zero. */
static inline unsigned x64_index_bit(x64_mem m) { return m.index == X64_NONE ? 0 : m.index; }
static inline unsigned x64_base_bit(x64_mem m) { return m.base == X64_RIP ? 0 : m.base; }

/* ---- instruction forms ---------------------------------------------------------------------- */

static inline void x64_rr(x64_asm *a, uint32_t op, x64_width w, unsigned reg, unsigned rm) {
    bool byte_reg = ((op & X64_DST8) && reg >= 4) || ((op & X64_SRC8) && rm >= 4);
    x64_opcode(a, op, w, reg, 0, rm, byte_reg);
    x64_modrm_reg(a, reg, rm);
}
static inline void x64_rm(x64_asm *a, uint32_t op, x64_width w, unsigned reg, x64_mem m) {
    x64_opcode(a, op, w, reg, x64_index_bit(m), x64_base_bit(m), (op & X64_DST8) && reg >= 4);
    x64_modrm_mem(a, reg, m);
}
/* With an 8-bit immediate. A rip-relative m must count it: disp is relative to the end. */
static inline void x64_rri8(x64_asm *a, uint32_t op, x64_width w, unsigned reg, unsigned rm, unsigned imm) {
    x64_rr(a, op, w, reg, rm);
    x64_u8(a, imm);
}
static inline void x64_rmi8(x64_asm *a, uint32_t op, x64_width w, unsigned reg, x64_mem m, unsigned imm) {
    x64_rm(a, op, w, reg, m);
    x64_u8(a, imm);
}

/* VEX: 128-bit (L = 0). `src` is the first source, in vvvv; `rm` the second. */
static inline void x64_vex(x64_asm *a, uint32_t op, unsigned w, unsigned reg, unsigned src, unsigned x,
                           unsigned b) {
    unsigned map = op >> 8 & 3, pp = op >> 10 & 3;
    unsigned v = op & X64_OP2 ? 15 : ~src & 15;
    /* The 66 F3 F2 order of pp is the same as in x64_opcode. */
    w |= op >> 12 & 1;
    if (map == 1 && !w && !(x & 8) && !(b & 8)) {
        x64_u8(a, 0xC5);
        x64_u8(a, (~reg & 8) << 4 | v << 3 | pp);
    } else {
        x64_u8(a, 0xC4);
        x64_u8(a, (~reg & 8) << 4 | (~x & 8) << 3 | (~b & 8) << 2 | map);
        x64_u8(a, w << 7 | v << 3 | pp);
    }
    x64_u8(a, op & 0xFF);
}
static inline void x64_vwrrr(x64_asm *a, uint32_t op, x64_width w, unsigned reg, unsigned src, unsigned rm) {
    x64_vex(a, op, w, reg, src, 0, rm);
    x64_modrm_reg(a, reg, rm);
}
static inline void x64_vrrr(x64_asm *a, uint32_t op, unsigned reg, unsigned src, unsigned rm) {
    x64_vwrrr(a, op, X64_W32, reg, src, rm);
}
static inline void x64_vrrm(x64_asm *a, uint32_t op, unsigned reg, unsigned src, x64_mem m) {
    x64_vex(a, op, 0, reg, src, x64_index_bit(m), x64_base_bit(m));
    x64_modrm_mem(a, reg, m);
}
static inline void x64_vwrrm(x64_asm *a, uint32_t op, x64_width w, unsigned reg, unsigned src, x64_mem m) {
    x64_vex(a, op, w, reg, src, x64_index_bit(m), x64_base_bit(m));
    x64_modrm_mem(a, reg, m);
}

/* op r/m, imm of group 80: `g` is X64_G_ADD… */
static inline void x64_ri(x64_asm *a, unsigned g, x64_width w, unsigned rm, int32_t imm) {
    bool small = imm == (int8_t)imm;
    x64_opcode(a, small ? 0x83 : 0x81, w, 0, 0, rm, false);
    x64_modrm_reg(a, g, rm);
    if (small) {
        x64_u8(a, (unsigned)imm & 0xFF);
    } else {
        x64_u32(a, (uint32_t)imm);
    }
}
static inline void x64_mi(x64_asm *a, unsigned g, x64_width w, x64_mem m, int32_t imm) {
    bool small = imm == (int8_t)imm;
    x64_opcode(a, small ? 0x83 : 0x81, w, 0, x64_index_bit(m), x64_base_bit(m), false);
    x64_modrm_mem(a, g, m);
    if (small) {
        x64_u8(a, (unsigned)imm & 0xFF);
    } else {
        x64_u32(a, (uint32_t)imm);
    }
}
static inline void x64_cmp_mi8(x64_asm *a, x64_mem m, unsigned imm) {
    x64_opcode(a, 0x80, 0, 0, x64_index_bit(m), x64_base_bit(m), false);
    x64_modrm_mem(a, 7, m);
    x64_u8(a, imm);
}
static inline void x64_cmp_mi16(x64_asm *a, x64_mem m, unsigned imm) {
    x64_opcode(a, X64_OP(1, 0, 0x81), 0, 0, x64_index_bit(m), x64_base_bit(m), false);
    x64_modrm_mem(a, 7, m);
    x64_u8(a, imm & 0xFF);
    x64_u8(a, imm >> 8 & 0xFF);
}
static inline void x64_test_ri(x64_asm *a, x64_width w, unsigned rm, int32_t imm) {
    x64_opcode(a, 0xF7, w, 0, 0, rm, false);
    x64_modrm_reg(a, 0, rm);
    x64_u32(a, (uint32_t)imm);
}
static inline void x64_imul_rri(x64_asm *a, x64_width w, unsigned reg, unsigned rm, int32_t imm) {
    bool small = imm == (int8_t)imm;
    x64_opcode(a, small ? 0x6B : 0x69, w, reg, 0, rm, false);
    x64_modrm_reg(a, reg, rm);
    if (small) {
        x64_u8(a, (unsigned)imm & 0xFF);
    } else {
        x64_u32(a, (uint32_t)imm);
    }
}
/* Shift or rotate (X64_G_SHL…) by a constant, or by cl. */
static inline void x64_shift_ri(x64_asm *a, unsigned g, x64_width w, unsigned rm, unsigned count) {
    x64_opcode(a, 0xC1, w, 0, 0, rm, false);
    x64_modrm_reg(a, g, rm);
    x64_u8(a, count);
}
static inline void x64_shift_cl(x64_asm *a, unsigned g, x64_width w, unsigned rm) {
    x64_opcode(a, 0xD3, w, 0, 0, rm, false);
    x64_modrm_reg(a, g, rm);
}
/* not, neg, mul, div… (X64_G_NOT…) */
static inline void x64_unary(x64_asm *a, unsigned g, x64_width w, unsigned rm) {
    x64_opcode(a, 0xF7, w, 0, 0, rm, false);
    x64_modrm_reg(a, g, rm);
}
static inline void x64_cdq(x64_asm *a, x64_width w) { /* cdq, or cqo */
    if (w) x64_u8(a, 0x48);
    x64_u8(a, 0x99);
}
/* The shortest move of a constant into a register. Leaves the flags alone (no xor). The upper half
 * of the register is zero after a 32-bit move. */
static inline void x64_mov_ri(x64_asm *a, x64_width w, unsigned reg, uint64_t imm) {
    if (!w || imm <= UINT32_MAX) {
        if (reg >= 8) x64_u8(a, 0x41);
        x64_u8(a, 0xB8 | (reg & 7));
        x64_u32(a, (uint32_t)imm);
    } else if ((int64_t)imm == (int32_t)imm) {
        x64_opcode(a, 0xC7, 1, 0, 0, reg, false);
        x64_modrm_reg(a, 0, reg);
        x64_u32(a, (uint32_t)imm);
    } else {
        x64_u8(a, 0x48 | (reg >= 8));
        x64_u8(a, 0xB8 | (reg & 7));
        x64_u64(a, imm);
    }
}
/* mov [m], imm: sign-extended to 64 bits when wide. */
static inline void x64_mov_mi(x64_asm *a, x64_width w, x64_mem m, int32_t imm) {
    x64_opcode(a, 0xC7, w, 0, x64_index_bit(m), x64_base_bit(m), false);
    x64_modrm_mem(a, 0, m);
    x64_u32(a, (uint32_t)imm);
}
static inline void x64_mov_mi8(x64_asm *a, x64_mem m, unsigned imm) {
    x64_opcode(a, 0xC6, 0, 0, x64_index_bit(m), x64_base_bit(m), false);
    x64_modrm_mem(a, 0, m);
    x64_u8(a, imm & 0xFF);
}
static inline void x64_mov_mi16(x64_asm *a, x64_mem m, unsigned imm) {
    x64_opcode(a, X64_OP(1, 0, 0xC7), 0, 0, x64_index_bit(m), x64_base_bit(m), false);
    x64_modrm_mem(a, 0, m);
    x64_u8(a, imm & 0xFF);
    x64_u8(a, imm >> 8 & 0xFF);
}
static inline void x64_setcc(x64_asm *a, x64_cc cc, unsigned reg) {
    x64_opcode(a, X64_OP(0, 1, 0x90) | (uint32_t)cc, 0, 0, 0, reg, reg >= 4);
    x64_modrm_reg(a, 0, reg);
}
static inline void x64_push_r(x64_asm *a, unsigned reg) {
    if (reg >= 8) x64_u8(a, 0x41);
    x64_u8(a, 0x50 | (reg & 7));
}
static inline void x64_pop_r(x64_asm *a, unsigned reg) {
    if (reg >= 8) x64_u8(a, 0x41);
    x64_u8(a, 0x58 | (reg & 7));
}
static inline void x64_ret(x64_asm *a) { x64_u8(a, 0xC3); }
static inline void x64_ud2(x64_asm *a) {
    x64_u8(a, 0x0F);
    x64_u8(a, 0x0B);
}
static inline void x64_call_m(x64_asm *a, x64_mem m) {
    x64_opcode(a, 0xFF, 0, 0, x64_index_bit(m), x64_base_bit(m), false);
    x64_modrm_mem(a, 2, m);
}
static inline void x64_call_r(x64_asm *a, unsigned reg) {
    x64_opcode(a, 0xFF, 0, 0, 0, reg, false);
    x64_modrm_reg(a, 2, reg);
}
static inline void x64_jmp_m(x64_asm *a, x64_mem m) {
    x64_opcode(a, 0xFF, 0, 0, x64_index_bit(m), x64_base_bit(m), false);
    x64_modrm_mem(a, 4, m);
}
static inline void x64_jmp_r(x64_asm *a, unsigned reg) {
    x64_opcode(a, 0xFF, 0, 0, 0, reg, false);
    x64_modrm_reg(a, 4, reg);
}
/* Shift an xmm register by a constant: W, D or Q lanes (71, 72, 73); g is 2 srl, 4 sra, 6 sll,
 * and with Q lanes 3 and 7 whole bytes. */
static inline void x64_pshift_i(x64_asm *a, unsigned byte, unsigned g, unsigned xmm, unsigned count) {
    x64_opcode(a, X64_OP(1u, 1u, byte), 0, 0, 0, xmm, false);
    x64_modrm_reg(a, g, xmm);
    x64_u8(a, count);
}
/* The same, from another register (AVX). */
static inline void x64_vpshift_i(x64_asm *a, unsigned byte, unsigned g, unsigned dst, unsigned xmm,
                                 unsigned count) {
    x64_vex(a, X64_OP(1u, 1u, byte), 0, 0, dst, 0, xmm);
    x64_modrm_reg(a, g, xmm);
    x64_u8(a, count);
}
/* The four-operand blends of AVX: 4A blendvps, 4B blendvpd, 4C pblendvb. */
static inline void x64_vblendv(x64_asm *a, unsigned byte, unsigned dst, unsigned src, unsigned rm,
                               unsigned mask) {
    x64_vex(a, X64_OP(1u, 3u, byte), 0, dst, src, 0, rm);
    x64_modrm_reg(a, dst, rm);
    x64_u8(a, (mask & 15) << 4);
}

/* ---- labels --------------------------------------------------------------------------------- */

/* A place in the code, known or yet to come. Jumps to a label that is not yet bound are chained
 * through their own displacement fields, so a label costs no memory but itself. Zero-initialise. */
typedef struct x64_label {
    uint32_t at;    /* offset + 1 once bound */
    uint32_t chain; /* offset + 1 of the displacement that was written last, while unbound */
} x64_label;

static inline bool x64_label_used(const x64_label *l) { return l->chain != 0; }

static inline void x64_label_rel32(x64_asm *a, x64_label *l) {
    if (l->at) {
        x64_u32(a, l->at - 1 - (x64_offset(a) + 4));
    } else {
        uint32_t here = x64_offset(a) + 1;
        x64_u32(a, l->chain);
        l->chain = here;
    }
}
static inline void x64_bind(x64_asm *a, x64_label *l) {
    assert(!l->at);
    uint32_t here = x64_offset(a);
    for (uint32_t next = l->chain; next;) {
        uint8_t *field = a->start + next - 1;
        uint32_t older;
        memcpy(&older, field, 4);
        x64_patch32(field, here - (next - 1 + 4));
        next = older;
    }
    l->chain = 0;
    l->at = here + 1;
}
static inline bool x64_label_near(const x64_asm *a, const x64_label *l) {
    return l->at && x64_offset(a) + 2 - (l->at - 1) <= 128;
}
static inline void x64_jmp(x64_asm *a, x64_label *l) {
    if (x64_label_near(a, l)) {
        x64_u8(a, 0xEB);
        x64_u8(a, (l->at - 1 - (x64_offset(a) + 1)) & 0xFF);
        return;
    }
    x64_u8(a, 0xE9);
    x64_label_rel32(a, l);
}
static inline void x64_jcc(x64_asm *a, x64_cc cc, x64_label *l) {
    if (x64_label_near(a, l)) {
        x64_u8(a, 0x70u | cc);
        x64_u8(a, (l->at - 1 - (x64_offset(a) + 1)) & 0xFF);
        return;
    }
    x64_u8(a, 0x0F);
    x64_u8(a, 0x80u | cc);
    x64_label_rel32(a, l);
}
static inline void x64_call(x64_asm *a, x64_label *l) {
    x64_u8(a, 0xE8);
    x64_label_rel32(a, l);
}
/* lea reg, [rip + label] */
static inline void x64_lea_label(x64_asm *a, unsigned reg, x64_label *l) {
    x64_opcode(a, X64_LEA, 1, reg, 0, 0, false);
    x64_u8(a, (reg & 7) << 3 | 5);
    x64_label_rel32(a, l);
}
/* A short jump over a few bytes that follow at once: returns the field for x64_land. */
static inline uint8_t *x64_jcc_short(x64_asm *a, x64_cc cc) {
    x64_u8(a, 0x70u | cc);
    x64_u8(a, 0);
    return a->p;
}
static inline uint8_t *x64_jmp_short(x64_asm *a) {
    x64_u8(a, 0xEB);
    x64_u8(a, 0);
    return a->p;
}
static inline void x64_land(x64_asm *a, uint8_t *from) {
    assert(a->p - from <= 127);
    from[-1] = (uint8_t)(a->p - from);
}

#endif
