/* The leaves of one document: their JSON text, padded for the hash where it lies, and what is made of all of them. */
#ifndef EBL_LEAVES_H
#define EBL_LEAVES_H

#include "keccak.h"

#define MOST_PATH 4096           /* bytes of a path, with its escapes */
#define MOST_DEPTH 64            /* as the strict reader: containers in each other, the root included */
#define MOST_NODES 200000        /* as the strict reader: members of all containers */
#define MOST_PATHS ((size_t)1 << 26) /* as in Python: characters of all paths together */
#define SALT_SIZE 32             /* bytes kept of each salt; a UUID has 16 */

/* What became of a step. ODD is no error: Python is the reference, and goes on with what is not plain. */
typedef enum { DONE, ODD, NO_MEMORY } Outcome;

typedef struct {
    uint8_t *text; /* the padded messages, one after another */
    size_t used, room;
    Message *messages;
    uint8_t (*salts)[SALT_SIZE];
    size_t count, most;    /* leaves, and for how many there is room */
    size_t salted;         /* how many of them have a salt in `salts` */
    size_t nodes, in_paths; /* counted against MOST_NODES and MOST_PATHS */
    uint8_t path[MOST_PATH];
} Leaves;

/* A new one, or NULL without memory. */
Leaves *leaves_new(void);
void leaves_free(Leaves *leaves);

/* Count a container of so many members below a path. ODD beyond a limit. */
Outcome leaves_enter(Leaves *leaves, size_t path_length, size_t members, int depth);

#define NO_ROOM ((size_t)-1)

/* Write an index into the path. Returns the path's new length, or NO_ROOM. */
size_t leaves_index(Leaves *leaves, size_t path_length, size_t index);

/* Make room for a leaf of at most so many bytes beside its path. */
Outcome leaves_room(Leaves *leaves, size_t path_length, size_t value_length);

/* Begin the message of a leaf: everything up to its value. There must be room. Returns where the value is to be written. */
uint8_t *leaves_begin(Leaves *leaves, size_t path_length);

/* End the message of a leaf at `end`. */
void leaves_end(Leaves *leaves, uint8_t *end);

/* Begin, escape and end: the message of a leaf whose value is a string. */
Outcome leaves_add(Leaves *leaves, size_t path_length, const uint8_t *value, size_t value_length);

/* The digest of all leaves and of `withheld` more hashes. Touches no Python object, so it runs without the interpreter's lock. */
Outcome leaves_digest(const Leaves *leaves, const uint8_t *withheld, size_t withheld_count, uint8_t digest[HASH_SIZE]);

/* DONE if no two salts are the same, ODD if two are. Touches no Python object. */
Outcome leaves_distinct(const Leaves *leaves);

/* The order of rows of HASH_SIZE bytes: row `order[i]` is the i-th. */
Outcome sorted_order(const uint8_t *rows, size_t count, size_t *order);

#endif
