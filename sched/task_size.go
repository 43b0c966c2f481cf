// SPDX-License-Identifier: Apache-2.0

//go:build !explore

package sched

import "unsafe"

// The build fails if a task with a word for a result outgrows its budget.
var _ [0]struct{} = [unsafe.Sizeof(task[uintptr]{}) / (taskBudget + 1)]struct{}{}

const taskBudget = 96
