#include "cargo/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void gb_log(const char *format, ...) {
    const char *path = getenv("GLOVEBOX_LOG");
    if (path == NULL || *path == '\0') return;
    char line[512];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof line - 1, format, args);
    va_end(args);
    if (n < 0) return;
    size_t length = (size_t)n < sizeof line - 2 ? (size_t)n : sizeof line - 2;
    line[length++] = '\n';
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0) return;
    /* One write of a short line: lines of several processes do not mix. */
    if (write(fd, line, length) < 0) { /* a log that cannot be written is not worth a build */
    }
    close(fd);
}
