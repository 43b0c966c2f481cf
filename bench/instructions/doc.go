// SPDX-License-Identifier: Apache-2.0

// Package instructions counts the instructions of a fork, a spawn, a poll, a wake
// and a steal: a second figure that a noisy machine does not move. It asks perf
// where the processor's counters can be read, and else callgrind, which runs the
// program on a processor of its own making.
//
// Each operation is done in a process of its own, once a few times and once often;
// the figure is the difference, so that the start of a program does not count. One
// worker, one P and no collector: what is counted is our own path.
package instructions
