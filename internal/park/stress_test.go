// SPDX-License-Identifier: Apache-2.0

package park

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

// Each Park must return: a lost wake hangs the test. The plain counter is guarded
// by the permits alone, so the race detector checks the visibility too.
func TestStressPingPong(t *testing.T) {
	eachKind(t, func(t *testing.T, make func() *Parker) {
		rounds := 2000
		for end := time.Now().Add(testkit.StressFor(t, 0)); ; {
			pingPong(t, testkit.Rand(t), make(), make(), rounds)
			if !time.Now().Before(end) {
				return
			}
		}
	})
}

// With one P the woken thread has to get it from the thread that sleeps.
func TestStressPingPongOnOneP(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	eachKind(t, func(t *testing.T, make func() *Parker) {
		pingPong(t, testkit.Rand(t), make(), make(), 200)
	})
}

// pingPong passes a turn to and fro between two goroutines locked to their
// threads, with random delays so that the wake falls before, into and after the
// announcement of the sleep.
func pingPong(t *testing.T, rng *rand.Rand, a, b *Parker, rounds int) {
	turns := 0 // plain: whose permit came last may touch it
	play := func(mine, other *Parker, rng *rand.Rand, first int) {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		for round := range rounds {
			if rng.IntN(4) == 0 {
				for !mine.TryPark() { // a worker polls before it parks
					runtime.Gosched()
				}
			} else {
				Relax(rng.IntN(400))
				mine.Park()
			}
			if want := 2*round + first; turns != want {
				t.Errorf("round %d: turn %d, want %d", round, turns, want)
			}
			turns++
			Relax(rng.IntN(400))
			other.Unpark()
		}
	}
	seed := rng.Uint64()
	var wg sync.WaitGroup
	wg.Go(func() { play(a, b, rand.New(rand.NewPCG(seed, 1)), 0) })
	wg.Go(func() { play(b, a, rand.New(rand.NewPCG(seed, 2)), 1) })
	a.Unpark()
	wg.Wait()
	// The last permit goes to a, which plays no further round.
	if want := 2 * rounds; turns != want || !a.TryPark() || b.TryPark() {
		t.Errorf("%d turns, want %d, and one permit left in the first parker", turns, want)
	}
}

// Many givers write something and give a permit, as pushers do. The owner may
// see several behind one permit, but must not sleep while one is unseen.
func TestStressManyUnparkers(t *testing.T) {
	eachKind(t, func(t *testing.T, make func() *Parker) {
		rng := testkit.Rand(t)
		for end := time.Now().Add(testkit.StressFor(t, 0)); ; {
			manyUnparkers(t, rng, make(), 4, 2000)
			if !time.Now().Before(end) {
				return
			}
		}
	})
}

func manyUnparkers(t *testing.T, rng *rand.Rand, p *Parker, givers, each int) {
	var (
		wg    sync.WaitGroup
		given point.Int64
	)
	for range givers {
		rng := rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64()))
		wg.Go(func() {
			for range each {
				Relax(rng.IntN(300))
				given.Inc()
				p.Unpark()
			}
		})
	}
	wg.Go(func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		for given.Load() < int64(givers*each) {
			p.Park() // hangs if the permit of an unseen increment is lost
		}
	})
	wg.Wait()
	if got := given.Load(); got != int64(givers*each) {
		t.Errorf("%d given, want %d", got, givers*each)
	}
}

// Each permit ends one ParkFor, or one Park: none is lost to a time that is over, and
// none is seen twice. A lost one hangs the test.
func TestStressParkFor(t *testing.T) {
	eachKind(t, func(t *testing.T, make func() *Parker) {
		rng := testkit.Rand(t)
		rounds := 2000
		for end := time.Now().Add(testkit.StressFor(t, 0)); ; {
			parkFor(t, rng, make(), rounds)
			if !time.Now().Before(end) {
				return
			}
		}
	})
}

func parkFor(t *testing.T, rng *rand.Rand, p *Parker, rounds int) {
	var given, taken point.Int64
	giver := rand.New(rand.NewPCG(rng.Uint64(), 1))
	var wg sync.WaitGroup
	wg.Go(func() {
		for round := range int64(rounds) {
			for taken.Load() < round {
				runtime.Gosched()
			}
			Relax(giver.IntN(20_000))
			given.Inc()
			p.Unpark()
		}
	})
	over := 0
	for n := range int64(rounds) {
		for {
			if rng.IntN(4) == 0 {
				p.Park()
				break
			}
			if p.ParkFor(time.Duration(rng.IntN(50_000))) {
				break
			}
			over++
		}
		if got := given.Load(); got != n+1 {
			t.Errorf("permit %d, after %d were given", n+1, got)
		}
		taken.Inc()
	}
	wg.Wait()
	if over == 0 || p.TryPark() {
		t.Errorf("%d times over, or a permit is left", over)
	}
}
