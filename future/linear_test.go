// SPDX-License-Identifier: Apache-2.0

package future

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/waker"
)

// A promiseCall is one operation: r resolves with v, p polls, d drops, s asks
// whether it is settled.
type promiseCall struct {
	op byte
	v  int
}

// A promiseAnswer is what it returned: the bool, or the poll's value.
type promiseAnswer struct {
	ok bool
	v  int
}

// A promiseView is a promise as porcupine sees it.
type promiseView struct {
	settled, over bool
	v             int
}

var promiseModel = porcupine.Model{
	Init: func() any { return promiseView{} },
	Step: func(state, input, output any) (bool, any) {
		s, in, out := state.(promiseView), input.(promiseCall), output.(promiseAnswer)
		switch in.op {
		case 'r':
			if !out.ok {
				// Another resolver has won, but perhaps not written yet, so
				// that a poll may still be Pending: it has no place before us.
				return true, s
			}
			won := !s.settled
			s.settled, s.v = true, in.v
			return won, s
		case 's':
			// A resolver that has won but not written yet counts as settled:
			// a poll may still be Pending. So a false answer alone is binding.
			return out.ok || !s.settled, s
		case 'p':
			want := promiseAnswer{}
			if s.settled {
				want = promiseAnswer{ok: true, v: s.v}
				s.over = true
			}
			return out == want, s
		default:
			s.settled, s.over = true, true
			return true, s
		}
	},
}

// Some order of the calls explains every answer, and one resolver wins unless the
// drop does.
func TestLinearPromise(t *testing.T) {
	rng := testkit.Rand(t)
	for range 200 {
		history := recordPromise(rng)
		if !porcupine.CheckOperations(promiseModel, history) {
			t.Fatalf("no order explains %+v", history)
		}
		winners, drops := 0, 0
		for _, op := range history {
			switch op.Input.(promiseCall).op {
			case 'r':
				winners += number(op.Output.(promiseAnswer).ok)
			case 'd':
				drops++
			}
		}
		if winners > 1 || winners+drops == 0 {
			t.Fatalf("%d winners and %d drops in %+v", winners, drops, history)
		}
	}
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// recordPromise runs three resolvers beside the owner of the future, and returns
// all calls with their times.
func recordPromise(rng *rand.Rand) []porcupine.Operation {
	var (
		p         = NewPromise[int]()
		f         = p.Future()
		wg        sync.WaitGroup
		start     = time.Now()
		histories [4][]porcupine.Operation
	)
	record := func(client int, in promiseCall, call func() promiseAnswer) promiseAnswer {
		from := time.Since(start)
		out := call()
		to := time.Since(start)
		histories[client] = append(histories[client], porcupine.Operation{
			ClientId: client, Input: in, Output: out, Call: int64(from), Return: int64(to),
		})
		return out
	}
	for id := 1; id <= 3; id++ {
		rng := testkit.Split(rng)
		wg.Go(func() {
			testkit.Dither(rng)
			if rng.IntN(2) == 0 {
				record(id, promiseCall{op: 's'}, func() promiseAnswer { return promiseAnswer{ok: p.Settled()} })
			}
			record(id, promiseCall{'r', id}, func() promiseAnswer { return promiseAnswer{ok: p.Resolve(id)} })
			record(id, promiseCall{op: 's'}, func() promiseAnswer { return promiseAnswer{ok: p.Settled()} })
		})
	}
	owner := testkit.Split(rng)
	wg.Go(func() {
		cx := waker.NewContext(waker.Noop())
		for range 3 {
			testkit.Dither(owner)
			if owner.IntN(6) == 0 {
				break
			}
			answer := record(0, promiseCall{op: 'p'}, func() promiseAnswer {
				got := f.Poll(cx)
				return promiseAnswer{got.Ready, got.Value}
			})
			if answer.ok {
				return
			}
		}
		record(0, promiseCall{op: 'd'}, func() promiseAnswer { Drop(f); return promiseAnswer{} })
	})
	wg.Wait()
	return slices.Concat(histories[:]...)
}
