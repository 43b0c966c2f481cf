// SPDX-License-Identifier: Apache-2.0

// Package benchtest drives the workloads of package bench from Go tests: one test
// that does each of them small and checks the results, and one benchmark with a
// sub-benchmark for each workload, runtime and number of workers. The module of
// the peers calls the same two functions with more runtimes.
package benchtest
