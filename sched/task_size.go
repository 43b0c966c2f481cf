// SPDX-License-Identifier: Apache-2.0

//go:build !explore

package sched

import "unsafe"

// The build fails if a task outgrows its budget: one without a result is a cache line,
// and those with up to two words are in the allocator's class of 80 bytes.
var (
	_ [0]struct{} = [unsafe.Sizeof(task[struct{}]{}) / (64 + 1)]struct{}{}
	_ [0]struct{} = [unsafe.Sizeof(task[[2]uintptr]{}) / (80 + 1)]struct{}{}
)
