// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"fmt"
	"time"

	"github.com/pilfer-go/pilfer/workers"
)

// A Level says how soon a task is to be polled, in a runtime with [Priorities].
type Level = workers.Level

// The levels, the most urgent first. A task that is spawned without one is Normal.
const (
	Urgent = workers.Urgent
	High   = workers.High
	Normal = workers.Normal
	Low    = workers.Low
)

// DefaultAge is the age of [Priorities] to begin with: a level that has to wait has
// 3% of the turns, and an urgent task seldom waits for one of them.
const DefaultAge = 32

// Priorities makes the runtime heed the [Priority] of tasks, and their deadlines
// ([Due]). A worker polls the most urgent tasks that it has first, and of each level
// the one that has waited longest. An idle worker takes the most urgent from the
// others, and one that is busy with what is less urgent looks now and then.
//
// No level starves. Once in age polls of a worker, its next polls are of the oldest
// task of each level that it has, and of each level from outside: so the oldest task
// of a level waits for at most age+8 polls of its worker, also while others keep the
// worker busy with what is more urgent, and the one that is k-th in line for k times
// as many. An urgent task waits for at most eight polls of others, and for the one
// that is under way: nothing is interrupted.
//
// Use it where some tasks must be quick while others fill the machine. Tasks of one
// level gain nothing, and lose up to 3 ns each. A lock that a Low task holds while
// it waits keeps an Urgent one waiting too: levels are not inherited.
//
// Without this option a runtime takes all tasks for Normal. A [RoundRobin] does.
func Priorities(age int) Option { return pool(workers.Levels(age)) }

// Priority sets the task's level, in a runtime with [Priorities]. It stays the
// task's level after each wake. What the task spawns does not inherit it. It panics if
// l is no level.
func Priority(l Level) TaskOption {
	if l > Low {
		panic(fmt.Sprintf("pilfer: Priority: got %v, want Urgent, High, Normal or Low", l))
	}
	return TaskOption{kind: levelFlags(l)}
}

// Due sets when the task should be done. In a runtime with [Priorities] tasks with a
// deadline are polled after those of level High and before those of level Normal, in
// the order of their deadlines, whichever worker they were spawned at. Nothing happens
// when the deadline passes: for that see Deadline of package future/timer.
//
// The order is exact as it is kept under one lock, which all workers share: for
// tasks of some microseconds and more. One allocation of 128 bytes.
func Due(at time.Time) TaskOption { return TaskOption{kind: timed, due: at.UnixNano()} }

// heeded returns what the runtime heeds of a task's kind.
func (rt *Runtime) heeded(kind flags) flags {
	switch {
	case rt.rr != nil, !rt.pool.HasLevels():
		return kind &^ ordered
	}
	return kind
}

// dueAt returns the deadline of a task that has one.
func (c *core) dueAt() int64 { return c.job.Runner.(interface{ dueAt() int64 }).dueAt() }
