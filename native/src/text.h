/* Text as JavaScript writes it: JSON's escapes, numbers, hexadecimal. */
#ifndef EBL_TEXT_H
#define EBL_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define ESCAPED_MOST 6 /* the most bytes that one byte may become */
#define NUMBER_MOST 32

/* Fills the tables. Called once, before anything else here. */
void text_begin(void);

/* Escapes UTF-8 as between the quotes of `JSON.stringify`. Returns the end. Each byte needs room for ESCAPED_MOST. */
uint8_t *write_escaped(uint8_t *to, const uint8_t *from, size_t length);

/* Writes two lower-case hexadecimal digits for each byte. Returns the end. */
uint8_t *write_hex(uint8_t *to, const uint8_t *from, size_t count);

/* Reads bytes from lower-case hexadecimal digits, two for each of `count`. Returns whether all were digits. */
int read_hex(uint8_t *to, const uint8_t *digits, size_t count);

/* Returns whether a text is a version 4 UUID in lower case (36 characters), and writes its 16 bytes to `to`. */
int read_uuid(uint8_t *to, const uint8_t *text);

/* Writes the version 4 UUID of 16 random bytes, in lower case: 36 characters. Returns the end. */
uint8_t *write_uuid(uint8_t *to, const uint8_t *random);

/* Writes ECMAScript's Number::toString, from the shortest digits that read back as the number, as in Python's repr ("1e-07").
 * Returns the length, at most NUMBER_MOST, or 0 if the text is not one of a finite number. */
size_t write_number(uint8_t *to, const char *repr);

/* Writes decimal digits. Returns the end. */
uint8_t *write_decimal(uint8_t *to, uint64_t number);

/* Returns whether UTF-8 ends in white space as JavaScript's `trim` defines it. */
int ends_in_white_space(const uint8_t *text, size_t length);

#endif
