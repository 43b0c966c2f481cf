// SPDX-License-Identifier: Apache-2.0

// Package bench holds named workloads that each isolate one cost of a task
// runtime, and the runtimes to run them on: pilfer, and what a Go programmer
// would use instead. One table of workloads drives the test, the benchmarks and
// the comparison:
//
//	go test ./bench                                    # small sizes, results checked
//	go test -run '^$' -bench Workload/yield ./bench    # for benchstat
//	go run ./bench/cmd/table -only yield,submit-1      # runtimes in turn, against the targets
//
// A workload is a [Workload]: a name, the reason why it is there, a unit, sizes
// and targets. A [Runtime] says how it does each workload: an [Open] makes it
// ready and returns a [Body], which does one round, checks the result, and tells
// its [Sample] what it measured. Nothing here may be called by two goroutines at
// once.
//
// Runtimes that need other modules are in the nested module bench/peers, so that
// users of pilfer never download them. They join with [NewPool].
package bench
