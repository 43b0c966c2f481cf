// SPDX-License-Identifier: Apache-2.0

package locks_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/pilfer-go/pilfer/future/locks"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

// A call is one operation on a semaphore: t tries for n permits, a takes n and
// waits, r gives n back.
type call struct {
	op byte
	n  int
}

// semaphoreModel is a semaphore of two permits: the state is how many are taken.
var semaphoreModel = porcupine.Model{
	Init: func() any { return 0 },
	Step: func(state, input, output any) (bool, any) {
		taken, in, got := state.(int), input.(call), output.(bool)
		switch in.op {
		case 'r':
			return taken >= in.n, taken - in.n
		case 't':
			if !got {
				// Permits that are free may be meant for somebody in line.
				return true, taken
			}
		}
		return taken+in.n <= 2, taken + in.n
	},
}

// mutexModel is a mutex; nobody waits in its history, so a try that fails says
// that it was locked.
var mutexModel = porcupine.Model{
	Init: func() any { return false },
	Step: func(state, input, output any) (bool, any) {
		locked, in, got := state.(bool), input.(call), output.(bool)
		if in.op == 'r' {
			return locked, false
		}
		return got == !locked, true
	},
}

// record runs clients at once, and returns their calls with the times.
func record(clients int, rng *rand.Rand, run func(rng *rand.Rand, do func(in call, f func() bool) bool)) []porcupine.Operation {
	var wg sync.WaitGroup
	start := time.Now()
	histories := make([][]porcupine.Operation, clients)
	for id := range clients {
		rng := testkit.Split(rng)
		wg.Go(func() {
			run(rng, func(in call, f func() bool) bool {
				from := time.Since(start)
				got := f()
				to := time.Since(start)
				histories[id] = append(histories[id], porcupine.Operation{
					ClientId: id, Input: in, Output: got, Call: int64(from), Return: int64(to),
				})
				return got
			})
		})
	}
	wg.Wait()
	return slices.Concat(histories...)
}

// Some order of the calls explains every answer.
func TestLinearMutex(t *testing.T) {
	rng := testkit.Rand(t)
	for range 100 {
		var m locks.Mutex
		history := record(3, rng, func(rng *rand.Rand, do func(call, func() bool) bool) {
			for range 6 {
				if do(call{op: 't'}, m.TryLock) {
					for range rng.IntN(50) {
						rng.Uint64()
					}
					do(call{op: 'r'}, func() bool { m.Unlock(); return true })
				}
			}
		})
		if !porcupine.CheckOperations(mutexModel, history) {
			t.Fatalf("no order explains %s", fmt.Sprint(history))
		}
	}
}

func TestLinearSemaphore(t *testing.T) {
	rng := testkit.Rand(t)
	for range 100 {
		s := locks.NewSemaphore(2)
		history := record(4, rng, func(rng *rand.Rand, do func(call, func() bool) bool) {
			for range 5 {
				n := 1 + rng.IntN(2)
				got := false
				if rng.IntN(2) == 0 {
					got = do(call{'t', n}, func() bool { return s.TryAcquire(n) })
				} else {
					got = do(call{'a', n}, func() bool { return s.Acquire(context.Background(), n) == nil })
				}
				if got {
					do(call{'r', n}, func() bool { s.Release(n); return true })
				}
			}
		})
		if !porcupine.CheckOperations(semaphoreModel, history) {
			t.Fatalf("no order explains %s", fmt.Sprint(history))
		}
	}
}

// A held is who holds an RWMutex.
type held struct {
	readers int
	writer  bool
}

// rwModel is an RWMutex: R and W lock, r and w unlock, e tries to read.
var rwModel = porcupine.Model{
	Init: func() any { return held{} },
	Step: func(state, input, output any) (bool, any) {
		s, got := state.(held), output.(bool)
		switch input.(call).op {
		case 'R':
			return got && !s.writer, held{s.readers + 1, s.writer}
		case 'e':
			if !got {
				return true, s // a writer that waits is not in the state
			}
			return !s.writer, held{s.readers + 1, s.writer}
		case 'r':
			return s.readers > 0, held{s.readers - 1, s.writer}
		case 'W':
			return got && s == held{}, held{0, true}
		default:
			return s.writer, held{s.readers, false}
		}
	},
}

func TestLinearRWMutex(t *testing.T) {
	ctx := testkit.Within(t)
	rng := testkit.Rand(t)
	for range 100 {
		var m locks.RWMutex
		history := record(4, rng, func(rng *rand.Rand, do func(call, func() bool) bool) {
			for range 5 {
				switch rng.IntN(3) {
				case 0:
					do(call{op: 'W'}, func() bool { return m.Lock(ctx) == nil })
					do(call{op: 'w'}, func() bool { m.Unlock(); return true })
				case 1:
					do(call{op: 'R'}, func() bool { return m.RLock(ctx) == nil })
					do(call{op: 'r'}, func() bool { m.RUnlock(); return true })
				default:
					if do(call{op: 'e'}, m.TryRLock) {
						do(call{op: 'r'}, func() bool { m.RUnlock(); return true })
					}
				}
			}
		})
		if !porcupine.CheckOperations(rwModel, history) {
			t.Fatalf("no order explains %s", fmt.Sprint(history))
		}
	}
}
