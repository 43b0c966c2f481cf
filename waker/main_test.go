// SPDX-License-Identifier: Apache-2.0

package waker

import (
	"flag"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

var seedFlag = flag.Uint64("seed", 0, "seed of the stress tests; 0 takes one from the clock")

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// testRand returns a generator whose seed is printed when the test fails.
func testRand(t *testing.T) *rand.Rand {
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
func split(rng *rand.Rand) *rand.Rand {
	return rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64()))
}

// stressFor returns how long a stress test goes on after its short run.
func stressFor(t *testing.T) time.Duration {
	text := os.Getenv("PILFER_STRESS")
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("PILFER_STRESS: %v", err)
	}
	return d
}

// stress calls round once, and again until the stress time is over.
func stress(t *testing.T, round func(rng *rand.Rand)) {
	rng := testRand(t)
	for end := time.Now().Add(stressFor(t)); ; {
		round(split(rng))
		if t.Failed() || !time.Now().Before(end) {
			return
		}
	}
}

// dither wastes a random moment, so that steps of two goroutines fall together in
// many ways.
func dither(rng *rand.Rand) {
	switch n := rng.IntN(64); {
	case n < 4:
		runtime.Gosched()
	default:
		for x := range n {
			rng.Uint64N(uint64(x) + 1)
		}
	}
}

// waitAll waits for the group, and fails the test if it hangs: a lost wake.
func waitAll(t *testing.T, wg *sync.WaitGroup, what func() string) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		wg.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		buf := make([]byte, 1<<16)
		t.Fatalf("somebody waits for ever: %s\n%s", what(), buf[:runtime.Stack(buf, true)])
	}
}

// A bell is a target that a goroutine can wait for.
type bell chan struct{}

func newBell() bell { return make(bell, 1) }

func (b bell) WakeBy(Local) {
	select {
	case b <- struct{}{}:
	default:
	}
}

// A counted target counts what is done with its wakers. It is not safe for
// concurrent use.
type counted struct {
	wakes         int
	from          Local
	clones, drops int
}

func (c *counted) WakeBy(from Local) { c.wakes++; c.from = from }

func (c *counted) CloneTarget() Target { c.clones++; return c }

func (c *counted) DropTarget() { c.drops++ }

// A plain target counts wakes and does not count wakers.
type plain struct {
	wakes int
	from  Local
}

func (p *plain) WakeBy(from Local) { p.wakes++; p.from = from }
