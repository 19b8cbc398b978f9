/* file.h: whole files, folders, locks and paths.
 *
 * Files are written beside their name and renamed into place, so a reader sees the old file, the
 * new one or none, never half of one. Errors are GB_ERROR_IO and name the path; returned strings
 * are malloc'ed and the caller's to free. Paths are NUL-terminated bytes, '/' separates. */
#ifndef GB_BASE_FILE_H
#define GB_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/strings.h"

/* ---- contents ----------------------------------------------------------------------------- */

/* Appends the file to `out`. GB_ERROR_MEMORY when it is larger than a buffer may be. */
bool gb_file_read(const char *path, gb_buffer *out, gb_error *err);
/* All of it, into an open descriptor. False: errno says why. */
bool gb_fd_write(int fd, const void *bytes, size_t length);
/* Writes beside, then renames over `path`. Folders on the way must exist. mode e.g. 0644 (umask
 * applies). The data is not forced to disk: a store that must survive a power cut checks digests.
 */
bool gb_file_write(const char *path, const void *bytes, size_t length, unsigned mode,
                   gb_error *err);
bool gb_file_write_text(const char *path, const char *text, gb_error *err);
/* As gb_file_write, but leaves the file (and its time stamp) alone when it already says just this.
 */
bool gb_file_write_if_changed(const char *path, const void *bytes, size_t length, gb_error *err);
/* Copies the contents and the permission bits; shares blocks where the file system can. */
bool gb_file_copy(const char *from, const char *to, gb_error *err);
/* A hard link beside `to`, renamed over it; a copy where links cannot be made. */
bool gb_file_link_or_copy(const char *from, const char *to, gb_error *err);
/* Makes the symbolic link `path` -> `target`, replacing a link or file of that name. */
bool gb_file_symlink(const char *target, const char *path, gb_error *err);

/* What a file was when it was looked at: who finds the same again finds the same bytes. Times are in nanoseconds. */
typedef struct gb_file_identity {
    uint64_t device, inode, size, modified, changed;
} gb_file_identity;

/* A file's bytes, read-only. length 0 has a non-NULL pointer. */
typedef struct gb_mapped_file {
    const uint8_t *bytes;
    size_t length;
    gb_file_identity identity;
} gb_mapped_file;
bool gb_file_map(const char *path, gb_mapped_file *out, gb_error *err);
void gb_file_unmap(gb_mapped_file *file);
/* Whether a later change would show in the identity: the clock that stamps files ticks only every few milliseconds. */
bool gb_file_is_settled(const gb_file_identity *identity);

/* ---- names -------------------------------------------------------------------------------- */

bool gb_file_exists(const char *path); /* anything that is not a folder, links followed */
bool gb_dir_exists(const char *path);
bool gb_file_executable(const char *path); /* a file that this process may run */
/* Modification time in nanoseconds, or -1. */
int64_t gb_file_mtime(const char *path);
/* Makes the folder and those above it. Not an error when it exists. */
bool gb_dir_make(const char *path, gb_error *err);
/* Makes a new folder named `<parent>/<prefix>XXXXXX`, mode 0700. */
char *gb_dir_make_temporary(const char *parent, const char *prefix, gb_error *err);
/* Removes a file, or a folder and all in it, without following links. No error when it is not
 * there. */
bool gb_path_remove(const char *path, gb_error *err);
/* Names in the folder, sorted, without "." and "..". */
bool gb_dir_list(const char *path, gb_strings *names, gb_error *err);

/* `<a>/<b>`, or b when it is absolute. */
char *gb_path_join(const char *a, const char *b);
/* Everything before the last '/' ("." or "/" where there is none) and everything after it. */
char *gb_path_parent(const char *path);
const char *gb_path_name(const char *path);
/* Absolute, with "." and "x/.." taken out by text alone (links are not looked at). `base` may be
 * NULL: the current folder. */
char *gb_path_absolute(const char *base, const char *path);
/* realpath(3). */
char *gb_path_real(const char *path, gb_error *err);
/* The part of `path` under `folder` ("" when equal), or NULL when it is not under it. By text. */
const char *gb_path_under(const char *path, const char *folder);
/* The program as found in PATH (or as it is when it has a '/'); NULL when there is none. */
char *gb_path_program(const char *name);
/* The file that runs in this process. */
char *gb_path_self(gb_error *err);

/* ---- between processes -------------------------------------------------------------------- */

/* An advisory lock on the file (made when missing), held until released or the process ends.
 * Blocks while another holds it; `waiting` (may be NULL) is called once before it blocks. Returns a
 * descriptor, or -1. */
int gb_lock_take(const char *path, bool shared, void (*waiting)(void *env), void *env,
                 gb_error *err);
void gb_lock_release(int lock);

/* Makes `folder` unless it is there: `build` fills a new folder beside it, which is then renamed.
 * By one process at a time, under the lock `<folder>.lock`; folders of killed builders are swept.
 * `waiting` (may be NULL) is called before blocking. */
bool gb_dir_make_once(const char *folder,
                      bool (*build)(void *env, const char *folder, gb_error *err),
                      void (*waiting)(void *env), void *env, gb_error *err);

/* Glovebox's folder of things that can be made again: $GLOVEBOX_HOME, else
 * $XDG_CACHE_HOME/glovebox, else $HOME/.cache/glovebox. Absolute; not created here. NULL when none
 * of them is set (GB_ERROR_USAGE). */
char *gb_home_dir(gb_error *err);

#endif
