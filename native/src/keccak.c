#include "keccak.h"

#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "ebl-native reads and writes the words of Keccak as they are in memory, so it needs a little-endian machine"
#endif

/* GCC and Clang compile each of these for several processors from the same source; one is chosen at load. */
#if defined(__x86_64__) && defined(__GNUC__)
#define WIDE 1
#else
#define WIDE 0
#endif

static const uint64_t ROUND_CONSTANTS[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b, 0x0000000080000001,
    0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
    0x000000000000800a, 0x800000008000000a, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

#define ROTATE(word, by) (((word) << (by)) | ((word) >> (64 - (by))))

/* Processes one row: rho and pi have moved its words to b0..b4, and chi mixes them. */
#define CHI(to, at) \
    to[at] = b0 ^ (~b1 & b2); \
    to[at + 1] = b1 ^ (~b2 & b3); \
    to[at + 2] = b2 ^ (~b3 & b4); \
    to[at + 3] = b3 ^ (~b4 & b0); \
    to[at + 4] = b4 ^ (~b0 & b1);

/* Does one round of Keccak-f[1600] (FIPS 202, section 3.3) from one state to another. WORD is one lane, or a vector of lanes. */
#define ROUND(WORD, s, to, constant) \
    do { \
        WORD c0 = s[0] ^ s[5] ^ s[10] ^ s[15] ^ s[20], c1 = s[1] ^ s[6] ^ s[11] ^ s[16] ^ s[21]; \
        WORD c2 = s[2] ^ s[7] ^ s[12] ^ s[17] ^ s[22], c3 = s[3] ^ s[8] ^ s[13] ^ s[18] ^ s[23]; \
        WORD c4 = s[4] ^ s[9] ^ s[14] ^ s[19] ^ s[24]; \
        WORD d0 = c4 ^ ROTATE(c1, 1), d1 = c0 ^ ROTATE(c2, 1), d2 = c1 ^ ROTATE(c3, 1); \
        WORD d3 = c2 ^ ROTATE(c4, 1), d4 = c3 ^ ROTATE(c0, 1), b0, b1, b2, b3, b4; \
        b0 = s[0] ^ d0, b1 = ROTATE(s[6] ^ d1, 44), b2 = ROTATE(s[12] ^ d2, 43); \
        b3 = ROTATE(s[18] ^ d3, 21), b4 = ROTATE(s[24] ^ d4, 14); \
        CHI(to, 0) \
        to[0] ^= (constant); \
        b0 = ROTATE(s[3] ^ d3, 28), b1 = ROTATE(s[9] ^ d4, 20), b2 = ROTATE(s[10] ^ d0, 3); \
        b3 = ROTATE(s[16] ^ d1, 45), b4 = ROTATE(s[22] ^ d2, 61); \
        CHI(to, 5) \
        b0 = ROTATE(s[1] ^ d1, 1), b1 = ROTATE(s[7] ^ d2, 6), b2 = ROTATE(s[13] ^ d3, 25); \
        b3 = ROTATE(s[19] ^ d4, 8), b4 = ROTATE(s[20] ^ d0, 18); \
        CHI(to, 10) \
        b0 = ROTATE(s[4] ^ d4, 27), b1 = ROTATE(s[5] ^ d0, 36), b2 = ROTATE(s[11] ^ d1, 10); \
        b3 = ROTATE(s[17] ^ d2, 15), b4 = ROTATE(s[23] ^ d3, 56); \
        CHI(to, 15) \
        b0 = ROTATE(s[2] ^ d2, 62), b1 = ROTATE(s[8] ^ d3, 55), b2 = ROTATE(s[14] ^ d4, 39); \
        b3 = ROTATE(s[15] ^ d0, 41), b4 = ROTATE(s[21] ^ d1, 2); \
        CHI(to, 20) \
    } while (0)

#define PERMUTATION(NAME, WORD, FOR) \
    FOR static void NAME(WORD *state) { \
        WORD s[25], other[25]; \
        memcpy(s, state, sizeof s); \
        for (int round = 0; round < 24; round += 2) { \
            ROUND(WORD, s, other, ROUND_CONSTANTS[round]); \
            ROUND(WORD, other, s, ROUND_CONSTANTS[round + 1]); \
        } \
        memcpy(state, s, sizeof s); \
    }

PERMUTATION(permute_plain, uint64_t, )
static void (*permute)(uint64_t *) = permute_plain;

static void absorb(uint64_t state[25], const uint8_t *block) {
    for (int i = 0; i < KECCAK_RATE / 8; i++) {
        uint64_t word;
        memcpy(&word, block + 8 * i, 8);
        state[i] ^= word;
    }
    permute(state);
}

size_t keccak_pad(uint8_t *text, size_t length) {
    size_t blocks = length / KECCAK_RATE + 1, whole = blocks * KECCAK_RATE;
    memset(text + length, 0, whole - length);
    text[length] = 1;
    text[whole - 1] |= 0x80;
    return blocks;
}

void keccak256(const uint8_t *text, size_t length, uint8_t hash[HASH_SIZE]) {
    uint64_t state[25] = {0};
    for (; length >= KECCAK_RATE; text += KECCAK_RATE, length -= KECCAK_RATE) absorb(state, text);
    uint8_t last[KECCAK_RATE];
    if (length) memcpy(last, text, length);
    keccak_pad(last, length);
    absorb(state, last);
    memcpy(hash, state, HASH_SIZE);
}

static void one_padded(const uint8_t *text, size_t blocks, uint8_t *hash) {
    uint64_t state[25] = {0};
    for (; blocks; blocks--, text += KECCAK_RATE) absorb(state, text);
    memcpy(hash, state, HASH_SIZE);
}

#if WIDE
typedef uint64_t lanes4 __attribute__((vector_size(32)));
typedef uint64_t lanes8 __attribute__((vector_size(64)));

PERMUTATION(permute_bmi, uint64_t, __attribute__((target("bmi,bmi2"))))
PERMUTATION(permute4_avx2, lanes4, __attribute__((target("avx2"))))
PERMUTATION(permute4_avx512, lanes4, __attribute__((target("avx512f,avx512vl"))))
PERMUTATION(permute8_avx512, lanes8, __attribute__((target("avx512f,avx512vl"))))

/* Hashes up to COUNT messages, each of the same number of blocks. A lane without a message repeats the first one. */
#define SEVERAL(NAME, WORD, COUNT, PERMUTE, FOR) \
    FOR static void NAME(const uint8_t **texts, int count, size_t blocks, uint8_t **hashes) { \
        WORD state[25]; \
        memset(state, 0, sizeof state); \
        for (size_t at = 0; at < blocks * KECCAK_RATE; at += KECCAK_RATE) { \
            for (int i = 0; i < KECCAK_RATE / 8; i++) { \
                uint64_t words[COUNT]; \
                WORD row; \
                for (int k = 0; k < COUNT; k++) memcpy(&words[k], texts[k < count ? k : 0] + at + 8 * i, 8); \
                memcpy(&row, words, sizeof row); \
                state[i] ^= row; \
            } \
            PERMUTE(state); \
        } \
        for (int k = 0; k < count; k++) \
            for (int i = 0; i < HASH_SIZE / 8; i++) { \
                uint64_t word = state[i][k]; \
                memcpy(hashes[k] + 8 * i, &word, 8); \
            } \
    }

SEVERAL(several4_avx2, lanes4, 4, permute4_avx2, __attribute__((target("avx2"))))
SEVERAL(several4_avx512, lanes4, 4, permute4_avx512, __attribute__((target("avx512f,avx512vl"))))
SEVERAL(several8_avx512, lanes8, 8, permute8_avx512, __attribute__((target("avx512f,avx512vl"))))
#endif

static int lanes = 1;

int keccak_choose(int most_lanes) {
    int found = 1;
    (void)most_lanes;
#if WIDE
    __builtin_cpu_init();
    permute = __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") ? permute_bmi : permute_plain;
    if (most_lanes >= 4 && __builtin_cpu_supports("avx2")) found = 4;
    if (most_lanes >= 8 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) found = 8;
#endif
    lanes = found;
    return found;
}

#if WIDE
#define MOST_BLOCKS 4 /* longer messages are rare, so they would wait for each other */

typedef struct {
    const uint8_t *texts[MOST_LANES];
    uint8_t *hashes[MOST_LANES];
    int count;
} Waiting;

static void hash_waiting(Waiting *waiting, size_t blocks, int width) {
    const uint8_t **texts = waiting->texts;
    uint8_t **hashes = waiting->hashes;
    if (waiting->count == 1)
        one_padded(texts[0], blocks, hashes[0]);
    else if (width == 8 && waiting->count > 4)
        several8_avx512(texts, waiting->count, blocks, hashes);
    else if (width == 8)
        several4_avx512(texts, waiting->count, blocks, hashes);
    else
        several4_avx2(texts, waiting->count, blocks, hashes);
    waiting->count = 0;
}
#endif

void keccak256_of_padded(const uint8_t *text, const Message *messages, size_t count, uint8_t *hashes) {
    const int width = lanes; /* read once: another thread may choose again */
#if WIDE
    if (width > 1) {
        Waiting waiting[MOST_BLOCKS + 1];
        for (size_t blocks = 1; blocks <= MOST_BLOCKS; blocks++) waiting[blocks].count = 0;
        for (size_t i = 0; i < count; i++) {
            const uint8_t *start = text + messages[i].at;
            size_t blocks = messages[i].blocks;
            if (blocks > MOST_BLOCKS) {
                one_padded(start, blocks, hashes + HASH_SIZE * i);
                continue;
            }
            Waiting *those = &waiting[blocks];
            those->texts[those->count] = start;
            those->hashes[those->count] = hashes + HASH_SIZE * i;
            if (++those->count == width) hash_waiting(those, blocks, width);
        }
        for (size_t blocks = 1; blocks <= MOST_BLOCKS; blocks++)
            if (waiting[blocks].count) hash_waiting(&waiting[blocks], blocks, width);
        return;
    }
#endif
    (void)width;
    for (size_t i = 0; i < count; i++) one_padded(text + messages[i].at, messages[i].blocks, hashes + HASH_SIZE * i);
}
