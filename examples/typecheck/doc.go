// SPDX-License-Identifier: Apache-2.0

// Typecheck parses and type-checks Go packages, and all that they import, as a
// graph of tasks; the standard library, if nothing else is asked for. It does so
// on one CPU, with goroutines and a channel, and with pilfer, and compares.
//
//	go run ./typecheck                                  # std
//	go run ./typecheck -repeat 9 -timeline std.svg -trace std.json
//	go run ./typecheck -workers 4 -locked net/http go/types
//
// # How it works
//
// `go list -deps` names the packages and their files for this machine, without
// cgo, so that all of it is plain Go (load.go). From that the plan is made
// (plan.go): for each package nodes that parse its files, and one that checks
// its types, after them and after the checks of all packages that it imports.
// Packages with the longest chains of importers come first (rank.go). The checker
// gets the imported packages straight from the nodes that made them
// (importer.go); they share nothing else but the set of positions. Syntax trees
// are dropped as soon as they are checked, files are read into borrowed buffers,
// and no maps of facts are asked for: what is garbage costs all three variants.
//
// Three variants run that plan, with the same nodes, edges, order and code:
//
//   - serial (serial.go): one after the other, with GOMAXPROCS=1. With more, the
//     garbage collector would use the second CPU, and the run would not be serial.
//   - hand (byhand.go): -workers goroutines and a channel of the nodes that are
//     ready. GOMAXPROCS is the number of workers.
//   - pilfer (pooled.go): a [graph.Graph] run on a [sched.Runtime] with -workers
//     workers, GOMAXPROCS likewise. Trees and types go from node to node as values; serial and
//     hand lay them on a shelf (shelf.go). Its time includes making and closing both. The
//     graph takes checks before parses, and of each kind what most waits for: in the
//     order of the workers' own queues they were idle 4 to 7 % of the time.
//
// Each run has a process of its own (child.go), this program again with a
// variable set, so that no run inherits a heap or threads from another. The
// variants take turns, -repeat times (compare.go), under the same collector
// settings (-gc), and the medians are compared.
//
// # What it prints
//
// A progress bar on standard error, or a line for each run if that is no
// terminal. Then a table: times, speed-up, the share of time in which workers were
// busy with nodes, CPU time of the whole process, collector cycles; and the
// parallelism of the graph, which is the work of the serial run divided by its
// critical path: no number of workers gains more than that. Type errors in the
// packages are part of the result, not a failure of the program.
//
// The last line of standard output is for programs:
//
//	typecheck packages=N errors=N workers=N serial_s=X parallel_s=X byhand_s=X speedup=X busy=X
//
// With -json standard output is one JSON document instead, and that line goes to
// standard error.
//
// -timeline draws the median runs as SVG, a lane for each worker (timeline.go);
// -trace writes them for ui.perfetto.dev or about:tracing.
//
// # Self-check
//
// Every run must have checked exactly the packages that `go list` names, started
// no node before those that it waits for had ended, and found exactly the errors
// of the serial run (verify.go). Otherwise the exit code is 1 and the first
// difference is named. Bad input has exit code 2, an interrupt 130.
package main
