// SPDX-License-Identifier: Apache-2.0

package chans_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/waker"
)

var seedFlag = flag.Uint64("seed", 0, "seed of the stress tests; 0 takes one from the clock")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type none = struct{}

// within returns a context that ends when the test has lost its patience.
func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// ended is a context that has ended.
func ended() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// newRuntime returns a runtime that is closed with the test, whatever is left.
func newRuntime(t testing.TB, opts ...sched.Option) *sched.Runtime {
	t.Helper()
	rt, err := sched.New(opts...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = rt.Shutdown(ended()) })
	return rt
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

// stress calls round again and again: for a short time, or as long as
// PILFER_STRESS says.
func stress(t *testing.T, round func(rng *rand.Rand)) {
	short := 300 * time.Millisecond
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

// newContext returns a Context and the flag that its waker raises.
func newContext() (*future.Context, *waker.Flag) {
	flag := new(waker.Flag)
	return waker.NewContext(flag.Waker()), flag
}

// poll polls f once, outside of any executor.
func poll[T any](f future.Future[T]) future.Poll[T] {
	cx, _ := newContext()
	return f.Poll(cx)
}

// yields returns a future that gives way n times.
func yields(n int) future.Future[none] {
	return future.FromFunc(func(cx *future.Context) future.Poll[none] {
		if n == 0 {
			return future.Of(none{})
		}
		n--
		cx.Wake()
		return future.Wait[none]()
	})
}

// after returns a future that calls f when first is ready.
func after(first future.Future[none], f func()) future.Future[none] {
	return future.Map(first, func(none) none { f(); return none{} })
}
