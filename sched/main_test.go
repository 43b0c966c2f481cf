// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/waker"
)

var seedFlag = flag.Uint64("seed", 0, "seed of the stress tests; 0 takes one from the clock")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must come. Nothing waits for it to
// pass unless the test fails.
const patience = 30 * time.Second

// within returns a context that ends when the test has lost its patience.
func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// newRuntime returns a runtime that is closed with the test, whatever is left.
func newRuntime(t testing.TB, workers int, opts ...sched.Option) *sched.Runtime {
	t.Helper()
	rt, err := sched.New(append([]sched.Option{sched.Workers(workers)}, opts...)...)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = rt.Shutdown(ctx)
		}()
		receive(t, done, "Shutdown")
	})
	return rt
}

// receive waits for ch, and fails the test with all stacks if nothing comes.
func receive[T any](t testing.TB, ch <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(patience):
		buf := make([]byte, 1<<18)
		t.Fatalf("%s: nothing came for %v\n%s", what, patience, buf[:runtime.Stack(buf, true)])
		panic("unreachable")
	}
}

// inBackground calls f on another goroutine; the returned function waits for it.
func inBackground(t testing.TB, f func()) (wait func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	return func() { t.Helper(); receive(t, done, "goroutine") }
}

// value waits for a handle that must succeed.
func value[T any](t testing.TB, h sched.JoinHandle[T]) T {
	t.Helper()
	v, err := h.Wait(within(t))
	require.NoError(t, err)
	return v
}

// failure waits for a handle and returns its error.
func failure[T any](t testing.TB, h sched.JoinHandle[T]) error {
	t.Helper()
	receive(t, h.Done(), "task")
	_, err := h.Wait(context.Background())
	return err
}

// A gate is a future that is ready once it is opened, and tells what happens to
// it.
type gate struct {
	cell   waker.Cell
	isOpen point.Bool
	polls  point.Int32
	polled chan struct{} // closed by the first poll that returns Pending
	drop   chan struct{} // closed by Drop
}

func newGate() *gate {
	return &gate{polled: make(chan struct{}), drop: make(chan struct{})}
}

func (g *gate) Poll(cx *future.Context) future.Poll[int] {
	n := g.polls.Inc()
	g.cell.Register(cx)
	if g.isOpen.Load() {
		return future.Of(int(n))
	}
	if n == 1 {
		close(g.polled)
	}
	return future.Wait[int]()
}

func (g *gate) Drop() { close(g.drop) }

// open makes the gate ready, and returns whether its waker may be called.
func (g *gate) open() { g.isOpen.Store(true); g.cell.Wake() }

func (g *gate) dropped() bool {
	select {
	case <-g.drop:
		return true
	default:
		return false
	}
}

// occupy keeps n workers busy until release is called.
func occupy(t testing.TB, rt *sched.Runtime, n int) (release func()) {
	t.Helper()
	stop, on := make(chan struct{}), make(chan struct{}, n)
	for range n {
		sched.Go(rt, func(*sched.Context) (int, error) {
			on <- struct{}{}
			<-stop
			return 0, nil
		})
	}
	for range n {
		receive(t, on, "a worker")
	}
	release = sync.OnceFunc(func() { close(stop) })
	t.Cleanup(release)
	return release
}

// testRand returns a generator whose seed is printed when the test fails.
func testRand(t testing.TB) *rand.Rand {
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("run again with -seed %d", seed)
		}
	})
	return rand.New(rand.NewPCG(seed, 0))
}

// split returns a generator for another goroutine.
func split(rng *rand.Rand) *rand.Rand { return rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64())) }

// stress calls round again and again: for short, or as long as PILFER_STRESS says.
func stress(t *testing.T, short time.Duration, round func(rng *rand.Rand)) {
	if text := os.Getenv("PILFER_STRESS"); text != "" {
		d, err := time.ParseDuration(text)
		require.NoError(t, err)
		short = d
	}
	rng := testRand(t)
	for end := time.Now().Add(short); ; {
		round(split(rng))
		if t.Failed() || !time.Now().Before(end) {
			return
		}
	}
}
