// SPDX-License-Identifier: Apache-2.0

// The graphs of package bench: the same nodes, edges and sums.
#pragma once

#include <algorithm>

#include "native.hpp"

struct Plan {
  std::vector<std::vector<uint32_t>> before;  // predecessors, with lower numbers
  std::vector<uint64_t> value, wanted;
  uint64_t round = 0;

  size_t size() const { return before.size(); }

  uint64_t add(uint32_t i, const std::vector<uint64_t>& of) const {
    uint64_t sum = i;
    if (before[i].empty()) sum += round;
    for (uint32_t j : before[i]) sum += of[j];
    return sum;
  }
  void visit(uint32_t i) { value[i] = add(i, value); }

  void check() {
    for (uint32_t i = 0; i < size(); i++) {
      wanted[i] = add(i, wanted);
      want(value[i], wanted[i], "node " + std::to_string(i));
    }
  }
};

struct SplitMix {
  uint64_t state = 0;

  uint64_t below(uint64_t n) {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return (z ^ z >> 31) % n;
  }
};

inline std::shared_ptr<Plan> build(const std::string& name, uint64_t units) {
  auto p = std::make_shared<Plan>();
  uint64_t side = 256;
  if (name == "wavefront") {
    while (side * side > units) side /= 2;
    units = side * side;
  }
  p->before.resize(units);
  p->value.resize(units);
  p->wanted.resize(units);
  SplitMix rng;
  for (uint32_t i = 0; i < units; i++) {
    auto& b = p->before[i];
    if (name == "wavefront") {
      if (i >= side) b.push_back(i - side);
      if (i % side > 0) b.push_back(i - 1);
    } else if (i == 0) {
      continue;
    } else if (name == "chain") {
      b.push_back(i - 1);
    } else if (name == "tree") {
      b.push_back((i - 1) / 2);
    } else {
      for (uint64_t n = 1 + rng.below(4); n > 0; n--) {
        uint32_t j = rng.below(i);
        if (std::find(b.begin(), b.end(), j) == b.end()) b.push_back(j);
      }
    }
  }
  return p;
}

// graph_cells returns the graphs on a runtime. open(workers) makes it ready, with
// build(plan), which builds its own form once, and run().
template <class Open>
Cells graph_cells(const char* runtime, Open open) {
  Cells all;
  for (std::string name : {"chain", "wavefront", "dag", "tree"})
    all.push_back({name, runtime, false, [name, open](int workers) -> Round {
                     auto rt = open(workers);
                     std::shared_ptr<Plan> plan;
                     uint64_t built = 0;
                     return [=](uint64_t units) mutable -> Done {
                       if (!plan || built != units) {
                         plan = build(name, built = units);
                         rt->build(*plan);
                       }
                       plan->round++;
                       auto took = timed([&] { rt->run(); });
                       plan->check();
                       return {plan->size(), took};
                     };
                   }});
  return all;
}
