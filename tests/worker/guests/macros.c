/* macros.c: a macro crate written by hand, in C, that speaks the guest's side of docs/protocol.md. Each
 * macro shows one behaviour, most of them bad ones. Built by clang for wasm32, without a libc. */
#include <stdint.h>

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

IMPORT("glovebox", "ask") uint32_t gbx_ask(const void *message, uint32_t length);
IMPORT("glovebox", "answer") void gbx_answer(void *to);
IMPORT("glovebox", "reply") void gbx_reply(const void *message, uint32_t length);
IMPORT("glovebox", "env_get") int32_t gbx_env_get(const char *name, uint32_t length);
IMPORT("wasi_snapshot_preview1", "proc_exit") _Noreturn void wasi_exit(uint32_t code);
IMPORT("wasi_snapshot_preview1", "fd_write")
uint32_t wasi_write(uint32_t fd, const void *vectors, uint32_t count, uint32_t *written);

/* kind, name, helpers, entry, function, file, line, column, attributes */
__asm__(".section .custom_section.glovebox.macros,\"\",@\n"
        ".ascii \"derive\\tDerive\\thelper,other\\tidentity\\tderive\\tsrc/lib.rs\\t1\\t1\\t\\n\"\n"
        ".ascii \"attribute\\tattr\\t\\tidentity2\\tattr\\tsrc/lib.rs\\t2\\t1\\t#[doc = \\\"a\\\\tb\\\"]\\n\"\n"
        ".ascii \"function\\tfunc\\t\\tidentity\\tfunc\\tsrc/lib.rs\\t3\\t1\\t\\n\"\n"
        ".ascii \"function\\tspin\\t\\tspin\\tspin\\tsrc/lib.rs\\t4\\t1\\t\\n\"\n"
        ".ascii \"function\\thog\\t\\thog\\thog\\tsrc/lib.rs\\t5\\t1\\t\\n\"\n"
        ".ascii \"function\\trecurse\\t\\trecurse\\trecurse\\tsrc/lib.rs\\t6\\t1\\t\\n\"\n"
        ".ascii \"function\\tgarbage\\t\\tgarbage\\tgarbage\\tsrc/lib.rs\\t7\\t1\\t\\n\"\n"
        ".ascii \"function\\ttrap\\t\\ttrap\\ttrap\\tsrc/lib.rs\\t8\\t1\\t\\n\"\n"
        ".ascii \"function\\tsilent\\t\\tsilent\\tsilent\\tsrc/lib.rs\\t9\\t1\\t\\n\"\n"
        ".ascii \"function\\tleave\\t\\tleave\\tleave\\tsrc/lib.rs\\t10\\t1\\t\\n\"\n"
        ".ascii \"function\\tcount\\t\\tcount\\tcount\\tsrc/lib.rs\\t11\\t1\\t\\n\"\n"
        ".ascii \"function\\tpanics\\t\\tpanics\\tpanics\\tsrc/lib.rs\\t12\\t1\\t\\n\"\n"
        ".ascii \"function\\tsecret\\t\\tsecret\\tsecret\\tsrc/lib.rs\\t13\\t1\\t\\n\"\n"
        ".ascii \"function\\tpackage\\t\\tpackage\\tpackage\\tsrc/lib.rs\\t14\\t1\\t\\n\"\n"
        ".ascii \"function\\tshown\\t\\tshown\\tshown\\tsrc/lib.rs\\t15\\t1\\t\\n\"\n"
        ".ascii \"function\\ttwice\\t\\ttwice\\ttwice\\tsrc/lib.rs\\t16\\t1\\t\\n\"\n"
        ".ascii \"function\\toutside\\t\\toutside\\toutside\\tsrc/lib.rs\\t17\\t1\\t\\n\"\n"
        ".ascii \"function\\tforged\\t\\tforged\\tforged\\tsrc/lib.rs\\t18\\t1\\t\\n\"\n"
        ".ascii \"function\\tmissing\\t\\tno_such_entry\\tmissing\\tsrc/lib.rs\\t19\\t1\\t\\n\"\n"
        ".ascii \"function\\tprints\\t\\tprints\\tprints\\tsrc/lib.rs\\t20\\t1\\t\\n\"\n"
        ".ascii \"function\\texpanded\\t\\texpanded\\texpanded\\tsrc/lib.rs\\t21\\t1\\t\\n\"\n"
        ".ascii \"function\\trisky\\t\\trisky\\trisky\\tsrc/lib.rs\\t22\\t1\\t\\n\"\n"
        ".ascii \"function\\tsteals\\t\\tsteals\\tsteals\\tsrc/lib.rs\\t23\\t1\\t\\n\"\n"
        ".text\n");

