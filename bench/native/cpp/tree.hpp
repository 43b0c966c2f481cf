// SPDX-License-Identifier: Apache-2.0

// The trees of package bench: the same recursion, the same answers. A runtime is a
// Fork: fork(f, g) calls both, perhaps at the same time, and returns after both.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include "native.hpp"

struct Size {
  uint64_t n, units, want;
};

struct Tree {
  const char* name;
  std::vector<Size> sizes;
};

inline const Size& size_for(const std::vector<Size>& sizes, uint64_t units) {
  const Size* best = &sizes[0];
  for (auto& s : sizes)
    if (s.units <= units) best = &s;
  return *best;
}

template <class Fork>
uint64_t fib(Fork& fork, uint64_t n) {
  if (n < 2) return n;
  uint64_t a, b;
  fork([&] { a = fib(fork, n - 1); }, [&] { b = fib(fork, n - 2); });
  return a + b;
}

template <class Fork>
uint64_t skynet_some(Fork& fork, uint64_t number, uint64_t each, uint64_t n);

template <class Fork>
uint64_t skynet(Fork& fork, uint64_t number, uint64_t leaves) {
  return leaves == 1 ? number : skynet_some(fork, number, leaves / 10, 10);
}

template <class Fork>
uint64_t skynet_some(Fork& fork, uint64_t number, uint64_t each, uint64_t n) {
  if (n == 1) return skynet(fork, number, each);
  uint64_t half = n / 2, a, b;
  fork([&] { a = skynet_some(fork, number, each, half); },
       [&] { b = skynet_some(fork, number + half * each, each, n - half); });
  return a + b;
}

struct Board {
  uint64_t columns = 0;
  int rows = 0, n;

  bool free(int column) const {
    uint64_t c = columns;
    for (int back = 1; back <= rows; back++, c >>= 4) {
      int d = int(c & 15) - column;
      if (d == 0 || d == back || d == -back) return false;
    }
    return true;
  }
  Board with(int column) const { return {columns << 4 | uint64_t(column), rows + 1, n}; }
  int next(int from) const {  // the first free column from one on, or n
    while (from < n && !free(from)) from++;
    return from;
  }
};

template <class Fork>
uint64_t queens_columns(Fork& fork, Board b, int first);

template <class Fork>
uint64_t queens(Fork& fork, Board b) {
  if (b.rows == b.n) return 1;
  int first = b.next(0);
  return first == b.n ? 0 : queens_columns(fork, b, first);
}

template <class Fork>
uint64_t queens_columns(Fork& fork, Board b, int first) {
  int second = b.next(first + 1);
  if (second == b.n) return queens(fork, b.with(first));
  uint64_t x, y;
  fork([&] { x = queens(fork, b.with(first)); }, [&] { y = queens_columns(fork, b, second); });
  return x + y;
}

using Hash = std::array<uint32_t, 5>;

Hash sha1(const uint32_t* words, int n);  // of up to 13 words

struct Node {
  Hash state;
  uint32_t size;
  bool t3;

  static Node root(bool t3, uint64_t size) {
    uint32_t seed[5] = {0, 0, 0, 0, t3 ? 42u : 19u};
    return {sha1(seed, 5), uint32_t(size), t3};
  }
  Node child(uint32_t i) const {
    uint32_t in[6] = {state[0], state[1], state[2], state[3], state[4], i};
    return {sha1(in, 6), t3 ? 0 : size - 1, t3};
  }
  uint32_t children() const {
    double p = double(state[4] & 0x7fffffff) / double(1u << 31);
    if (!t3) {
      if (size == 0) return 0;
      return std::min(100u, uint32_t(std::log(1 - p) / std::log(1 - 1.0 / 5)));
    }
    return size > 0 ? size : p < 0.124875 ? 8 : 0;
  }
};

template <class Fork>
uint64_t uts_children(Fork& fork, const Node& n, uint32_t lo, uint32_t hi);

template <class Fork>
uint64_t uts(Fork& fork, const Node& n) {
  uint32_t c = n.children();
  return c == 0 ? 1 : 1 + uts_children(fork, n, 0, c);
}

template <class Fork>
uint64_t uts_children(Fork& fork, const Node& n, uint32_t lo, uint32_t hi) {
  Node first = n.child(lo);
  if (lo + 1 == hi) return uts(fork, first);
  uint64_t a, b;
  fork([&] { a = uts(fork, first); }, [&] { b = uts_children(fork, n, lo + 1, hi); });
  return a + b;
}

inline const std::vector<Tree>& trees() {
  static const std::vector<Tree> all = {
      {"fib", {{15, 986, 610}, {24, 75024, 46368}, {30, 1346268, 832040}, {37, 39088168, 24157817}}},
      {"skynet", {{1000, 1111, 499500}, {100000, 111111, 4999950000}, {1000000, 1111111, 499999500000}}},
      {"nqueens", {{8, 2057, 92}, {10, 35539, 724}, {13, 4674890, 73712}}},
      {"uts-t1", {{8, 257042, 257042}, {10, 4130071, 4130071}}},
      {"uts-t3", {{100, 6797, 6797}, {2000, 4112897, 4112897}}},
  };
  return all;
}

template <class Fork>
uint64_t compute(Fork& fork, const std::string& name, uint64_t n) {
  if (name == "fib") return fib(fork, n);
  if (name == "skynet") return skynet(fork, 0, n);
  if (name == "nqueens") return queens(fork, Board{.n = int(n)});
  return uts(fork, Node::root(name == "uts-t3", n));
}

// The most units of a round on a runtime that takes fifty ns and more for each:
// fib(37) would take seconds.
constexpr uint64_t fork_limit = 5000000;

// tree_cells returns the trees on a runtime. open(workers) makes it ready, and
// returns a pointer to what has call(f), which returns f(fork), called on a worker.
template <class Open>
Cells tree_cells(const char* runtime, bool per_core, Open open) {
  Cells all;
  for (auto& t : trees())
    all.push_back({t.name, runtime, per_core, [&t, open, per_core](int workers) -> Round {
                     auto rt = open(workers);
                     return [&t, rt, per_core](uint64_t units) -> Done {
                       const Size& s = size_for(t.sizes, per_core ? std::min(units, fork_limit) : units);
                       uint64_t got = 0;
                       auto took = timed([&] { got = rt->call([&](auto& fork) { return compute(fork, t.name, s.n); }); });
                       want(got, s.want, t.name);
                       return {s.units, took};
                     };
                   }});
  return all;
}
