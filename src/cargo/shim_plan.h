/* shim_plan.h: what a shim is to hold, and where: the plan that shim/place reads, or the same as
 * plain Rust source where the originals cannot be read. */
#ifndef GB_CARGO_SHIM_PLAN_H
#define GB_CARGO_SHIM_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "cargo/shimgen.h"
#include "macros/records.h"

/* A function's place in a source file: byte offsets after what rustc does to a file when it reads
 * it (byte order mark and carriage returns before newlines taken out). */
typedef struct gb_place_of {
    size_t start; /* its first token, behind attributes */
    size_t name, name_end;
    size_t signature_end; /* where what rustc shows of it ends */
    size_t end; /* behind its body */
} gb_place_of;

/* Appends the text as rustc sees it. False: memory. */
bool gb_source_normalise(const uint8_t *text, size_t length, gb_buffer *out);
/* Finds the function whose first token stands at line and column (1-based, the column in
 * characters), or the one under the attribute that does: it made the function anew, and its place is
 * the function's. False when there is none. */
bool gb_source_find_function(const uint8_t *text, size_t length, int edition, uint32_t line,
                             uint32_t column, gb_place_of *out);
/* Where rustc lets the span of the whole file start. */
size_t gb_source_base(const uint8_t *text, size_t length, int edition);

/* GB_ERROR_MALFORMED when a name in the records is no identifier: they become source. */
bool gb_shim_records_check(const gb_records *records, gb_error *err);
/* The records of an artifact, checked. */
bool gb_shim_records(const char *artifact, gb_records *records, gb_error *err);
/* Appends a plan. `file` is the file that the shim is compiled from and `file_name` its name in the
 * records: macros recorded there are placed, others stand
 * at its first letter. */
bool gb_shim_plan(const gb_unit *unit, const gb_shim_options *options, const gb_records *records,
                  const gb_buffer *file, const char *file_name, gb_buffer *out, gb_error *err);
/* Appends plain source. */
bool gb_shim_source(const gb_unit *unit, const gb_shim_options *options, const gb_records *records,
                    gb_buffer *out, gb_error *err);

#endif
