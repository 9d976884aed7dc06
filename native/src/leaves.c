#include "leaves.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

#define FIRST_ROOM ((size_t)1 << 15)
#define FIRST_LEAVES 128

Leaves *leaves_new(void) {
    Leaves *leaves = malloc(sizeof *leaves);
    if (leaves) memset(leaves, 0, offsetof(Leaves, path));
    return leaves;
}

void leaves_free(Leaves *leaves) {
    if (!leaves) return;
    free(leaves->text);
    free(leaves->messages);
    free(leaves->salts);
    free(leaves);
}

Outcome leaves_enter(Leaves *leaves, size_t path_length, size_t members, int depth) {
    if (depth > MOST_DEPTH || members > MOST_NODES) return ODD;
    leaves->nodes += members;
    leaves->in_paths += path_length * members; /* both are small: at most 4,096 times 200,000 */
    return leaves->nodes > MOST_NODES || leaves->in_paths > MOST_PATHS ? ODD : DONE;
}

size_t leaves_index(Leaves *leaves, size_t path_length, size_t index) {
    if (path_length + 32 > MOST_PATH) return NO_ROOM;
    return (size_t)(write_decimal(leaves->path + path_length, index) - leaves->path);
}

static Outcome room_for_one_more(Leaves *leaves) {
    if (leaves->count < leaves->most) return DONE;
    size_t most = leaves->most ? 2 * leaves->most : FIRST_LEAVES;
    if (most > SIZE_MAX / SALT_SIZE) return NO_MEMORY;
    Message *messages = realloc(leaves->messages, most * sizeof *messages);
    if (!messages) return NO_MEMORY;
    leaves->messages = messages;
    void *salts = realloc(leaves->salts, most * sizeof *leaves->salts);
    if (!salts) return NO_MEMORY;
    leaves->salts = salts;
    leaves->most = most;
    return DONE;
}

Outcome leaves_room(Leaves *leaves, size_t path_length, size_t value_length) {
    const size_t around = 16 + 2 * KECCAK_RATE; /* braces, quotes, the padding */
    if (value_length > (SIZE_MAX - path_length - around) / ESCAPED_MOST) return NO_MEMORY;
    size_t more = path_length + ESCAPED_MOST * value_length + around;
    if (more > SIZE_MAX / 2 - leaves->used) return NO_MEMORY;
    if (leaves->used + more > leaves->room) {
        size_t room = leaves->room ? leaves->room : FIRST_ROOM;
        while (room < leaves->used + more) room *= 2;
        uint8_t *text = realloc(leaves->text, room);
        if (!text) return NO_MEMORY;
        leaves->text = text;
        leaves->room = room;
    }
    return room_for_one_more(leaves);
}

uint8_t *leaves_begin(Leaves *leaves, size_t path_length) {
    uint8_t *to = leaves->text + leaves->used;
    *to++ = '{', *to++ = '"';
    memcpy(to, leaves->path, path_length);
    to += path_length;
    *to++ = '"', *to++ = ':';
    return to;
}

void leaves_end(Leaves *leaves, uint8_t *end) {
    uint8_t *start = leaves->text + leaves->used;
    *end++ = '}';
    size_t blocks = keccak_pad(start, (size_t)(end - start));
    leaves->messages[leaves->count++] = (Message){leaves->used, blocks};
    leaves->used += blocks * KECCAK_RATE;
}

Outcome leaves_add(Leaves *leaves, size_t path_length, const uint8_t *value, size_t value_length) {
    Outcome outcome = leaves_room(leaves, path_length, value_length);
    if (outcome != DONE) return outcome;
    uint8_t *to = leaves_begin(leaves, path_length);
    *to++ = '"';
    to = write_escaped(to, value, value_length);
    *to++ = '"';
    leaves_end(leaves, to);
    return DONE;
}

/* ---- sorting rows of HASH_SIZE bytes by their bytes, in a time that no input can make longer ---- */

typedef struct {
    uint64_t head; /* the first eight bytes, as a number with the same order */
    size_t row;
} Key;

static int before(const Key *one, const Key *other, const uint8_t *rows) {
    if (one->head != other->head) return one->head < other->head;
    return memcmp(rows + HASH_SIZE * one->row, rows + HASH_SIZE * other->row, HASH_SIZE) < 0;
}

