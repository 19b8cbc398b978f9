/* Every instruction form of the encoder next to its assembler text. Writes the machine code to the
 * first file and the listing to the second; encode.sh assembles the listing with the system's
 * assembler and compares the two disassemblies. */
#include "engine/x64/x64_emit.h"

#include <stdio.h>
#include <stdlib.h>

static uint8_t code[1 << 22];
static x64_asm as = {code, code, code + sizeof code};
static FILE *text;

#define LINE(...) (fprintf(text, __VA_ARGS__), fputc('\n', text))

static const char *const r64[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                  "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
static const char *const r32[] = {"eax", "ecx", "edx",  "ebx",  "esp",  "ebp",  "esi",  "edi",
                                  "r8d", "r9d", "r10d", "r11d", "r12d", "r13d", "r14d", "r15d"};
static const char *const r16[] = {"ax",  "cx",  "dx",   "bx",   "sp",   "bp",   "si",   "di",
                                  "r8w", "r9w", "r10w", "r11w", "r12w", "r13w", "r14w", "r15w"};
static const char *const r8[] = {"al",  "cl",  "dl",   "bl",   "spl",  "bpl",  "sil",  "dil",
                                 "r8b", "r9b", "r10b", "r11b", "r12b", "r13b", "r14b", "r15b"};
static const char *const cc_names[] = {"o", "no", "b", "ae", "e", "ne", "be", "a",
                                       "s", "ns", "p", "np", "l", "ge", "le", "g"};

static const char *gpr(x64_width w, unsigned r) { return w ? r64[r] : r32[r]; }

static const char *mem(x64_mem m) {
    static char out[64];
    int n = snprintf(out, sizeof out, "[%s", r64[m.base]);
    if (m.index != X64_NONE) n += snprintf(out + n, 40, "+%s*%d", r64[m.index], 1 << m.scale);
    snprintf(out + n, 20, "%+d]", m.disp);
    return out;
}

static const x64_mem mems[] = {
    {RAX, X64_NONE, 0, 0},  {RBP, X64_NONE, 0, 0},     {R13, X64_NONE, 0, 0},      {RSP, X64_NONE, 0, 8},
    {R12, X64_NONE, 0, 0},  {RBX, X64_NONE, 0, 127},   {RBX, X64_NONE, 0, 128},    {R9, X64_NONE, 0, -128},
    {RBX, RCX, 0, 0},       {RBX, R10, 2, 0x12345678}, {R13, RBP, 3, 0},           {RBP, R12, 1, -4},
    {R12, RAX, 0, 1 << 20}, {RSP, RSI, 3, 16},         {RDI, R15, 0, -2147483647},
};
enum { N_MEMS = sizeof mems / sizeof *mems };

typedef struct op {
    uint32_t op;
    const char *name;
} op;

/* reg, r/m with full-width registers */
static void integers(void) {
    static const op ops[] = {
        {X64_ADD, "add"},       {X64_OR, "or"},         {X64_ADC, "adc"},         {X64_SBB, "sbb"},
        {X64_AND, "and"},       {X64_SUB, "sub"},       {X64_XOR, "xor"},         {X64_CMP, "cmp"},
        {X64_MOV, "mov"},       {X64_IMUL, "imul"},     {X64_BSF, "bsf"},         {X64_BSR, "bsr"},
        {X64_POPCNT, "popcnt"}, {X64_TZCNT, "tzcnt"},   {X64_LZCNT, "lzcnt"},     {X64_TEST, "test"},
{X64_CMOV + X64_B, "cmovb"}, {X64_CMOV + X64_G, "cmovg"}};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        for (unsigned w = 0; w < 2; w++) {
            for (unsigned r = 0; r < 16; r++) {
                unsigned s = (r * 5 + 3) & 15;
                x64_rr(&as, ops[i].op, w, r, s);
                bool swapped = ops[i].op == X64_TEST;
                LINE("%s %s,%s", ops[i].name, gpr(w, swapped ? s : r), gpr(w, swapped ? r : s));
            }
            for (unsigned m = 0; m < N_MEMS; m++) {
                x64_rm(&as, ops[i].op, w, m, mems[m]);
                LINE("%s %s,%s", ops[i].name, gpr(w, m), mem(mems[m]));
            }
        }
    static const op stores[] = {{X64_STORE, "mov"},     {X64_ADD_STORE, "add"}, {X64_OR_STORE, "or"},
                                {X64_AND_STORE, "and"}, {X64_SUB_STORE, "sub"}, {X64_XOR_STORE, "xor"},
                                {X64_CMP_STORE, "cmp"}};
    for (size_t i = 0; i < sizeof stores / sizeof *stores; i++)
        for (unsigned m = 0; m < N_MEMS; m++) {
            x64_rm(&as, stores[i].op, m & 1, m, mems[m]);
            LINE("%s %s,%s", stores[i].name, mem(mems[m]), gpr(m & 1, m));
        }
    for (unsigned r = 0; r < 16; r++) {
        unsigned s = (r * 7 + 5) & 15, w = r & 1;
        x64_mem m = mems[r % N_MEMS];
        x64_rm(&as, X64_STORE8, 0, r, m);
        LINE("mov %s,%s", mem(m), r8[r]);
        x64_rm(&as, X64_STORE16, 0, r, m);
        LINE("mov %s,%s", mem(m), r16[r]);
        x64_rm(&as, X64_LEA, w, r, m);
        LINE("lea %s,%s", gpr(w, r), mem(m));
        static const op widen[] = {{X64_MOVZX8, "movzx"}, {X64_MOVSX8, "movsx"}};
        for (unsigned i = 0; i < 2; i++) {
            x64_rr(&as, widen[i].op, w, r, s);
            LINE("%s %s,%s", widen[i].name, gpr(w, r), r8[s]);
            x64_rm(&as, widen[i].op, w, r, m);
            LINE("%s %s,byte ptr %s", widen[i].name, gpr(w, r), mem(m));
        }
        x64_rr(&as, X64_MOVZX16, w, r, s);
        LINE("movzx %s,%s", gpr(w, r), r16[s]);
        x64_rm(&as, X64_MOVSX16, w, r, m);
        LINE("movsx %s,word ptr %s", gpr(w, r), mem(m));
        x64_rr(&as, X64_MOVSXD, X64_W64, r, s);
        LINE("movsxd %s,%s", r64[r], r32[s]);
        x64_setcc(&as, (x64_cc)r, r);
        LINE("set%s %s", cc_names[r], r8[r]);
        x64_push_r(&as, r);
        LINE("push %s", r64[r]);
        x64_pop_r(&as, r);
        LINE("pop %s", r64[r]);
        x64_call_r(&as, r);
        LINE("call %s", r64[r]);
        x64_jmp_r(&as, r);
        LINE("jmp %s", r64[r]);
        x64_call_m(&as, m);
        LINE("call qword ptr %s", mem(m));
        x64_jmp_m(&as, m);
        LINE("jmp qword ptr %s", mem(m));
    }
}

static void immediates(void) {
    static const char *const arith[] = {"add", "or", "adc", "sbb", "and", "sub", "xor", "cmp"};
    static const char *const unary[] = {"", "", "not", "neg", "mul", "imul", "div", "idiv"};
    static const char *const shift[] = {"rol", "ror", "", "", "shl", "shr", "", "sar"};
    static const int32_t values[] = {0, 1, -1, 127, -128, 128, -129, 0x7fffffff, INT32_MIN};
    for (unsigned g = 0; g < 8; g++)
        for (unsigned r = 0; r < 16; r++) {
            unsigned w = r >> 1 & 1;
            int32_t v = values[(r + g) % 9];
            x64_mem m = mems[r % N_MEMS];
            x64_ri(&as, g, w, r, v);
            LINE("%s %s,%d", arith[g], gpr(w, r), v);
            x64_mi(&as, g, w, m, v);
            LINE("%s %s ptr %s,%d", arith[g], w ? "qword" : "dword", mem(m), v);
            if (g >= 2) {
                x64_unary(&as, g, w, r);
                LINE("%s %s", unary[g], gpr(w, r));
            }
            if (*shift[g]) {
                x64_shift_ri(&as, g, w, r, 3 + g);
                LINE("%s %s,%u", shift[g], gpr(w, r), 3 + g);
                x64_shift_cl(&as, g, w, r);
                LINE("%s %s,cl", shift[g], gpr(w, r));
            }
        }
    for (unsigned r = 0; r < 16; r++) {
        x64_mem m = mems[r % N_MEMS];
        int32_t v = values[r % 9];
        unsigned w = r & 1;
        x64_mov_ri(&as, X64_W32, r, (uint32_t)v);
        LINE("mov %s,%u", r32[r], (unsigned)v);
        x64_mov_ri(&as, X64_W64, r, (uint64_t)(int64_t)INT32_MIN);
        LINE("mov %s,-2147483648", r64[r]);
        x64_mov_ri(&as, X64_W64, r, 0x123456789abcdef0u);
        LINE("movabs %s,0x123456789abcdef0", r64[r]);
        x64_mov_mi(&as, w, m, v);
        LINE("mov %s ptr %s,%d", w ? "qword" : "dword", mem(m), v);
        x64_mov_mi8(&as, m, 200);
        LINE("mov byte ptr %s,200", mem(m));
        x64_mov_mi16(&as, m, 60000);
        LINE("mov word ptr %s,60000", mem(m));
        x64_cmp_mi8(&as, m, 200);
        LINE("cmp byte ptr %s,200", mem(m));
        x64_cmp_mi16(&as, m, 60000);
        LINE("cmp word ptr %s,60000", mem(m));
        x64_imul_rri(&as, w, r, 15 - r, v);
        LINE("imul %s,%s,%d", gpr(w, r), gpr(w, 15 - r), v);
        if (r) { /* the assembler has a shorter form for eax */
            x64_test_ri(&as, w, r, v);
            LINE("test %s,%d", gpr(w, r), v);
        }
    }
    x64_cdq(&as, X64_W32);
    LINE("cdq");
    x64_cdq(&as, X64_W64);
    LINE("cqo");
    x64_ret(&as);
    LINE("ret");
    x64_ud2(&as);
    LINE("ud2");
}

static void bmi(void) {
    static const op shifts[] = {{X64_SHLX, "shlx"}, {X64_SARX, "sarx"}, {X64_SHRX, "shrx"}};
    for (unsigned r = 0; r < 16; r++) {
        unsigned s = (r * 5 + 3) & 15, t = (r * 3 + 9) & 15, w = r & 1;
        for (unsigned i = 0; i < 3; i++) {
            x64_vwrrr(&as, shifts[i].op, w, r, s, t); /* count is in vvvv */
            LINE("%s %s,%s,%s", shifts[i].name, gpr(w, r), gpr(w, t), gpr(w, s));
        }
        x64_vwrrr(&as, X64_ANDN, w, r, s, t);
        LINE("andn %s,%s,%s", gpr(w, r), gpr(w, s), gpr(w, t));
        x64_vwrrr(&as, X64_RORX, w, r, 0, t);
        x64_u8(&as, 7);
        LINE("rorx %s,%s,7", gpr(w, r), gpr(w, t));
    }
}

#define OPS(X)                                                                                     \
    X(MOVUPS) X(MOVAPS) X(MOVDDUP) X(UNPCKLPS) X(CVTSS2SD) X(CVTSD2SS) X(UCOMISS) X(UCOMISD)       \
    X(SQRTSS) X(SQRTSD) X(ADDSS) X(ADDSD) X(MULSS) X(MULSD) X(SUBSS) X(SUBSD) X(MINSS) X(MINSD)    \
    X(DIVSS) X(DIVSD) X(MAXSS) X(MAXSD) X(ANDPS) X(ANDNPS) X(ORPS) X(XORPS) X(ANDPD) X(ANDNPD)     \
    X(ORPD) X(XORPD) X(ADDPS) X(ADDPD) X(MULPS) X(MULPD) X(SUBPS) X(SUBPD) X(MINPS) X(MINPD)       \
    X(DIVPS) X(DIVPD) X(MAXPS) X(MAXPD) X(SQRTPS) X(SQRTPD) X(CVTDQ2PS) X(CVTTPS2DQ) X(CVTDQ2PD)   \
    X(CVTTPD2DQ) X(CVTPS2PD) X(CVTPD2PS) X(UNPCKLPD) X(UNPCKHPD) X(PUNPCKLBW) X(PUNPCKLWD)         \
    X(PUNPCKLDQ) X(PUNPCKLQDQ) X(PUNPCKHBW) X(PUNPCKHWD) X(PUNPCKHDQ) X(PUNPCKHQDQ) X(PACKSSWB)    \
    X(PACKSSDW) X(PACKUSWB) X(PACKUSDW) X(PCMPEQB) X(PCMPEQW) X(PCMPEQD) X(PCMPEQQ) X(PCMPGTB)     \
    X(PCMPGTW) X(PCMPGTD) X(PCMPGTQ) X(PADDB) X(PADDW) X(PADDD) X(PADDQ) X(PSUBB) X(PSUBW)         \
    X(PSUBD) X(PSUBQ) X(PADDSB) X(PADDSW) X(PADDUSB) X(PADDUSW) X(PSUBSB) X(PSUBSW) X(PSUBUSB)     \
    X(PSUBUSW) X(PMULLW) X(PMULHW) X(PMULHUW) X(PMULLD) X(PMULUDQ) X(PMULDQ) X(PMULHRSW)           \
    X(PMADDWD) X(PMADDUBSW) X(PAVGB) X(PAVGW) X(PMINSB) X(PMINSW) X(PMINSD) X(PMINUB) X(PMINUW)    \
    X(PMINUD) X(PMAXSB) X(PMAXSW) X(PMAXSD) X(PMAXUB) X(PMAXUW) X(PMAXUD) X(PAND) X(PANDN) X(POR)  \
    X(PXOR) X(PSLLW) X(PSLLD) X(PSLLQ) X(PSRLW) X(PSRLD) X(PSRLQ) X(PSRAW) X(PSRAD) X(PSHUFB)      \
    X(PABSB) X(PABSW) X(PABSD) X(PTEST) X(PMOVSXBW) X(PMOVSXWD) X(PMOVSXDQ) X(PMOVZXBW)            \
    X(PMOVZXWD) X(PMOVZXDQ)
#define OPS_IMM(X)                                                                                 \
    X(CMPPS) X(CMPPD) X(CMPSS) X(CMPSD) X(SHUFPS) X(SHUFPD) X(ROUNDSS) X(ROUNDSD) X(ROUNDPS)       \
    X(ROUNDPD) X(PSHUFD) X(PSHUFLW) X(PSHUFHW) X(PALIGNR) X(PBLENDW) X(INSERTPS)

static void vectors(void) {
#define X(id) {X64_##id, #id},
    static const op ops[] = {OPS(X)}, imms[] = {OPS_IMM(X)};
#undef X
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        for (unsigned k = 0; k < 4; k++) {
            unsigned d = (unsigned)(i + k * 5) & 15, s = (unsigned)(i * 3 + k * 7 + 1) & 15;
            unsigned t = (unsigned)(i * 7 + k * 3 + 2) & 15;
            x64_mem m = mems[(i + k) % N_MEMS];
            x64_rr(&as, ops[i].op, 0, d, s);
            LINE("%s xmm%u,xmm%u", ops[i].name, d, s);
            x64_rm(&as, ops[i].op, 0, d, m);
            LINE("%s xmm%u,%s", ops[i].name, d, mem(m));
            char src[16] = "";
            if (!(ops[i].op & X64_OP2)) snprintf(src, sizeof src, "xmm%u,", s);
            x64_vrrr(&as, ops[i].op, d, s, t);
            LINE("v%s xmm%u,%sxmm%u", ops[i].name, d, src, t);
            x64_vrrm(&as, ops[i].op, d, s, m);
            LINE("v%s xmm%u,%s%s%s", ops[i].name, d, src,
                 ops[i].op == X64_CVTTPD2DQ || ops[i].op == X64_CVTPD2PS ? "xmmword ptr " : "", mem(m));
        }
    for (size_t i = 0; i < sizeof imms / sizeof *imms; i++)
        for (unsigned k = 0; k < 4; k++) {
            unsigned d = (unsigned)(i + k * 5) & 15, s = (unsigned)(i * 3 + k * 7 + 1) & 15;
            unsigned t = (unsigned)(i * 7 + k * 3 + 2) & 15;
            x64_mem m = mems[(i + k) % N_MEMS];
            x64_rri8(&as, imms[i].op, 0, d, s, k);
            LINE("%s xmm%u,xmm%u,%u", imms[i].name, d, s, k);
            x64_rmi8(&as, imms[i].op, 0, d, m, k);
            LINE("%s xmm%u,%s,%u", imms[i].name, d, mem(m), k);
            char src[16] = "";
            if (!(imms[i].op & X64_OP2)) snprintf(src, sizeof src, "xmm%u,", s);
            x64_vrrr(&as, imms[i].op, d, s, t);
            x64_u8(&as, k);
            LINE("v%s xmm%u,%sxmm%u,%u", imms[i].name, d, src, t, k);
        }
}

static void vector_moves(void) {
    for (unsigned i = 0; i < 16; i++) {
        unsigned s = (i * 5 + 3) & 15, w = i & 1;
        x64_mem m = mems[i % N_MEMS];
        const char *g = gpr(w, s);
        x64_rm(&as, X64_MOVUPS_STORE, 0, i, m), LINE("movups %s,xmm%u", mem(m), i);
        x64_rm(&as, X64_MOVSS, 0, i, m), LINE("movss xmm%u,%s", i, mem(m));
        x64_rm(&as, X64_MOVSS_STORE, 0, i, m), LINE("movss %s,xmm%u", mem(m), i);
        x64_rm(&as, X64_MOVSD, 0, i, m), LINE("movsd xmm%u,%s", i, mem(m));
        x64_rm(&as, X64_MOVSD_STORE, 0, i, m), LINE("movsd %s,xmm%u", mem(m), i);
        x64_rm(&as, X64_MOVQ, 0, i, m), LINE("movq xmm%u,%s", i, mem(m));
        x64_rm(&as, X64_MOVQ_STORE, 0, i, m), LINE("movq %s,xmm%u", mem(m), i);
        x64_rm(&as, X64_MOVHPS, 0, i, m), LINE("movhps xmm%u,%s", i, mem(m));
        x64_rm(&as, X64_MOVHPS_STORE, 0, i, m), LINE("movhps %s,xmm%u", mem(m), i);
        x64_rr(&as, X64_MOVLHPS, 0, i, s), LINE("movlhps xmm%u,xmm%u", i, s);
        x64_rr(&as, X64_MOVHLPS, 0, i, s), LINE("movhlps xmm%u,xmm%u", i, s);
        x64_rr(&as, X64_MOVD, w, i, s), LINE("%s xmm%u,%s", w ? "movq" : "movd", i, g);
        x64_rr(&as, X64_MOVD_STORE, w, i, s), LINE("%s %s,xmm%u", w ? "movq" : "movd", g, i);
        x64_rm(&as, X64_MOVD, X64_W32, i, m), LINE("movd xmm%u,%s", i, mem(m));
        x64_rr(&as, X64_CVTSI2SS, w, i, s), LINE("cvtsi2ss xmm%u,%s", i, g);
        x64_rr(&as, X64_CVTSI2SD, w, i, s), LINE("cvtsi2sd xmm%u,%s", i, g);
        x64_rr(&as, X64_CVTTSS2SI, w, s, i), LINE("cvttss2si %s,xmm%u", g, i);
        x64_rr(&as, X64_CVTTSD2SI, w, s, i), LINE("cvttsd2si %s,xmm%u", g, i);
        x64_rr(&as, X64_MOVMSKPS, 0, s, i), LINE("movmskps %s,xmm%u", r32[s], i);
        x64_rr(&as, X64_MOVMSKPD, 0, s, i), LINE("movmskpd %s,xmm%u", r32[s], i);
        x64_rr(&as, X64_PMOVMSKB, 0, s, i), LINE("pmovmskb %s,xmm%u", r32[s], i);
        x64_rri8(&as, X64_PEXTRB, 0, i, s, 3), LINE("pextrb %s,xmm%u,3", r32[s], i);
        x64_rmi8(&as, X64_PEXTRB, 0, i, m, 3), LINE("pextrb %s,xmm%u,3", mem(m), i);
        x64_rmi8(&as, X64_PEXTRW, 0, i, m, 3), LINE("pextrw %s,xmm%u,3", mem(m), i);
        x64_rri8(&as, X64_PEXTRD, w, i, s, 1), LINE("%s %s,xmm%u,1", w ? "pextrq" : "pextrd", g, i);
        x64_rmi8(&as, X64_EXTRACTPS, 0, i, m, 2), LINE("extractps %s,xmm%u,2", mem(m), i);
        x64_rri8(&as, X64_PINSRB, 0, i, s, 3), LINE("pinsrb xmm%u,%s,3", i, r32[s]);
        x64_rmi8(&as, X64_PINSRB, 0, i, m, 3), LINE("pinsrb xmm%u,%s,3", i, mem(m));
        x64_rri8(&as, X64_PINSRW, 0, i, s, 3), LINE("pinsrw xmm%u,%s,3", i, r32[s]);
        x64_rmi8(&as, X64_PINSRW, 0, i, m, 3), LINE("pinsrw xmm%u,%s,3", i, mem(m));
        x64_rri8(&as, X64_PINSRD, w, i, s, 1), LINE("%s xmm%u,%s,1", w ? "pinsrq" : "pinsrd", i, g);
        x64_vwrrr(&as, X64_MOVD, w, i, 0, s), LINE("%s xmm%u,%s", w ? "vmovq" : "vmovd", i, g);
        x64_vwrrr(&as, X64_CVTSI2SD, w, i, i ^ 1, s), LINE("vcvtsi2sd xmm%u,xmm%u,%s", i, i ^ 1, g);
        x64_rr(&as, X64_PBLENDVB, 0, i, s), LINE("pblendvb xmm%u,xmm%u,xmm0", i, s);
        x64_rr(&as, X64_BLENDVPS, 0, i, s), LINE("blendvps xmm%u,xmm%u,xmm0", i, s);
        x64_rr(&as, X64_BLENDVPD, 0, i, s), LINE("blendvpd xmm%u,xmm%u,xmm0", i, s);
        x64_vblendv(&as, 0x4C, i, s, i ^ 3, s ^ 5), LINE("vpblendvb xmm%u,xmm%u,xmm%u,xmm%u", i, s, i ^ 3, s ^ 5);
        x64_vblendv(&as, 0x4A, i, s, i ^ 3, s ^ 5), LINE("vblendvps xmm%u,xmm%u,xmm%u,xmm%u", i, s, i ^ 3, s ^ 5);
        x64_vblendv(&as, 0x4B, i, s, i ^ 3, s ^ 5), LINE("vblendvpd xmm%u,xmm%u,xmm%u,xmm%u", i, s, i ^ 3, s ^ 5);
        static const char *const lanes = "wdq";
        for (unsigned l = 0; l < 3; l++) {
            x64_pshift_i(&as, 0x71 + l, 2, i, 5), LINE("psrl%c xmm%u,5", lanes[l], i);
            x64_pshift_i(&as, 0x71 + l, 6, i, 5), LINE("psll%c xmm%u,5", lanes[l], i);
            x64_vpshift_i(&as, 0x71 + l, 6, i, s, 5), LINE("vpsll%c xmm%u,xmm%u,5", lanes[l], i, s);
            if (l < 2) x64_pshift_i(&as, 0x71 + l, 4, i, 5), LINE("psra%c xmm%u,5", lanes[l], i);
        }
        x64_pshift_i(&as, 0x73, 3, i, 5), LINE("psrldq xmm%u,5", i);
        x64_pshift_i(&as, 0x73, 7, i, 5), LINE("pslldq xmm%u,5", i);
    }
}

/* Jumps forward and back, near and far, a chain of several, and code addresses. */
static void labels(void) {
    x64_label back = {0}, forth = {0};
    x64_bind(&as, &back);
    LINE("back:");
    x64_jmp(&as, &forth), LINE("jmp.d32 forth");
    x64_jcc(&as, X64_L, &forth), LINE("jl.d32 forth");
    x64_lea_label(&as, R9, &forth), LINE("lea r9,[rip+forth]");
    x64_jcc(&as, X64_NE, &back), LINE("jne back");
    uint8_t *skip = x64_jcc_short(&as, X64_O);
    LINE("jo skip");
    x64_call(&as, &back), LINE("call back");
    x64_land(&as, skip), LINE("skip:");
    for (int i = 0; i < 40; i++) x64_cdq(&as, X64_W64), LINE("cqo");
    for (int i = 0; i < 60; i++) {
        x64_jcc(&as, X64_A, &back), LINE("ja back");
        x64_jmp(&as, &back), LINE("jmp back");
    }
    x64_bind(&as, &forth), LINE("forth:");
    x64_call(&as, &forth), LINE("call forth");
}

int main(int argc, char **argv) {
    if (argc != 3) return fprintf(stderr, "usage: encode CODE LISTING\n"), 2;
    text = fopen(argv[2], "w");
    if (!text) return perror(argv[2]), 1;
    LINE(".intel_syntax noprefix\n.text");
    integers();
    immediates();
    bmi();
    vectors();
    vector_moves();
    labels();
    fclose(text);
    FILE *out = fopen(argv[1], "wb");
    if (!out) return perror(argv[1]), 1;
    size_t length = (size_t)(as.p - as.start);
    bool ok = fwrite(code, 1, length, out) == length;
    return fclose(out) == 0 && ok ? 0 : 1;
}
