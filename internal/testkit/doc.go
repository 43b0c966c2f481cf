// SPDX-License-Identifier: Apache-2.0

// Package testkit holds what the tests of every package share: random numbers whose
// seed is printed with a failure, stress that goes on as long as it is asked to, and
// waits that end with the stacks of all goroutines when what must come does not.
//
// The flag -seed repeats a run; the variable PILFER_STRESS (a duration, such as 60s)
// makes each stress test go on for that long.
//
// It is imported by tests only.
package testkit
