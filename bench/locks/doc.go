// SPDX-License-Identifier: Apache-2.0

// Package locks counts the locked instructions of a workload: atomic stores,
// swaps, additions and compare-and-swaps, of 5 ns each on an idle line and far
// more on a contended one. The count is exact where a clock is noise.
//
// It needs no disassembly: all atomic words of the module are types of
// internal/point, so the go command is told to build with a twin of that package
// that counts. What Go's own runtime does inside an allocation or a channel is
// not seen, and what the workload itself does is: submit-1 has one step of its
// own for each task.
package locks
