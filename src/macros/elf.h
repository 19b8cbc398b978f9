/* elf.h: sections of a library of this machine's own code, read as bytes; nothing is loaded. */
#ifndef GB_MACROS_ELF_H
#define GB_MACROS_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Is it known what this machine's own libraries look like? */
bool gb_elf_is_supported(void);

/* The section of that name in an ELF file for this machine. *found false when there is none; *section
 * points into `file`. GB_ERROR_MALFORMED: it is no such file, or does not add up. Runs nothing. */
bool gb_elf_section(const uint8_t *file, size_t length, const char *name, bool *found,
                       const uint8_t **section, size_t *size, gb_error *err);

#endif
