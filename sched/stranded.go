// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"
	"log/slog"
	"time"

	"github.com/pilfer-go/pilfer/internal/point"
)

// A strandedLog reports tasks that wait though no poll of theirs ever took the
// waker: nothing can wake them, only Abort and Shutdown end them. It is almost
// always a mistake in a Poll method.
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

// reportStranded tells of one such task, at most once in the interval of
// ReportEvery.
func (rt *Runtime) reportStranded(task string) {
	l := &rt.log
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if !l.last.IsZero() && now.Sub(l.last) < l.every {
		l.kept++
		return
	}
	l.logger().LogAttrs(context.Background(), slog.LevelWarn,
		"pilfer: a task waits, but its Poll never took the waker: nothing will wake it",
		slog.String("task", task), slog.Int("others", l.kept))
	l.last, l.kept = now, 0
}