enum { DONE = 16, PANIC = 17, DISPLAY = 33, EXPAND_EXPR = 44, NONE = -1 };

static uint8_t room[1 << 20] __attribute__((aligned(8)));
static uint32_t message[4096];
static uint32_t words; /* of the body */
static uint32_t expansions;

EXPORT("__gbx_alloc") void *gbx_alloc(uint32_t length) {
    return length <= sizeof room ? room : 0;
}

EXPORT("_initialize") void initialize(void) {
    expansions = 100;
}

/* ---- messages ------------------------------------------------------------------------------- */

static void begin(void) {
    words = 0;
    message[4] = 0;
}

static void put(uint32_t word) {
    message[4 + words++] = word;
}

/* Closes a message with one text, or none (length 0xffffffff). Returns its length. */
static uint32_t finish(uint32_t operation, const char *text, uint32_t length) {
    int some = length != 0xffffffff;
    uint32_t bytes = some ? length : 0, at = 4 + words;
    message[0] = operation | 1 << 16;
    message[1] = words;
    message[2] = (uint32_t)some;
    message[3] = bytes;
    if (some) message[at++] = bytes;
    uint8_t *pool = (uint8_t *)(message + at);
    for (uint32_t i = 0; i < bytes; i++) pool[i] = (uint8_t)text[i];
    while (bytes % 4) pool[bytes++] = 0;
    return at * 4 + bytes;
}

static void reply_literal(const char *text, uint32_t length) {
    begin();
    put(0);              /* no recipes */
    put(4);              /* the stream's words */
    put(2 | 4 << 4);     /* a string literal */
    put(0), put((uint32_t)NONE), put(0);
    gbx_reply(message, finish(DONE, text, length));
}

static void reply_origin(uint32_t origin) {
    begin();
    put(0), put(2), put(4), put(origin);
    gbx_reply(message, finish(DONE, 0, 0xffffffff));
}

static uint32_t length_of(const char *text) {
    uint32_t length = 0;
    while (text[length]) length++;
    return length;
}

/* ---- macros ---------------------------------------------------------------------------------- */

EXPORT("identity") void identity(const uint32_t *request, uint32_t length) {
    (void)request, (void)length;
    reply_origin(0);
}

/* Of an attribute: the item, whose origin stands behind the first stream. */
EXPORT("identity2") void identity2(const uint32_t *request, uint32_t length) {
    (void)length;
    const uint32_t *body = request + 4;
    reply_origin(body[2 + 2 + body[3]]);
}

EXPORT("spin") void spin(const uint32_t *request, uint32_t length) {
    (void)request, (void)length;
    for (volatile uint32_t i = 0;; i++) continue;
}

EXPORT("hog") void hog(const uint32_t *request, uint32_t length) {
    (void)request, (void)length;
    while (__builtin_wasm_memory_grow(0, 256) != (unsigned long)-1) continue;
    __builtin_trap(); /* as Rust's handle_alloc_error */
}

static uint32_t deep(volatile uint32_t *from) {
    volatile uint32_t here = *from + 1;
    return here ? deep(&here) + here : 0;
}

EXPORT("recurse") void recurse(const uint32_t *request, uint32_t length) {
    (void)request, (void)length;
    volatile uint32_t zero = 0;
    reply_origin(deep(&zero));
}

/* `unsafe {}` */
EXPORT("risky") void risky(const uint32_t *request, uint32_t length) {
    (void)request, (void)length;
    begin();
    put(0), put(9);
    put(0), put(0), put(0);
    put(3 | 1 << 4), put(0), put(0), put(0), put((uint32_t)NONE), put(0);
    gbx_reply(message, finish(DONE, "unsafe", 6));
}

EXPORT("garbage") void garbage(const uint32_t *request, uint32_t length) {
    (void)request, (void)length;
    begin();
    put(0), put(77);
    gbx_reply(message, finish(DONE, 0, 0xffffffff));
}

