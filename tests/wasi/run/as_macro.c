/* as_macro [--broker] FILE.wasm ARGUMENTS: runs a program with what a macro is granted, by this
 * process's environment and folder; then prints what was refused. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "engine/engine.h"
#include "policy/policy.h"
#include "wasi/broker.h"
#include "wasi/wasi.h"

extern char **environ;

static int die(const gb_error *err) {
    fprintf(stderr, "as_macro: %s\n", err->message);
    return 99;
}

int main(int argc, char **argv) {
    gb_error err = {0};
    gb_trap trap = {0};
    bool brokered = argc > 1 && strcmp(argv[1], "--broker") == 0;
    argv += 1 + brokered;
    argc -= 1 + brokered;
    char directory[4096];
    gb_mapped_file file;
    if (!getcwd(directory, sizeof directory) || !gb_file_map(argv[0], &file, &err))
        return die(&err);
    gb_policy *policy =
        gb_policy_new_macro(&(gb_subject){.name = "a_macro"}, (const char *const *)environ, &err);
    if (!policy || !gb_policy_grant_workspace(policy, directory, &err)) return die(&err);
    gb_wasi_config config = {.policy = policy,
                             .stdio = {0, 1, 2},
                             .args = (const char *const *)argv,
                             .arg_count = (size_t)argc};
    config.broker = brokered ? gb_broker_start(policy, &(gb_broker_options){.lifeline = -1}, &err) : NULL;
    if (brokered && !config.broker) return die(&err);
    gb_wasi *wasi = gb_wasi_new(&config, &err);
    if (!wasi || !gb_wasi_preopen_granted(wasi, directory, &err)) return die(&err);
    gb_linker *linker = gb_linker_new(&err);
    gb_store *store = gb_store_new(&(gb_limits){0}, &err);
    gb_module *module = gb_module_decode(file.bytes, file.length, true, &err);
    if (!linker || !store || !module || !gb_wasi_define(wasi, linker, &err)) return die(&err);
    gb_instance *instance = gb_instance_new(store, module, linker, &trap, &err);
    if (!instance) return die(&err);
    bool ok = gb_call(gb_instance_func(instance, "_start"), NULL, NULL, &trap);
    if (!ok && trap.kind != GB_TRAP_EXIT) fprintf(stderr, "%s\n%s\n", trap.message, trap.backtrace);
    gb_buffer text = {0};
    gb_policy_refusals(policy, 100, &text);
    printf("refused: %s\n", gb_buffer_text(&text));
    gb_buffer_free(&text);
    gb_store_free(store);
    gb_module_release(module);
    gb_linker_free(linker);
    gb_wasi_free(wasi);
    gb_broker_stop(config.broker);
    gb_policy_free(policy);
    gb_file_unmap(&file);
    return ok ? 0 : trap.kind == GB_TRAP_EXIT ? trap.exit_code : 98;
}
