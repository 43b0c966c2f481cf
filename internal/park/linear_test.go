// SPDX-License-Identifier: Apache-2.0

package park

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/pilfer-go/pilfer/internal/testkit"
)

type permitOp uint8

const (
	opUnpark permitOp = iota
	opTryPark
	opPark
)

// permitModel is the permit as one boolean. Output is what TryPark returned.
var permitModel = porcupine.Model{
	Init: func() any { return false },
	Step: func(state, input, output any) (bool, any) {
		has := state.(bool)
		switch input.(permitOp) {
		case opUnpark:
			return true, true
		case opPark:
			return has, false // has no place in the order before the permit
		default:
			return output.(bool) == has, false
		}
	},
}

// Some order of the calls explains every answer, sleeping included.
func TestLinearPermit(t *testing.T) {
	eachKind(t, func(t *testing.T, make func() *Parker) {
		rng := testkit.Rand(t)
		for range 100 {
			history := recordHistory(make(), rng, 3, 4, 8)
			if !porcupine.CheckOperations(permitModel, history) {
				t.Fatalf("no order explains %+v", history)
			}
		}
	})
}

// recordHistory runs givers goroutines of each Unparks beside an owner that parks
// or tries, and returns all calls with their times.
func recordHistory(p *Parker, rng *rand.Rand, givers, each, takes int) []porcupine.Operation {
	var (
		mu      sync.Mutex
		history []porcupine.Operation
		start   = time.Now()
	)
	record := func(client int, op permitOp, call func() bool) {
		from := time.Since(start)
		took := call()
		to := time.Since(start)
		mu.Lock()
		defer mu.Unlock()
		history = append(history, porcupine.Operation{
			ClientId: client, Input: op, Output: took, Call: int64(from), Return: int64(to),
		})
	}
	unpark := func() bool { p.Unpark(); return false }
	park := func() bool { p.Park(); return false }

	var giving sync.WaitGroup
	for giver := range givers {
		rng := rand.New(rand.NewPCG(rng.Uint64(), 0))
		giving.Go(func() {
			for range each {
				Relax(rng.IntN(500))
				record(giver, opUnpark, unpark)
			}
		})
	}
	done := make(chan struct{})
	ownerRng := rand.New(rand.NewPCG(rng.Uint64(), 1))
	go func() {
		defer close(done)
		for range takes {
			Relax(ownerRng.IntN(500))
			if ownerRng.IntN(2) == 0 {
				record(givers, opPark, park)
			} else {
				record(givers, opTryPark, p.TryPark)
			}
		}
	}()
	giving.Wait()
	for {
		select {
		case <-done:
			return history
		default:
		}
		if sleeps(p) { // more Parks than permits: end them one by one
			record(givers+1, opUnpark, unpark)
		}
		runtime.Gosched()
	}
}
