/* flip.c: swaps what a name stands for, over and over, until its standard input ends or a minute is over:
 *
 *   flip NAME HARMLESS TARGET     NAME is a copy of HARMLESS, then a link to TARGET, then a copy again */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

static int copy(const char *from, const char *to) {
    char bytes[256];
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ssize_t n = read(in, bytes, sizeof bytes);
    int ok = n >= 0 && write(out, bytes, (size_t)n) == n;
    close(in);
    close(out);
    return ok;
}

int main(int argc, char **argv) {
    char beside[4096];
    if (argc != 4 || snprintf(beside, sizeof beside, "%s~", argv[1]) >= (int)sizeof beside) return 2;
    alarm(60);
    struct pollfd input = {.fd = 0, .events = POLLIN};
    for (;;) {
        if (symlink(argv[3], beside) != 0 || rename(beside, argv[1]) != 0) return 1;
        if (!copy(argv[2], beside) || rename(beside, argv[1]) != 0) return 1;
        if (poll(&input, 1, 0) > 0) return 0;
    }
}
