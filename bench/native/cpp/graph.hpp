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

// add_before notes what node i of a graph of so many comes after.
inline void add_before(const std::string& name, uint32_t i, uint64_t units, uint64_t side, SplitMix& rng, std::vector<uint32_t>& b) {
  auto add = [&](uint64_t j) { b.push_back(uint32_t(j)); };
  if (name == "wavefront" || name == "wavefront-2048") {
    if (i >= side) add(i - side);
    if (i % side > 0) add(i - 1);
  } else if (name == "order-matmul") {
    uint64_t rows = (units - 1) / 4;
    if (i == 3 * rows)
      for (uint64_t j = 0; j < i; j++) add(j);
    else if (i > 3 * rows)
      add(3 * rows);
  } else if (name == "order-mnist") {
    const uint64_t layers = 3, round = 1 + 2 * layers;
    uint64_t begin = i / round * round, k = i % round;
    if (k == 0 && begin > 0)
      for (uint64_t layer = 0; layer < layers; layer++) add(begin - round + 1 + layers + layer);
    else if (k > layers) {
      uint64_t l = k - layers - 1;
      add(begin + 1 + l);
      if (l + 1 < layers) add(begin + 2 + l);
    } else if (k > 0)
      add(i - 1);
  } else if (name == "order-blackscholes") {
    const uint64_t parts = 64, round = parts + 1;
    uint64_t begin = i / round * round, k = i % round;
    if (k == parts)
      for (uint64_t part = 0; part < parts; part++) add(begin + part);
    else if (begin > 0)
      add(begin - 1);
  } else if (i == 0) {
    return;
  } else if (name == "chain" || name == "chain-1m") {
    add(i - 1);
  } else if (name == "tree") {
    add((i - 1) / 2);
  } else {
    for (uint64_t n = 1 + rng.below(4); n > 0; n--) {
      uint32_t j = rng.below(i);
      if (std::find(b.begin(), b.end(), j) == b.end()) b.push_back(j);
    }
  }
}

// rounded returns how many nodes of a graph fit into so many units.
inline uint64_t rounded(const std::string& name, uint64_t units, uint64_t& side) {
  if (name == "wavefront" || name == "wavefront-2048") {
    side = name == "wavefront" ? 256 : 2048;
    while (side * side > units) side /= 2;
    return side * side;
  }
  if (name == "order-matmul") return (units - 1) / 4 * 4 + 1;
  if (name == "order-mnist") return units / 7 * 7;
  if (name == "order-blackscholes") return units / 65 * 65;
  return units;
}

inline std::shared_ptr<Plan> build(const std::string& name, uint64_t units) {
  auto p = std::make_shared<Plan>();
  uint64_t side = 0;
  units = rounded(name, units, side);
  p->before.resize(units);
  p->value.resize(units);
  p->wanted.resize(units);
  SplitMix rng;
  for (uint32_t i = 0; i < units; i++) add_before(name, i, units, side, rng, p->before[i]);
  return p;
}

// graph_cells returns the graphs on a runtime. open(workers) makes it ready, with
// build(plan), which builds its own form once, and run().
template <class Open>
Cells graph_cells(const char* runtime, Open open) {
  Cells all;
  for (std::string name : {"chain", "chain-1m", "wavefront", "wavefront-2048", "dag", "tree", "order-matmul", "order-mnist", "order-blackscholes"})
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
  if (std::string(runtime) == "serial-cpp") return all;
  all.push_back({"graph-build", runtime, false, [open](int workers) -> Round {
                   return [=](uint64_t units) -> Done {
                     auto rt = open(workers);
                     auto plan = build("dag", units);
                     auto took = timed([&] { rt->build(*plan); });
                     plan->round++;
                     rt->run();
                     plan->check();
                     return {plan->size(), took};
                   };
                 }});
  return all;
}
