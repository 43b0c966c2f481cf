// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/pilfer-go/pilfer/internal/point"
)

// Why nothing will wake a task that waits.
const (
	neverTaken = "its Poll never took the waker"
	allDropped = "its waker was dropped unused"
)

// What is reported of a task that waits.
const (
	willNotWake = "pilfer: a task waits, but %s: nothing will wake it"
	pollsItself = "pilfer: a task polls its own handle, which is ready when the task is done, and no sooner"
)

// A strandedLog reports tasks that wait though nobody holds a waker of theirs:
// nothing can wake them, only Abort and Shutdown end them. It is almost always a
// mistake in a Poll method. That no poll ever took the waker is always seen; that it
// was dropped, with [Track]. A promise that somebody forgot is not: the waker lies in
// its future, which the task holds; see [future.Promise.Abandon].
type strandedLog struct {
	to    *slog.Logger
	every time.Duration

	mu   point.Mutex
	last time.Time // holding mu
	kept int       // holding mu: reports since last that were not made
}

func (l *strandedLog) logger() *slog.Logger {
	if l.to == nil {
		return slog.Default()
	}
	return l.to
}

// strand tells of one such task; see report.
//
// Caller: any.
func (l *strandedLog) strand(why, task, kind, place string) {
	l.report(fmt.Sprintf(willNotWake, why), task, kind, place)
}

// report tells something of one task, at most once in the interval of ReportEvery.
// place is where it was spawned, or "".
//
// Caller: any.
func (l *strandedLog) report(what, task, kind, place string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if !l.last.IsZero() && now.Sub(l.last) < l.every {
		l.kept++
		return
	}
	attrs := []slog.Attr{slog.String("task", task), slog.String("future", kind)}
	if place != "" {
		attrs = append(attrs, slog.String("spawned", place))
	}
	l.logger().LogAttrs(context.Background(), slog.LevelWarn, what, append(attrs, slog.Int("others", l.kept))...)
	l.last, l.kept = now, 0
}
