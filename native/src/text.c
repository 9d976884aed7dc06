#include "text.h"

#include <string.h>

static const char DIGITS[] = "0123456789abcdef";
static uint8_t hex_of_byte[256][2];
static int8_t value_of_digit[256]; /* -1 for a character that is not a lower-case digit */
static uint8_t escape_of[256];     /* 0: none; 'u': \u00xx; else the letter after the backslash */

void text_begin(void) {
    for (int byte = 0; byte < 256; byte++) {
        hex_of_byte[byte][0] = (uint8_t)DIGITS[byte >> 4];
        hex_of_byte[byte][1] = (uint8_t)DIGITS[byte & 15];
        value_of_digit[byte] = -1;
        escape_of[byte] = byte < 0x20 ? 'u' : 0;
    }
    for (int digit = 0; digit < 16; digit++) value_of_digit[(uint8_t)DIGITS[digit]] = (int8_t)digit;
    escape_of['"'] = '"', escape_of['\\'] = '\\';
    escape_of['\b'] = 'b', escape_of['\t'] = 't', escape_of['\n'] = 'n', escape_of['\f'] = 'f', escape_of['\r'] = 'r';
}

/* Returns whether one of eight bytes is below 0x20, a quote or a backslash. */
static int any_special(uint64_t bytes) {
    const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
    uint64_t quotes = bytes ^ (ones * '"'), slashes = bytes ^ (ones * '\\');
    return ((((quotes - ones) & ~quotes) | ((slashes - ones) & ~slashes) | ((bytes - ones * 0x20) & ~bytes)) & tops) != 0;
}

uint8_t *write_escaped(uint8_t *to, const uint8_t *from, size_t length) {
    const uint8_t *end = from + length;
    while (from < end) {
        while (end - from >= 8) {
            uint64_t bytes;
            memcpy(&bytes, from, 8);
            if (any_special(bytes)) break;
            memcpy(to, &bytes, 8);
            to += 8, from += 8;
        }
        if (from == end) break;
        uint8_t byte = *from++, letter = escape_of[byte];
        if (!letter) {
            *to++ = byte;
            continue;
        }
        *to++ = '\\';
        *to++ = letter;
        if (letter == 'u') {
            *to++ = '0';
            *to++ = '0';
            to = write_hex(to, &byte, 1);
        }
    }
    return to;
}

uint8_t *write_hex(uint8_t *to, const uint8_t *from, size_t count) {
    for (size_t i = 0; i < count; i++, to += 2) memcpy(to, hex_of_byte[from[i]], 2);
    return to;
}

int read_hex(uint8_t *to, const uint8_t *digits, size_t count) {
    int all = 0; /* negative as soon as one digit is */
    for (size_t i = 0; i < count; i++) {
        int high = value_of_digit[digits[2 * i]], low = value_of_digit[digits[2 * i + 1]];
        all |= high | low;
        to[i] = (uint8_t)((unsigned)high << 4 | (unsigned)low);
    }
    return all >= 0;
}

int read_uuid(uint8_t *to, const uint8_t *text) {
    if (text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' || text[14] != '4') return 0;
    return read_hex(to, text, 4) && read_hex(to + 4, text + 9, 2) && read_hex(to + 6, text + 14, 2) &&
           read_hex(to + 8, text + 19, 2) && (to[8] & 0xc0) == 0x80 && read_hex(to + 10, text + 24, 6);
}

uint8_t *write_uuid(uint8_t *to, const uint8_t *random) {
    uint8_t bytes[16];
    memcpy(bytes, random, 16);
    bytes[6] = 0x40 | (bytes[6] & 0x0f); /* RFC 9562: version 4, variant 10 */
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    to = write_hex(to, bytes, 4), *to++ = '-';
    to = write_hex(to, bytes + 4, 2), *to++ = '-';
    to = write_hex(to, bytes + 6, 2), *to++ = '-';
    to = write_hex(to, bytes + 8, 2), *to++ = '-';
    return write_hex(to, bytes + 10, 6);
}

uint8_t *write_decimal(uint8_t *to, uint64_t number) {
    uint8_t digits[24];
    size_t count = 0;
    do digits[count++] = (uint8_t)('0' + number % 10);
    while (number /= 10);
    while (count) *to++ = digits[--count];
    return to;
}

size_t write_number(uint8_t *to, const char *repr) {
    uint8_t digits[NUMBER_MOST], *start = to;
    int count = 0, point = -1, exponent = 0, has_exponent = 0;
    const char *at = repr;
    if (*at == '-') at++;
    for (; *at && *at != 'e'; at++) {
        if (*at == '.')
            point = count;
        else if (*at < '0' || *at > '9' || count == 20) /* inf, nan; no float64 needs more than 17 */
            return 0;
        else
            digits[count++] = (uint8_t)*at;
    }
    if (!count) return 0;
    if (*at == 'e') {
        int below = *++at == '-';
        if (*at == '-' || *at == '+') at++;
        for (has_exponent = 1; *at >= '0' && *at <= '9' && exponent < 1000; at++) exponent = 10 * exponent + (*at - '0');
        if (*at) return 0;
        if (below) exponent = -exponent;
    }
    if (!has_exponent) { /* JavaScript writes these in the same way, except for -0 and a zero fraction */
        size_t length = strlen(repr);
        if (length > 2 && !strcmp(repr + length - 2, ".0")) length -= 2;
        if (length == 2 && !memcmp(repr, "-0", 2)) repr++, length--;
        if (length > NUMBER_MOST) return 0;
        memcpy(to, repr, length);
        return length;
    }
    if (point >= 0 && point != 1) return 0; /* with an exponent there is one digit before the point */
    while (count > 1 && digits[count - 1] == '0') count--;
    point = exponent + 1; /* the decimal point is after this many digits */
    if (*repr == '-') *to++ = '-';
    if (count <= point && point <= 21) {
        memcpy(to, digits, (size_t)count);
        memset(to + count, '0', (size_t)(point - count));
        return (size_t)(to + point - start);
    }
    if (0 < point && point <= 21) return 0; /* Python writes no exponent here */
    if (-6 < point && point <= 0) {
        *to++ = '0', *to++ = '.';
        for (; point < 0; point++) *to++ = '0';
        memcpy(to, digits, (size_t)count);
        return (size_t)(to + count - start);
    }
    *to++ = digits[0];
    if (count > 1) {
        *to++ = '.';
        memcpy(to, digits + 1, (size_t)count - 1);
        to += count - 1;
    }
    *to++ = 'e';
    *to++ = exponent < 0 ? '-' : '+';
    return (size_t)(write_decimal(to, (uint64_t)(exponent < 0 ? -exponent : exponent)) - start);
}

int ends_in_white_space(const uint8_t *text, size_t length) {
    if (!length) return 0;
    uint8_t last = text[length - 1];
    if (last < 0x80) return last == ' ' || (last >= '\t' && last <= '\r');
    if (length >= 2 && text[length - 2] == 0xc2) return last == 0xa0; /* U+00A0 */
    if (length < 3) return 0;
    switch (text[length - 3] << 16 | text[length - 2] << 8 | last) {
        case 0xe19a80: /* U+1680 */
        case 0xe280a8: /* U+2028 */
        case 0xe280a9: /* U+2029 */
        case 0xe280af: /* U+202F */
        case 0xe2819f: /* U+205F */
        case 0xe38080: /* U+3000 */
        case 0xefbbbf: /* U+FEFF */
            return 1;
    }
    return text[length - 3] == 0xe2 && text[length - 2] == 0x80 && last <= 0x8a; /* U+2000 to U+200A */
}
