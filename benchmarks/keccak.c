/* How fast this processor does Keccak-f[1600] in plain C: prints nanoseconds for one permutation. */
#include <stdint.h>
#include <stdio.h>
#include <time.h>

static const uint64_t RC[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b, 0x0000000080000001,
    0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
    0x000000000000800a, 0x800000008000000a, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};

#define ROL(a, n) (((a) << (n)) | ((a) >> (64 - (n))))
#define CHI(o, a, b, c, d, e) \
    s[o] = a ^ (~b & c); s[o + 1] = b ^ (~c & d); s[o + 2] = c ^ (~d & e); s[o + 3] = d ^ (~e & a); s[o + 4] = e ^ (~a & b);

static void permute(uint64_t s[25]) {
    for (int r = 0; r < 24; r++) {
        uint64_t c0 = s[0] ^ s[5] ^ s[10] ^ s[15] ^ s[20], c1 = s[1] ^ s[6] ^ s[11] ^ s[16] ^ s[21];
        uint64_t c2 = s[2] ^ s[7] ^ s[12] ^ s[17] ^ s[22], c3 = s[3] ^ s[8] ^ s[13] ^ s[18] ^ s[23];
        uint64_t c4 = s[4] ^ s[9] ^ s[14] ^ s[19] ^ s[24];
        uint64_t d0 = c4 ^ ROL(c1, 1), d1 = c0 ^ ROL(c2, 1), d2 = c1 ^ ROL(c3, 1), d3 = c2 ^ ROL(c4, 1), d4 = c3 ^ ROL(c0, 1);
        uint64_t b0 = s[0] ^ d0, b1 = ROL(s[6] ^ d1, 44), b2 = ROL(s[12] ^ d2, 43), b3 = ROL(s[18] ^ d3, 21);
        uint64_t b4 = ROL(s[24] ^ d4, 14), b5 = ROL(s[3] ^ d3, 28), b6 = ROL(s[9] ^ d4, 20), b7 = ROL(s[10] ^ d0, 3);
        uint64_t b8 = ROL(s[16] ^ d1, 45), b9 = ROL(s[22] ^ d2, 61), b10 = ROL(s[1] ^ d1, 1), b11 = ROL(s[7] ^ d2, 6);
        uint64_t b12 = ROL(s[13] ^ d3, 25), b13 = ROL(s[19] ^ d4, 8), b14 = ROL(s[20] ^ d0, 18), b15 = ROL(s[4] ^ d4, 27);
        uint64_t b16 = ROL(s[5] ^ d0, 36), b17 = ROL(s[11] ^ d1, 10), b18 = ROL(s[17] ^ d2, 15), b19 = ROL(s[23] ^ d3, 56);
        uint64_t b20 = ROL(s[2] ^ d2, 62), b21 = ROL(s[8] ^ d3, 55), b22 = ROL(s[14] ^ d4, 39), b23 = ROL(s[15] ^ d0, 41);
        uint64_t b24 = ROL(s[21] ^ d1, 2);
        CHI(0, b0, b1, b2, b3, b4) CHI(5, b5, b6, b7, b8, b9) CHI(10, b10, b11, b12, b13, b14)
        CHI(15, b15, b16, b17, b18, b19) CHI(20, b20, b21, b22, b23, b24)
        s[0] ^= RC[r];
    }
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

int main(void) {
    uint64_t s[25] = {0};
    permute(s);
    if (s[0] != 0xf1258f7940e1dde7) return 1; /* the known answer for the zero state */
    double best = 1e18;
    for (int round = 0; round < 9; round++) {
        double begin = now();
        for (int n = 0; n < 20000; n++) permute(s);
        double each = (now() - begin) / 20000;
        if (each < best) best = each;
    }
    printf("%.1f %d\n", best, (int)(s[0] & 1));
    return 0;
}
