// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Dump writes what every live task is and does, the oldest first: its name, age,
// state, when it was polled last, where it waits, and where it was spawned. It
// disturbs no worker: a task may have gone on when its line is written.
//
// Without [Track] it knows those tasks only that have waited once, and of them the
// name and the state.
//
// Caller: any.
func (rt *Runtime) Dump(w io.Writer) error {
	out := bufio.NewWriter(w)
	if rt.tracker == nil {
		rt.dumpWaiting(out)
	} else {
		rt.tracker.dump(out)
	}
	return out.Flush()
}

// Dump is [Runtime.Dump].
//
// Caller: any.
func (r *RoundRobin) Dump(w io.Writer) error { return r.rt.Dump(w) }

func (rt *Runtime) dumpWaiting(out io.Writer) {
	n := 0
	for _, r := range rt.registries() {
		r.each(func(c *core) bool {
			n++
			fmt.Fprintf(out, "task %q: %s\n", c.name(), c.state.load().tell())
			return true
		})
	}
	fmt.Fprintf(out, "waiting: %d; the option Track tells more\n", n)
}

// dump writes what is known of all live tasks.
func (k *tracker) dump(out io.Writer) {
	now, n := time.Now(), 0
	for _, tr := range k.all() {
		if s := tr.c.state.load(); !s.has(done) {
			n++
			tr.dump(out, now, s)
		}
	}
	fmt.Fprintf(out, "live: %d\n", n)
}

// all returns what is known of all live tasks, and of some that are done, the oldest
// first.
//
// Caller: any.
func (k *tracker) all() []*trace {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.SortedFunc(maps.Values(k.live), func(a, b *trace) int { return cmp.Compare(a.number, b.number) })
}

// title names the task, or else what it is.
func (tr *trace) title() string { return cmp.Or(tr.name, tr.kind) }

func (tr *trace) dump(out io.Writer, now time.Time, s flags) {
	tr.mu.Lock()
	polls, polling, at, waits, holders := tr.polls, tr.polling, tr.at, tr.waits, tr.holders
	tr.mu.Unlock()
	ago := func(t time.Time) time.Duration { return max(0, now.Sub(t)).Round(time.Microsecond) }
	fmt.Fprintf(out, "task %d", tr.number)
	if tr.name != "" {
		fmt.Fprintf(out, " %q", tr.name)
	}
	fmt.Fprintf(out, " (%s): age %v, ", tr.kind, ago(tr.born))
	switch {
	case polling:
		fmt.Fprintf(out, "being polled for %v, for the %d. time\n", ago(at), polls)
	case polls == 0:
		fmt.Fprintf(out, "%s, never polled\n", s.tell())
	default:
		fmt.Fprintf(out, "%s, polled %d times, last %v ago\n", s.tell(), polls, ago(at))
	}
	if s.idle() && polls > 0 && !polling {
		switch at := waitPlaces(frames(waits[:])); {
		case len(at) == 0:
			fmt.Fprintf(out, "\tnothing will wake it: %s\n", neverTaken)
		default:
			if holders <= 0 {
				fmt.Fprintf(out, "\tnothing will wake it: %s\n", allDropped)
			}
			fmt.Fprintf(out, "\twaits at %s\n", strings.Join(at, "\n\t      in "))
		}
	}
	if place := tr.spawned(); place != "" {
		fmt.Fprintf(out, "\tspawned at %s\n", place)
	}
}

// tell names the state for people.
func (f flags) tell() string {
	switch {
	case f.has(done):
		return "done"
	case f.has(canceled):
		return "canceled"
	case f.has(queued | running):
		return "queued"
	}
	return "waits"
}

// waitPlaces returns the frames from which the waker was taken, innermost first: those
// between the waker's own code and the task's.
func waitPlaces(all []runtime.Frame) (at []string) {
	for _, f := range all {
		switch {
		case strings.HasPrefix(f.Function, "github.com/pilfer-go/pilfer/waker."):
			continue
		case strings.HasPrefix(f.Function, spawnPrefix) && strings.Contains(f.Function, "task["):
			return at
		}
		at = append(at, placeOf(f))
	}
	return at
}