EXPORT("trap") void trap(const uint32_t *request, uint32_t length) {
    (void)request, (void)length;
    __builtin_trap();
}

EXPORT("silent") void silent(const uint32_t *request, uint32_t length) {
    (void)request, (void)length;
}

EXPORT("leave") void leave(const uint32_t *request, uint32_t length) {
    (void)request, (void)length;
    wasi_exit(7);
}

/* A number that grows from one expansion to the next: "101", "102", … */
EXPORT("count") void count(const uint32_t *request, uint32_t length) {
    (void)request, (void)length;
    char text[3];
    expansions++;
    for (uint32_t i = 3, n = expansions; i-- > 0; n /= 10) text[i] = (char)('0' + n % 10);
    reply_literal(text, 3);
}

EXPORT("panics") void panics(const uint32_t *request, uint32_t length) {
    (void)request, (void)length;
    expansions++;
    begin();
    put(0), put(0);
    gbx_reply(message, finish(PANIC, "oh no", 5));
}

static void reply_env(const char *name) {
    char value[256];
    int32_t length = gbx_env_get(name, length_of(name));
    if (length < 0 || length > 256) {
        begin();
        put(0), put(0);
        gbx_reply(message, finish(PANIC, "not set", 7));
        return;
    }
    gbx_answer(value);
    reply_literal(value, (uint32_t)length);
}

EXPORT("secret") void secret(const uint32_t *request, uint32_t length) {
    (void)request, (void)length;
    reply_env("T_SECRET");
}

EXPORT("package") void package(const uint32_t *request, uint32_t length) {
    (void)request, (void)length;
    reply_env("CARGO_PKG_NAME");
}

/* The compiler's text of the input, as a literal. */
EXPORT("shown") void shown(const uint32_t *request, uint32_t length) {
    (void)request, (void)length;
    static uint32_t answer[1024];
    begin();
    put(0), put(2), put(4), put(0);
    uint32_t size = gbx_ask(message, finish(DISPLAY, 0, 0xffffffff));
    if (size > sizeof answer) __builtin_trap();
    gbx_answer(answer);
    /* header, one word (text 0), one end, the pool */
    reply_literal((const char *)(answer + 6), answer[5]);
}

/* Its input after the compiler has expanded what is in it. */
EXPORT("expanded") void expanded(const uint32_t *request, uint32_t length) {
    (void)request, (void)length;
    static uint32_t answer[1024];
    begin();
    put(0), put(2), put(4), put(0);
    uint32_t size = gbx_ask(message, finish(EXPAND_EXPR, 0, 0xffffffff));
    if (size > sizeof answer) __builtin_trap();
    gbx_answer(answer);
    if (!answer[4]) __builtin_trap();
    reply_origin(answer[5]);
}

/* Has the compiler read a file for it: `include_str!()`. */
EXPORT("steals") void steals(const uint32_t *request, uint32_t length) {
    (void)request, (void)length;
    static uint32_t answer[1024];
    begin();
    put(0), put(11);
    put(0), put(0), put(0);
    put(1 | '!' << 8), put(0);
    put(3), put(0), put(0), put(0), put((uint32_t)NONE), put(0);
    uint32_t size = gbx_ask(message, finish(EXPAND_EXPR, "include_str", 11));
    if (size > sizeof answer) __builtin_trap();
    gbx_answer(answer);
    if (answer[4]) reply_literal("read", 4);
    else reply_literal("not read", 8);
}

EXPORT("twice") void twice(const uint32_t *request, uint32_t length) {
    (void)request, (void)length;
    reply_origin(0);
    reply_origin(0);
}

EXPORT("outside") void outside(const uint32_t *request, uint32_t length) {
    (void)request, (void)length;
    gbx_reply((const void *)0xfffffff0, 0x20);
}

EXPORT("forged") void forged(const uint32_t *request, uint32_t length) {
    (void)request, (void)length;
    reply_origin(1000000);
}

EXPORT("prints") void prints(const uint32_t *request, uint32_t length) {
    (void)request, (void)length;
    static const char text[] = "printed by the macro\n";
    struct {
        const char *text;
        uint32_t length;
    } vector = {text, sizeof text - 1};
    uint32_t written;
    wasi_write(2, &vector, 1, &written);
    reply_origin(0);
}