static void sort_few(Key *keys, size_t count, const uint8_t *rows) {
    for (size_t i = 1; i < count; i++) {
        Key key = keys[i];
        size_t at = i;
        for (; at && before(&key, &keys[at - 1], rows); at--) keys[at] = keys[at - 1];
        keys[at] = key;
    }
}

static void merge(const Key *one, size_t ones, const Key *other, size_t others, Key *to, const uint8_t *rows) {
    while (ones && others) {
        if (before(other, one, rows))
            *to++ = *other++, others--;
        else
            *to++ = *one++, ones--;
    }
    memcpy(to, one, ones * sizeof *to);
    memcpy(to + ones, other, others * sizeof *to);
}

#define FEW ((size_t)12)

/* Sorts keys. There is room for twice as many; the second half is scratch space. Returns the place of the sorted keys. */
static Key *sort_keys(Key *keys, size_t count, const uint8_t *rows) {
    Key *from = keys, *to = keys + count;
    for (size_t at = 0; at < count; at += FEW) sort_few(from + at, count - at < FEW ? count - at : FEW, rows);
    for (size_t run = FEW; run < count; run *= 2) {
        for (size_t at = 0; at < count; at += 2 * run) {
            size_t ones = count - at < run ? count - at : run;
            size_t others = count - at - ones < run ? count - at - ones : run;
            merge(from + at, ones, from + at + ones, others, to + at, rows);
        }
        Key *swapped = from;
        from = to;
        to = swapped;
    }
    return from;
}

/* Sets `*memory` to memory that the caller frees; to NULL if there is none. */
static const Key *sorted_keys(const uint8_t *rows, size_t count, Key **memory) {
    *memory = count > SIZE_MAX / (2 * sizeof(Key)) - 1 ? NULL : malloc((2 * count + 1) * sizeof(Key));
    if (!*memory) return NULL;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *row = rows + HASH_SIZE * i;
        uint64_t head = 0;
        for (int byte = 0; byte < 8; byte++) head = head << 8 | row[byte];
        (*memory)[i] = (Key){head, i};
    }
    return sort_keys(*memory, count, rows);
}

Outcome sorted_order(const uint8_t *rows, size_t count, size_t *order) {
    Key *memory;
    const Key *keys = sorted_keys(rows, count, &memory);
    if (!keys) return NO_MEMORY;
    for (size_t i = 0; i < count; i++) order[i] = keys[i].row;
    free(memory);
    return DONE;
}

Outcome leaves_distinct(const Leaves *leaves) {
    const uint8_t *rows = (const uint8_t *)leaves->salts;
    Key *memory;
    if (leaves->salted < 2) return DONE;
    const Key *keys = sorted_keys(rows, leaves->salted, &memory);
    if (!keys) return NO_MEMORY;
    Outcome outcome = DONE;
    for (size_t i = 1; i < leaves->salted && outcome == DONE; i++)
        if (!memcmp(rows + SALT_SIZE * keys[i - 1].row, rows + SALT_SIZE * keys[i].row, SALT_SIZE)) outcome = ODD;
    free(memory);
    return outcome;
}

Outcome leaves_digest(const Leaves *leaves, const uint8_t *withheld, size_t withheld_count, uint8_t digest[HASH_SIZE]) {
    const size_t row_text = 2 * HASH_SIZE + 3; /* quotes and a comma */
    if (withheld_count > SIZE_MAX / row_text - leaves->count - 1) return NO_MEMORY;
    size_t count = leaves->count + withheld_count;
    uint8_t *rows = malloc(count * HASH_SIZE + 1), *text = malloc(count * row_text + 2);
    Key *memory = NULL;
    const Key *keys = NULL;
    if (rows && text) {
        keccak256_of_padded(leaves->text, leaves->messages, leaves->count, rows);
        if (withheld_count) memcpy(rows + HASH_SIZE * leaves->count, withheld, HASH_SIZE * withheld_count);
        keys = sorted_keys(rows, count, &memory);
    }
    if (keys) {
        uint8_t *to = text;
        *to++ = '[';
        for (size_t i = 0; i < count; i++) {
            if (i) *to++ = ',';
            *to++ = '"';
            to = write_hex(to, rows + HASH_SIZE * keys[i].row, HASH_SIZE);
            *to++ = '"';
        }
        *to++ = ']';
        keccak256(text, (size_t)(to - text), digest);
    }
    free(memory);
    free(rows);
    free(text);
    return keys ? DONE : NO_MEMORY;
}
