#include "base/sha1.h"

#include <stdint.h>
#include <string.h>

enum { BLOCK = 64, ROUNDS = 80 };

static uint32_t
rotate(uint32_t x, int n)
{
	return x << n | x >> (32 - n);
}

static uint32_t
mix(int round, const uint32_t h[5])
{
	switch (round / 20) {
	case 0:
		return ((h[1] & h[2]) | (~h[1] & h[3])) + 0x5A827999;
	case 1:
		return (h[1] ^ h[2] ^ h[3]) + 0x6ED9EBA1;
	case 2:
		return ((h[1] & h[2]) | (h[1] & h[3]) | (h[2] & h[3])) + 0x8F1BBCDC;
	default:
		return (h[1] ^ h[2] ^ h[3]) + 0xCA62C1D6;
	}
}

static void
take_block(uint32_t state[5], const unsigned char *p)
{
	uint32_t w[ROUNDS], h[5];

	for (int i = 0; i < 16; i++, p += 4)
		w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	for (int i = 16; i < ROUNDS; i++)
		w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	memcpy(h, state, sizeof h);
	for (int i = 0; i < ROUNDS; i++) {
		uint32_t next = rotate(h[0], 5) + mix(i, h) + h[4] + w[i];

		h[4] = h[3];
		h[3] = h[2];
		h[2] = rotate(h[1], 30);
		h[1] = h[0];
		h[0] = next;
	}
	for (int i = 0; i < 5; i++)
		state[i] += h[i];
}

void
sha1(struct str bytes, unsigned char out[SHA1_LEN])
{
	uint32_t state[5] = { 0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0 };
	uint64_t bits = (uint64_t)bytes.n * 8;
	unsigned char last[2 * BLOCK] = { 0 };
	size_t rest = bytes.n % BLOCK, n = rest < BLOCK - 8 ? BLOCK : 2 * BLOCK;

	for (size_t at = 0; at + BLOCK <= bytes.n; at += BLOCK)
		take_block(state, (const unsigned char *)bytes.p + at);
	if (rest > 0)
		memcpy(last, bytes.p + bytes.n - rest, rest);
	last[rest] = 0x80;
	for (size_t i = 0; i < 8; i++)
		last[n - 1 - i] = (unsigned char)(bits >> 8 * i);
	for (size_t at = 0; at < n; at += BLOCK)
		take_block(state, last + at);
	for (size_t i = 0; i < SHA1_LEN; i++)
		out[i] = (unsigned char)(state[i / 4] >> (24 - 8 * (i % 4)));
}
