// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/pilfer-go/pilfer/internal/point"
)

// overdueMost bounds the pause between two reports: whoever reads logs has seen ten by
// then. Without timers the tools that look for deadlocks see this one: testing/synctest,
// whose time would fly, and Go's own.
const overdueMost = 4 * time.Hour

// waitQuiet waits until no task is left, or ctx ends, and reports which. While it waits
// it logs what for: after the interval of [ReportEvery], and each time that it has
// waited about twice as long. By the system's time whatever the runtime's clock: a clock
// of tests would stand still, or jump from report to report.
//
// Caller: who closes.
func (rt *Runtime) waitQuiet(ctx context.Context) (quiet bool) {
	if point.Exploring() {
		return rt.quiet.Wait(ctx) // without a clock
	}
	began := time.Now()
	for every := rt.log.every; ; every *= 2 {
		late, cancel := context.WithTimeout(ctx, every)
		quiet = rt.quiet.Wait(late)
		cancel()
		if quiet || ctx.Err() != nil {
			return quiet
		}
		rt.tellOverdue(time.Since(began))
		if every >= overdueMost {
			break
		}
	}
	return rt.quiet.Wait(ctx)
}

// tellOverdue logs what keeps the runtime from being closed. The numbers are those of
// a moment: what they count may go on meanwhile.
func (rt *Runtime) tellOverdue(waited time.Duration) {
	m := rt.Metrics()
	waiting, names := rt.left()
	rt.log.logger().LogAttrs(context.Background(), slog.LevelWarn,
		"pilfer: Close waits for tasks that do not end; Dump tells more",
		slog.Duration("waited", waited.Round(time.Millisecond)),
		slog.Int("waiting", waiting),
		slog.Int("queued", m.Injected+m.Queued),
		slog.Int("busy workers", max(0, rt.pool.Size()-rt.pool.Parked())),
		slog.Int("blocking functions", m.Blocking),
		slog.String("tasks", names))
}

// tellsOf bounds how many tasks a report names.
const tellsOf = 8

// left returns how many tasks wait, in a poll or between two, and the names of some.
// With [Track] it names those that are queued and polled too, and those without a name
// by what they are.
func (rt *Runtime) left() (waiting int, names string) {
	var some []string
	more := 0
	tell := func(name string) {
		switch {
		case name == "":
		case len(some) < tellsOf:
			some = append(some, fmt.Sprintf("%q", name))
		default:
			more++
		}
	}
	for _, r := range rt.registries() {
		waiting += r.waits.len()
		r.each(func(c *core) bool {
			waiting++
			if rt.tracker == nil {
				tell(c.name())
			}
			return true
		})
	}
	if rt.tracker != nil {
		for _, tr := range rt.tracker.all() {
			if !tr.c.state.isDone() {
				tell(tr.title())
			}
		}
	}
	slices.Sort(some)
	names = strings.Join(some, ", ")
	if more > 0 {
		names += fmt.Sprintf(" and %d more", more)
	}
	return waiting, names
}
