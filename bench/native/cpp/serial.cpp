// SPDX-License-Identifier: Apache-2.0

// What the machine gives without a runtime, and the hash of uts.

#include <thread>

#include "graph.hpp"
#include "tree.hpp"

static uint32_t left(uint32_t v, int n) { return v << n | v >> (32 - n); }

Hash sha1(const uint32_t* words, int n) {
  uint32_t w[80] = {};
  for (int i = 0; i < n; i++) w[i] = words[i];
  w[n] = 0x80000000;
  w[15] = n * 32;
  for (int i = 16; i < 80; i++) w[i] = left(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  Hash h = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  auto [a, b, c, d, e] = h;
  for (int i = 0; i < 80; i++) {
    uint32_t f, k;
    if (i < 20)
      f = (b & c) | (~b & d), k = 0x5a827999;
    else if (i < 40)
      f = b ^ c ^ d, k = 0x6ed9eba1;
    else if (i < 60)
      f = (b & c) | (b & d) | (c & d), k = 0x8f1bbcdc;
    else
      f = b ^ c ^ d, k = 0xca62c1d6;
    uint32_t next = left(a, 5) + f + e + k + w[i];
    e = d, d = c, c = left(b, 30), b = a, a = next;
  }
  return {h[0] + a, h[1] + b, h[2] + c, h[3] + d, h[4] + e};
}

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
