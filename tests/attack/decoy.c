/* decoy.c: a process that an attack aims at: it holds a secret in memory and in an open file, tells where,
 * and says when a signal reaches it. Ends when its standard input does, or after a minute.
 *
 *   decoy SECRET FILE      prints "PID ADDRESS DESCRIPTOR" first, then "signal N" for each signal */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static char secret[64];

static void on_signal(int number) {
    char line[] = "signal 00\n";
    line[7] = (char)('0' + number / 10);
    line[8] = (char)('0' + number % 10);
    if (write(1, line, sizeof line - 1) < 0) _exit(1);
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    snprintf(secret, sizeof secret, "%s", argv[1]);
    memset(argv[1], 0, strlen(argv[1]));
    signal(SIGUSR1, on_signal);
    alarm(60);
    int fd = open(argv[2], O_RDONLY);
    printf("%d %p %d\n", (int)getpid(), (void *)secret, fd);
    fflush(stdout);
    char byte;
    ssize_t n;
    do n = read(0, &byte, 1);
    while (n != 0);
    return 0;
}
