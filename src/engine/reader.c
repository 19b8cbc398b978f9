#include "engine/reader.h"

#include "base/utf8.h"

/* One loop for all widths: `bits` wide, sign-extended when `is_signed`. */
static bool read_leb(gb_reader *r, unsigned bits, bool is_signed, uint64_t *value) {
    uint64_t result = 0;
    unsigned shift = 0;
    const uint8_t *p = r->at;
    for (;; p++, shift += 7) {
        if (p == r->end) {
            r->why = "unexpected end";
            return false;
        }
        if (shift + 7 >= bits) break;
        result |= (uint64_t)(*p & 0x7F) << shift;
        if (*p < 0x80) {
            if (is_signed && (*p & 0x40)) result |= ~UINT64_C(0) << (shift + 7);
            goto done;
        }
    }
    if (*p >= 0x80) {
        r->why = "integer representation too long";
        return false;
    }
    unsigned used = bits - shift; /* bits of the last byte that count, 1 to 7 */
    unsigned rest = (unsigned)*p >> (is_signed ? used - 1 : used);
    unsigned sign_ones = 0x7FU >> (is_signed ? used - 1 : used);
    if (rest != 0 && !(is_signed && rest == sign_ones)) {
        r->why = "integer too large";
        return false;
    }
    result |= (uint64_t)*p << shift;
    if (is_signed && rest && bits < 64) result |= ~UINT64_C(0) << bits;
done:
    r->at = p + 1;
    *value = result;
    return true;
}

bool gb_read_u32_slow(gb_reader *r, uint32_t *value) {
    uint64_t wide;
    if (!read_leb(r, 32, false, &wide)) return false;
    *value = (uint32_t)wide;
    return true;
}

bool gb_read_i32_slow(gb_reader *r, int32_t *value) {
    uint64_t wide;
    if (!read_leb(r, 32, true, &wide)) return false;
    *value = (int32_t)(uint32_t)wide;
    return true;
}

bool gb_read_i64(gb_reader *r, int64_t *value) {
    uint64_t wide;
    if (!read_leb(r, 64, true, &wide)) return false;
    *value = (int64_t)wide;
    return true;
}

bool gb_read_i33(gb_reader *r, int64_t *value) {
    uint64_t wide;
    if (!read_leb(r, 33, true, &wide)) return false;
    *value = (int64_t)wide;
    return true;
}

bool gb_read_name(gb_reader *r, const uint8_t **bytes, uint32_t *length) {
    const uint8_t *start = r->at;
    if (!gb_read_u32(r, length) || !gb_read_bytes(r, *length, bytes)) return false;
    if (gb_utf8_valid(*bytes, *length)) return true;
    r->at = start;
    r->why = "malformed UTF-8 encoding";
    return false;
}
