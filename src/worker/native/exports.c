/* What a native macro library finds in the worker that loads it (macros/native.h): the imports of
 * module `glovebox` (docs/protocol.md, section 2). Nothing else of the worker is exported. */
#include "macros/native.h"

#define EXPORTED __attribute__((visibility("default"), used))
EXPORTED size_t __gbx_ask(const uint8_t *question, size_t length);
EXPORTED void __gbx_answer(uint8_t *to);
EXPORTED void __gbx_reply(const uint8_t *reply, size_t length);
EXPORTED intptr_t __gbx_env_get(const uint8_t *name, size_t length);
EXPORTED void __gbx_run(const uint8_t *name, size_t length);

size_t __gbx_ask(const uint8_t *question, size_t length) {
    return gb_native_ask(question, length);
}

void __gbx_answer(uint8_t *to) {
    gb_native_answer(to);
}

void __gbx_reply(const uint8_t *reply, size_t length) {
    gb_native_reply(reply, length);
}

intptr_t __gbx_env_get(const uint8_t *name, size_t length) {
    return gb_native_env_get(name, length);
}

void __gbx_run(const uint8_t *name, size_t length) {
    gb_native_run(name, length);
}
