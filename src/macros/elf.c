#include "macros/elf.h"

#include <elf.h>
#include <string.h>

#if defined __x86_64__
enum { MACHINE = EM_X86_64 };
#elif defined __aarch64__
enum { MACHINE = EM_AARCH64 };
#else
enum { MACHINE = EM_NONE };
#endif

bool gb_elf_is_supported(void) {
    return (int)MACHINE != EM_NONE;
}

static bool is_within(uint64_t offset, uint64_t size, size_t length) {
    return offset <= length && size <= length - offset;
}

static bool read_header(const uint8_t *file, size_t length, Elf64_Ehdr *header, gb_error *err) {
    bool ok = length >= sizeof *header;
    if (ok) memcpy(header, file, sizeof *header);
    ok = ok && memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 && header->e_ident[EI_CLASS] == ELFCLASS64 &&
         header->e_ident[EI_DATA] == ELFDATA2LSB && header->e_type == ET_DYN;
    if (!ok) return gb_fail(err, GB_ERROR_MALFORMED, "it is no library of machine code");
    if (header->e_machine != MACHINE)
        return gb_fail(err, GB_ERROR_MALFORMED, "it is a library for another kind of machine");
    if (header->e_shentsize != sizeof(Elf64_Shdr) || header->e_shstrndx >= header->e_shnum ||
        !is_within(header->e_shoff, (uint64_t)header->e_shnum * sizeof(Elf64_Shdr), length))
        return gb_fail(err, GB_ERROR_MALFORMED, "its sections are not within the file");
    return true;
}

static Elf64_Shdr section_at(const uint8_t *file, const Elf64_Ehdr *header, unsigned index) {
    Elf64_Shdr section;
    memcpy(&section, file + header->e_shoff + index * sizeof section, sizeof section);
    return section;
}

static bool is_called(const uint8_t *file, const Elf64_Shdr *names, const Elf64_Shdr *section,
                      const char *name) {
    size_t size = strlen(name) + 1;
    return is_within(section->sh_name, size, names->sh_size) &&
           memcmp(file + names->sh_offset + section->sh_name, name, size) == 0;
}

bool gb_elf_section(const uint8_t *file, size_t length, const char *name, bool *found,
                       const uint8_t **section, size_t *size, gb_error *err) {
    Elf64_Ehdr header;
    *found = false;
    if (!read_header(file, length, &header, err)) return false;
    Elf64_Shdr names = section_at(file, &header, header.e_shstrndx);
    if (!is_within(names.sh_offset, names.sh_size, length))
        return gb_fail(err, GB_ERROR_MALFORMED, "its sections' names are not within the file");
    for (unsigned i = 0; i < header.e_shnum && !*found; i++) {
        Elf64_Shdr s = section_at(file, &header, i);
        if (s.sh_type != SHT_PROGBITS || !is_called(file, &names, &s, name)) continue;
        if (!is_within(s.sh_offset, s.sh_size, length))
            return gb_fail(err, GB_ERROR_MALFORMED, "its section %s is not within the file", name);
        *found = true;
        *section = file + s.sh_offset;
        *size = (size_t)s.sh_size;
    }
    return true;
}
