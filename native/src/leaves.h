/* The leaves of one document: their JSON text, padded in place for the hash, and the results for all of them. */
#ifndef EBL_LEAVES_H
#define EBL_LEAVES_H

#include "keccak.h"

#define MOST_PATH 4096           /* bytes of a path, with its escapes */
#define MOST_DEPTH 64            /* as the strict reader: nested containers, the root included */
#define MOST_NODES 200000        /* as the strict reader: members of all containers */
#define MOST_PATHS ((size_t)1 << 26) /* as in Python: characters of all paths together */
#define SALT_SIZE 32             /* bytes kept of each salt; a UUID has 16 */

/* Result of a step. ODD is not an error: Python is the reference, and handles data that is not plain. */
typedef enum { DONE, ODD, NO_MEMORY } Outcome;

typedef struct {
    uint8_t *text; /* the padded messages, one after another */
    size_t used, room;
    Message *messages;
    uint8_t (*salts)[SALT_SIZE];
    size_t count, most;    /* leaves, and the number for which there is room */
    size_t salted;         /* how many of them have a salt in `salts` */
    size_t nodes, in_paths; /* counted against MOST_NODES and MOST_PATHS */
    uint8_t path[MOST_PATH];
} Leaves;

/* Returns a new one; NULL without memory. */
Leaves *leaves_new(void);
void leaves_free(Leaves *leaves);

/* Counts a container with `members` members below a path. ODD beyond a limit. */
Outcome leaves_enter(Leaves *leaves, size_t path_length, size_t members, int depth);

#define NO_ROOM ((size_t)-1)

/* Writes an index into the path. Returns the path's new length, or NO_ROOM. */
size_t leaves_index(Leaves *leaves, size_t path_length, size_t index);

/* Makes room for a leaf of at most this many bytes in addition to its path. */
Outcome leaves_room(Leaves *leaves, size_t path_length, size_t value_length);

/* Begins the message of a leaf: everything up to its value. There must be room. Returns the place for the value. */
uint8_t *leaves_begin(Leaves *leaves, size_t path_length);

/* Ends the message of a leaf at `end`. */
void leaves_end(Leaves *leaves, uint8_t *end);

/* Begins, escapes and ends the message of a leaf whose value is a string. */
Outcome leaves_add(Leaves *leaves, size_t path_length, const uint8_t *value, size_t value_length);

/* Digests all leaves and `withheld` further hashes. It uses no Python object, so it runs without the GIL. */
Outcome leaves_digest(const Leaves *leaves, const uint8_t *withheld, size_t withheld_count, uint8_t digest[HASH_SIZE]);

/* Returns DONE if no two salts are the same, ODD if two are. It uses no Python object. */
Outcome leaves_distinct(const Leaves *leaves);

/* Sorts rows of HASH_SIZE bytes: row `order[i]` is the i-th. */
Outcome sorted_order(const uint8_t *rows, size_t count, size_t *order);

#endif
