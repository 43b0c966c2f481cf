// SPDX-License-Identifier: Apache-2.0

// What the machine gives without a runtime, and the hash of uts.

#ifdef __SHA__
#include <immintrin.h>
#endif

#include <thread>
#include <utility>

#include "graph.hpp"
#include "tree.hpp"

#ifdef __SHA__

// By the instructions that the libraries of Go and Rust use, too.
namespace {

// Four rounds: before is what abcd was four rounds ago, where e comes from. Their
// words give way to those of four groups later.
template <int Group>
inline void four_rounds(__m128i& abcd, __m128i& before, __m128i (&w)[4], __m128i e) {
  __m128i in = Group == 0 ? _mm_add_epi32(e, w[0]) : _mm_sha1nexte_epu32(before, w[Group % 4]);
  before = abcd;
  abcd = _mm_sha1rnds4_epu32(abcd, in, Group / 5);
  if constexpr (Group < 16) {
    __m128i some = _mm_sha1msg1_epu32(w[Group % 4], w[(Group + 1) % 4]);
    w[Group % 4] = _mm_sha1msg2_epu32(_mm_xor_si128(some, w[(Group + 2) % 4]), w[(Group + 3) % 4]);
  }
}

template <int... Group>
inline void all_rounds(__m128i& abcd, __m128i& before, __m128i (&w)[4], __m128i e, std::integer_sequence<int, Group...>) {
  (four_rounds<Group>(abcd, before, w, e), ...);
}

}  // namespace

Hash sha1(const uint32_t* words, int n) {
  uint32_t in[16] = {};
  for (int i = 0; i < n; i++) in[i] = words[i];
  in[n] = 0x80000000;
  in[15] = n * 32;
  __m128i w[4];
  for (int i = 0; i < 4; i++) w[i] = _mm_set_epi32(in[4 * i], in[4 * i + 1], in[4 * i + 2], in[4 * i + 3]);
  const __m128i start = _mm_set_epi32(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476), e = _mm_set_epi32(0xc3d2e1f0, 0, 0, 0);
  __m128i abcd = start, before = start;
  all_rounds(abcd, before, w, e, std::make_integer_sequence<int, 20>{});
  before = _mm_sha1nexte_epu32(before, e);
  abcd = _mm_add_epi32(abcd, start);
  return {uint32_t(_mm_extract_epi32(abcd, 3)), uint32_t(_mm_extract_epi32(abcd, 2)), uint32_t(_mm_extract_epi32(abcd, 1)),
          uint32_t(_mm_extract_epi32(abcd, 0)), uint32_t(_mm_extract_epi32(before, 3))};
}

#else

static uint32_t left(uint32_t v, int n) { return v << n | v >> (32 - n); }

// Some rounds, whose function and constant are the same.
template <class F>
static inline void rounds(Hash& h, const uint32_t* w, uint32_t k, F f) {
  auto& [a, b, c, d, e] = h;
  for (int i = 0; i < 20; i++) {
    uint32_t next = left(a, 5) + f(b, c, d) + e + k + w[i];
    e = d, d = c, c = left(b, 30), b = a, a = next;
  }
}

Hash sha1(const uint32_t* words, int n) {
  uint32_t w[80] = {};
  for (int i = 0; i < n; i++) w[i] = words[i];
  w[n] = 0x80000000;
  w[15] = n * 32;
  for (int i = 16; i < 80; i++) w[i] = left(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  const Hash start = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  Hash h = start;
  auto parity = [](uint32_t b, uint32_t c, uint32_t d) { return b ^ c ^ d; };
  rounds(h, w, 0x5a827999, [](uint32_t b, uint32_t c, uint32_t d) { return d ^ (b & (c ^ d)); });
  rounds(h, w + 20, 0x6ed9eba1, parity);
  rounds(h, w + 40, 0x8f1bbcdc, [](uint32_t b, uint32_t c, uint32_t d) { return (b & c) | (d & (b | c)); });
  rounds(h, w + 60, 0xca62c1d6, parity);
  for (int i = 0; i < 5; i++) h[i] += start[i];
  return h;
}

#endif

namespace {

// Serial computes as many copies at once as there are workers.
struct Serial {
  struct Fork {
    template <class F, class G>
    void operator()(F&& f, G&& g) { f(), g(); }
  };

  int copies;

  template <class F>
  uint64_t call(F&& f) {
    std::vector<std::jthread> others;
    for (int i = 1; i < copies; i++)
      others.emplace_back([f] {
        Fork fork;
        [[maybe_unused]] volatile uint64_t kept = f(fork);
      });
    Fork fork;
    return f(fork);
  }
};

struct Order {
  Plan* plan = nullptr;
  void build(Plan& p) { plan = &p; }
  void run() {
    for (uint32_t i = 0; i < plan->size(); i++) plan->visit(i);
  }
};

}  // namespace

Cells serial_cells() {
  Cells all = tree_cells("serial-cpp", false, [](int workers) { return std::make_shared<Serial>(workers); });
  for (auto& c : graph_cells("serial-cpp", [](int) { return std::make_shared<Order>(); })) all.push_back(c);
  return all;
}
