/* Uses a folder the way programs do, through libc; prints what it finds. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void report(const char *what, int result) {
    if (result == 0) printf("%s ok\n", what);
    else printf("%s %s\n", what, strerror(errno));
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(const char *path) {
    char *names[64];
    int n = 0;
    DIR *d = opendir(path);
    if (!d) {
        report("opendir", -1);
        return;
    }
    for (struct dirent *e; n < 64 && (e = readdir(d));) names[n++] = strdup(e->d_name);
    closedir(d);
    qsort(names, (size_t)n, sizeof *names, by_name);
    printf("list");
    for (int i = 0; i < n; i++) printf(" %s", names[i]);
    printf("\n");
}

static void show(const char *path) {
    char text[128] = {0};
    FILE *f = fopen(path, "r");
    if (!f) {
        printf("open %s: %s\n", path, strerror(errno));
        return;
    }
    fread(text, 1, sizeof text - 1, f);
    fclose(f);
    printf("%s: %s\n", path, text);
}

int main(void) {
    struct stat st;
    list("/data");
    show("/data/hello.txt");
    show("/data/../secret");
    show("/data/link-out");
    show("/data/link-in");
    show("/elsewhere");
    report("mkdir", mkdir("/data/new", 0777));
    FILE *f = fopen("/data/new/file", "w");
    if (f) {
        fprintf(f, "line %d\n", 1);
        fseek(f, 0, SEEK_SET);
        fprintf(f, "LINE");
        fclose(f);
    }
    show("/data/new/file");
    report("rename", rename("/data/new/file", "/data/moved"));
    report("stat", stat("/data/moved", &st));
    printf("size %lld\n", (long long)st.st_size);
    report("truncate", truncate("/data/moved", 4));
    show("/data/moved");
    report("symlink", symlink("moved", "/data/soft"));
    report("symlink to /", symlink("/", "/data/root"));
    report("link", link("/data/moved", "/data/hard"));
    char text[16] = {0};
    report("readlink", readlink("/data/soft", text, sizeof text) < 0);
    printf("%s\n", text);
    report("rmdir", rmdir("/data/new"));
    report("unlink", unlink("/data/moved") | unlink("/data/soft") | unlink("/data/hard"));
    list("/data");
    return 0;
}
