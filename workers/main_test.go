// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"fmt"
	"os"
	"runtime"
	"testing"

	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/deque"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

func TestMain(m *testing.M) {
	if os.Getenv(crashInChild) != "" {
		panicInFunc()
	}
	goleak.VerifyTestMain(testkit.Settled(m))
}

// yields lets other goroutines run for a while, for tests of what must not happen.
func yields() {
	for range 2000 {
		runtime.Gosched()
	}
}

// newPool returns a pool that is closed at the end of the test.
func newPool(t testing.TB, n int, opts ...Option) *Pool {
	t.Helper()
	p, err := New(append([]Option{Count(n)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if !t.Failed() { // else Close might never return
			closePool(t, p)
		}
	})
	return p
}

// closePool closes p, and fails the test if that takes too long.
func closePool(t testing.TB, p *Pool) {
	t.Helper()
	closed := make(chan struct{})
	go func() { p.Close(); close(closed) }()
	testkit.Receive(t, closed, "Close returns")
}

// asleep waits until nobody in the pool is awake.
func asleep(t *testing.T, p *Pool) {
	t.Helper()
	testkit.Eventually(t, "all workers sleep", func() bool { return p.Asleep(func() bool { return !p.anyVisible() }) })
}

// do makes a job of a function.
func do(f func(w *Worker)) *Job { return &Job{Runner: Func(f)} }

// A crashing job reports its crashes.
type crashing struct {
	run     func(w *Worker)
	crashed func(w *Worker, crash Crash)
}

func (j crashing) RunJob(w *Worker)                  { j.run(w) }
func (j crashing) JobCrashed(w *Worker, crash Crash) { j.crashed(w, crash) }

// barePool returns a pool of n places without workers; those below parked are
// parked.
func barePool(n, parked int) *Pool {
	p := &Pool{config: defaults(), injector: deque.NewInjector[Job]()}
	all := []*Worker{}
	for i := range n {
		all = append(all, newWorker(p, i))
	}
	p.all.Store(&all)
	p.size.Store(int32(n))
	p.live.Store(int32(n))
	for i := range parked {
		p.idle.announcePark(i, false)
	}
	return p
}

// eachProcs runs a test at several values of GOMAXPROCS.
func eachProcs(t *testing.T, test func(t *testing.T)) {
	for _, n := range []int{1, 2, 8} {
		t.Run(fmt.Sprintf("GOMAXPROCS=%d", n), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(n))
			test(t)
		})
	}
}
