/* remembers.c: a worker that does not forget its environment, to show what forgetting is good for. In the
 * place of gb_worker_forget_environment (-Wl,--wrap). */
void __wrap_gb_worker_forget_environment(void);

void __wrap_gb_worker_forget_environment(void) {}
