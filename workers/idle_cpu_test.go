// SPDX-License-Identifier: Apache-2.0

//go:build linux

package workers

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

// idleFor is how long the pool is watched while it does nothing.
const idleFor = 300 * time.Millisecond

// cpuTime is what the process has used so far.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// switches is how often a thread has given up its CPU by itself: each system call
// that blocks does so, and so does each wake from a futex that sleeps again.
func switches(t *testing.T, tid int) (n int) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/status", tid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(status), "\nvoluntary_ctxt_switches:")
	if _, err := fmt.Sscan(rest, &n); !found || err != nil {
		t.Fatalf("no switches in %q: %v", status, err)
	}
	return n
}

func TestIdlePoolCostsNothing(t *testing.T) {
	const n = 4
	for _, kind := range []struct {
		name string
		opts []Option
	}{{"kernel", nil}, {"portable", []Option{PortableParking()}}} {
		t.Run(kind.name, func(t *testing.T) {
			var threads [n]point.Int32
			p := newPool(t, n, append(kind.opts, OnStart(func(w *Worker) {
				threads[w.Index()].Store(int32(syscall.Gettid()))
			}))...)
			for range 100 {
				p.Submit(do(func(*Worker) {}))
			}
			asleep(t, p)
			// A helper sleeps too.
			h := help(t, p)
			testkit.Eventually(t, "the monitor sleeps", p.monitor.asleep.Load)
			asleep(t, p)

			// The runtime's own threads wake up now and then, and a worker that has lost
			// its CPU may yet be about to sleep, so the best of some tries counts; a pool
			// that ticks or spins does so in each of them.
			least, calls := time.Hour, 1
			for range 20 {
				var before [n]int
				for i := range threads {
					before[i] = switches(t, int(threads[i].Load()))
				}
				spent := cpuTime(t)
				time.Sleep(idleFor) // this is what is measured, not a way to wait
				least = min(least, cpuTime(t)-spent)
				calls = 0
				for i := range threads {
					calls += switches(t, int(threads[i].Load())) - before[i]
				}
				if calls == 0 && least < idleFor/50 {
					break
				}
			}
			if least >= idleFor/50 {
				t.Errorf("an idle pool used %v of CPU in %v", least, idleFor)
			}
			if calls != 0 {
				t.Errorf("the threads of idle workers made %d system calls", calls)
			}
			h.hold.End()
			testkit.Eventually(t, "Help returns", h.done.Load)
		})
	}
}
