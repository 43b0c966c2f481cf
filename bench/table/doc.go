// SPDX-License-Identifier: Apache-2.0

// Package table measures workloads of package bench against the clock of a noisy
// machine, and prints them against their targets. Each figure comes from a fresh
// process; the runtimes of a row take turns, so that a machine whose speed drifts
// slows all of them; a run during which others used the CPUs is marked.
//
// It is the body of two programs: bench/cmd/table, and the one in the module of
// the peers, which has more runtimes.
package table
