/* Keccak-256 as Ethereum uses it (original padding, not FIPS 202), one message or several at once. */
#ifndef EBL_KECCAK_H
#define EBL_KECCAK_H

#include <stddef.h>
#include <stdint.h>

#define KECCAK_RATE 136 /* bytes of a block */
#define HASH_SIZE 32
#define MOST_LANES 8

/* A message that is already padded: a number of whole blocks, from an offset on. */
typedef struct {
    size_t at, blocks;
} Message;

/* Chooses the widest code that this processor supports, with at most `most` lanes (1, 4 or 8). Returns the lanes in use. */
int keccak_choose(int most_lanes);

void keccak256(const uint8_t *text, size_t length, uint8_t hash[HASH_SIZE]);

/* Pads a message of `length` bytes at `text`, which has room for the last block. Returns its number of blocks. */
size_t keccak_pad(uint8_t *text, size_t length);

/* Hashes padded messages that are in one text, in order: writes `count` times HASH_SIZE bytes. */
void keccak256_of_padded(const uint8_t *text, const Message *messages, size_t count, uint8_t *hashes);

#endif
