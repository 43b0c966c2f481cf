// SPDX-License-Identifier: Apache-2.0

// Package simulate runs the whole runtime, as it ships, on threads that a seed
// schedules: the workers, their deques, the sleep and wake protocol, tasks, timers on
// a virtual clock, channels, locks, guests, blocking functions, parallel loops, graphs.
// A seed makes a program and a schedule; the same seed makes the same run, step by step.
//
// It is a test of the explore tag only:
//
//	make simulate SEEDS=2000        seeds from a random one on
//	make simulate SEEDS=1 SEED=17   that one again, with its trace if it fails
//
// README.md says what goes wrong in a run, and what is checked.
package simulate
