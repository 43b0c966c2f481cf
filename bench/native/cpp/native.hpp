// SPDX-License-Identifier: Apache-2.0

// The native peers of package bench that are written in C++: what their files share.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

// Done is what a round did: so many units, and how long it took.
struct Done {
  uint64_t units;
  std::chrono::nanoseconds took;
};

// A Round does up to so many units. A wrong result is an exception.
using Round = std::function<Done(uint64_t units)>;

// A Cell is a way to do a workload.
struct Cell {
  std::string workload, runtime;
  bool per_core;  // fork-join: time is multiplied by the workers
  std::function<Round(int workers)> open;
};

using Cells = std::vector<Cell>;

// timed measures f.
template <class F>
std::chrono::nanoseconds timed(F&& f) {
  auto began = std::chrono::steady_clock::now();
  f();
  return std::chrono::steady_clock::now() - began;
}

// want throws unless both are equal.
inline void want(uint64_t got, uint64_t wanted, const std::string& of) {
  if (got != wanted)
    throw std::runtime_error(of + ": " + std::to_string(got) + ", want " + std::to_string(wanted));
}

Cells serial_cells();
Cells tbb_cells();
Cells taskflow_cells();
std::string tbb_version();
std::string taskflow_version();
