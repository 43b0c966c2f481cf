// SPDX-License-Identifier: Apache-2.0

// Taskflow: a task group for each fork, as in its fibonacci example; a taskflow
// that is built once for graphs.

#include <taskflow/taskflow.hpp>

#include "graph.hpp"
#include "tree.hpp"

namespace {

struct Groups {
  struct Fork {
    tf::Executor& executor;

    template <class F, class G>
    void operator()(F&& f, G&& g) {
      tf::TaskGroup group = executor.task_group();
      group.silent_async(g);
      f();
      group.corun();
    }
  };

  explicit Groups(int workers) : executor(workers) {}

  template <class F>
  uint64_t call(F&& f) {
    return executor
        .async([&] {
          Fork fork{executor};
          return f(fork);
        })
        .get();
  }

  tf::Executor executor;
};

struct Flow {
  explicit Flow(int workers) : executor(workers) {}

  void build(Plan& p) {
    flow.clear();
    std::vector<tf::Task> nodes;
    for (uint32_t i = 0; i < p.size(); i++) {
      nodes.push_back(flow.emplace([&p, i] { p.visit(i); }));
      for (uint32_t j : p.before[i]) nodes[i].succeed(nodes[j]);
    }
  }
  void run() { executor.run(flow).wait(); }

  tf::Executor executor;
  tf::Taskflow flow;
};

}  // namespace

Cells taskflow_cells() {
  Cells all = tree_cells("taskflow", true, [](int workers) { return std::make_shared<Groups>(workers); });
  for (auto& c : graph_cells("taskflow", [](int workers) { return std::make_shared<Flow>(workers); })) all.push_back(c);
  return all;
}

std::string taskflow_version() { return tf::version(); }
