// SPDX-License-Identifier: Apache-2.0

// It speaks the same language as a child of the table: -cell
// workload/runtime/workers, -units, -warm, -for; it prints one sample as JSON.
// -list prints what it knows.

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <map>

#include "native.hpp"

using namespace std::chrono;

[[noreturn]] static void fail(const std::string& message) {
  std::fprintf(stderr, "native-cpp: %s\n", message.c_str());
  std::exit(1);
}

static Cells all_cells() {
  Cells all = serial_cells();
#ifdef WITH_TBB
  for (auto& c : tbb_cells()) all.push_back(c);
#endif
#ifdef WITH_TASKFLOW
  for (auto& c : taskflow_cells()) all.push_back(c);
#endif
  return all;
}

// Reads what Go's Duration.String writes.
static nanoseconds parse_duration(const std::string& text) {
  static const std::map<std::string, double> units = {{"h", 3600e9}, {"m", 60e9}, {"s", 1e9}, {"ms", 1e6}, {"us", 1e3}, {"\u00b5s", 1e3}, {"ns", 1}};
  double total = 0;
  for (size_t at = 0; at < text.size();) {
    size_t digits = text.find_first_not_of("0123456789.", at);
    if (digits == std::string::npos || digits == at) fail("duration " + text);
    size_t end = std::min(text.find_first_of("0123456789.", digits), text.size());
    auto unit = units.find(text.substr(digits, end - digits));
    if (unit == units.end()) fail("duration " + text);
    total += std::stod(text.substr(at, digits - at)) * unit->second;
    at = end;
  }
  return nanoseconds(int64_t(total));
}

static nanoseconds cpu_time() {
  rusage u;
  getrusage(RUSAGE_SELF, &u);
  auto of = [](timeval t) { return seconds(t.tv_sec) + microseconds(t.tv_usec); };
  return of(u.ru_utime) + of(u.ru_stime);
}

static void list() {
#ifdef WITH_TBB
  std::printf("# onetbb %s, g++ %s\n", tbb_version().c_str(), __VERSION__);
#endif
#ifdef WITH_TASKFLOW
  std::printf("# taskflow %s, g++ %s\n", taskflow_version().c_str(), __VERSION__);
#endif
  std::printf("# serial-cpp g++ %s\n", __VERSION__);
  for (auto& c : all_cells()) std::printf("%s %s\n", c.workload.c_str(), c.runtime.c_str());
}

static void measure(const Cell& cell, int workers, uint64_t units, uint64_t warm, nanoseconds limit) {
  Round round = cell.open(workers);
  auto began = steady_clock::now();
  do round(warm == 0 ? units : std::min(warm, units));
  while (steady_clock::now() - began < limit / 2);
  began = steady_clock::now();
  uint64_t done = 0;
  nanoseconds elapsed{0}, cpu = cpu_time();
  do {
    Done d = round(units);
    done += d.units;
    elapsed += d.took;
  } while (steady_clock::now() - began <= limit);
  std::printf("{\"units\":%llu,\"elapsed_ns\":%lld,\"cpu_ns\":%lld,\"allocs\":0,\"bytes\":0,\"cores\":%d}\n",
              (unsigned long long)done, (long long)elapsed.count(), (long long)(cpu_time() - cpu).count(), cell.per_core ? workers : 1);
}

int main(int argc, char** argv) {
  std::map<std::string, std::string> flag;
  for (int i = 1; i < argc; i++) {
    std::string name = argv[i];
    if (name == "-list") return list(), 0;
    if (++i == argc) fail("no value for " + name);
    flag[name] = argv[i];
  }
  std::string cell = flag["-cell"];
  size_t first = cell.find('/'), last = cell.rfind('/');
  if (first == std::string::npos || first == last) fail("cell " + cell + " is not workload/runtime/workers");
  std::string workload = cell.substr(0, first), runtime = cell.substr(first + 1, last - first - 1);
  auto number = [&](const char* name) { return std::strtoull(flag[name].c_str(), nullptr, 10); };
  int workers = std::atoi(cell.c_str() + last + 1);
  if (workers < 1) fail("cell " + cell + ": no workers");
  for (auto& c : all_cells()) {
    if (c.workload != workload || c.runtime != runtime) continue;
    try {
      measure(c, workers, number("-units"), number("-warm"), parse_duration(flag.count("-for") ? flag["-for"] : "1s"));
      return 0;
    } catch (const std::exception& e) {
      fail(cell + ": " + e.what());
    }
  }
  fail(runtime + " does not do " + workload);
}
