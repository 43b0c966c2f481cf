// SPDX-License-Identifier: Apache-2.0

// oneTBB: parallel_invoke for trees, a flow graph of continue_nodes for graphs.

#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_invoke.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/version.h>

#include "graph.hpp"
#include "tree.hpp"

namespace {

// An Arena has so many threads, the caller among them.
struct Arena {
  struct Fork {
    template <class F, class G>
    void operator()(F&& f, G&& g) { tbb::parallel_invoke(f, g); }
  };

  explicit Arena(int workers) : limit(tbb::global_control::max_allowed_parallelism, workers), arena(workers) {}

  template <class F>
  uint64_t call(F&& f) {
    uint64_t got = 0;
    arena.execute([&] {
      Fork fork;
      got = f(fork);
    });
    return got;
  }

  tbb::global_control limit;
  tbb::task_arena arena;
};

struct Flow {
  using Node = tbb::flow::continue_node<tbb::flow::continue_msg>;

  explicit Flow(int workers) : in(workers) {}

  void build(Plan& p) {
    nodes.clear();
    roots.clear();
    in.arena.execute([&] { graph = std::make_unique<tbb::flow::graph>(); });
    for (uint32_t i = 0; i < p.size(); i++) {
      nodes.push_back(std::make_unique<Node>(*graph, [&p, i](const tbb::flow::continue_msg&) { p.visit(i); }));
      for (uint32_t j : p.before[i]) tbb::flow::make_edge(*nodes[j], *nodes[i]);
      if (p.before[i].empty()) roots.push_back(i);
    }
  }
  void run() {
    in.arena.execute([&] {
      for (uint32_t i : roots) nodes[i]->try_put({});
      graph->wait_for_all();
    });
  }

  Arena in;
  std::unique_ptr<tbb::flow::graph> graph;
  std::vector<std::unique_ptr<Node>> nodes;
  std::vector<uint32_t> roots;
};

}  // namespace

Cells tbb_cells() {
  Cells all = tree_cells("onetbb", true, [](int workers) { return std::make_shared<Arena>(workers); });
  for (auto& c : graph_cells("onetbb", [](int workers) { return std::make_shared<Flow>(workers); })) all.push_back(c);
  return all;
}

std::string tbb_version() { return TBB_runtime_version(); }
