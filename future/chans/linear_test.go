// SPDX-License-Identifier: Apache-2.0

package chans_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/pilfer-go/pilfer/future/chans"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

// A call is s, a try to send v, r, a try to receive, or c, close.
type call struct {
	op byte
	v  int
}

// An answer is what it returned.
type answer struct {
	v   int
	err error
}

const linearCapacity = 2

// chanModel is a channel of two messages.
var chanModel = porcupine.Model{
	Init: func() any { return [3]int{} }, // two messages, oldest first; closed
	Step: func(state, input, output any) (bool, any) {
		s, in, got := state.([3]int), input.(call), output.(answer)
		switch in.op {
		case 'c':
			s[2] = 1
			return true, s
		case 's':
			switch {
			case s[2] == 1:
				return got.err == chans.ErrClosed, s
			case s[1] != 0:
				return got.err == chans.ErrFull, s
			case s[0] == 0:
				s[0] = in.v
			default:
				s[1] = in.v
			}
			return got.err == nil, s
		default:
			switch {
			case s[0] != 0:
				v := s[0]
				s[0], s[1] = s[1], 0
				return got == answer{v, nil}, s
			case s[2] == 1:
				return got.err == chans.ErrClosed, s
			default:
				return got.err == chans.ErrEmpty, s
			}
		}
	},
}

// Some order of the calls explains every answer.
func TestLinearChan(t *testing.T) {
	rng := testkit.Rand(t)
	for round := range 200 {
		c := chans.MPMC[int](linearCapacity)
		receivers := 2
		if round%2 == 0 {
			c, receivers = chans.MPSC[int](linearCapacity), 1
		}
		const senders = 2
		var wg sync.WaitGroup
		start := time.Now()
		histories := make([][]porcupine.Operation, senders+receivers)
		for id := range histories {
			rng := testkit.Split(rng)
			wg.Go(func() {
				for i := range 8 {
					in := call{op: 'r'}
					if id < senders {
						in = call{'s', id*100 + i + 1}
						if i == 7 && id == 0 {
							in = call{op: 'c'}
						}
					}
					for range rng.IntN(30) {
						rng.Uint64()
					}
					from := time.Since(start)
					var got answer
					switch in.op {
					case 's':
						got.err = c.TrySend(in.v)
					case 'r':
						got.v, got.err = c.TryRecv()
					case 'c':
						c.Close()
					}
					histories[id] = append(histories[id], porcupine.Operation{
						ClientId: id, Input: in, Output: got, Call: int64(from), Return: int64(time.Since(start)),
					})
				}
			})
		}
		wg.Wait()
		if history := slices.Concat(histories...); !porcupine.CheckOperations(chanModel, history) {
			t.Fatalf("no order explains %s", fmt.Sprint(history))
		}
	}
}

// waitingModel is chanModel for calls that wait: one that has returned found room, or a
// message.
var waitingModel = porcupine.Model{
	Init: chanModel.Init,
	Step: func(state, input, output any) (bool, any) {
		s, in, got := state.([3]int), input.(call), output.(answer)
		if got.err != nil || in.op == 's' && s[1] != 0 || in.op == 'r' && s[0] == 0 {
			return false, s
		}
		return chanModel.Step(s, in, got)
	},
}

// timed runs calls on each of so many goroutines, and returns them with their times.
func timed(clients, each int, do func(id, i int) (call, answer)) []porcupine.Operation {
	var wg sync.WaitGroup
	start := time.Now()
	histories := make([][]porcupine.Operation, clients)
	for id := range histories {
		wg.Go(func() {
			for i := range each {
				from := time.Since(start)
				in, got := do(id, i)
				histories[id] = append(histories[id], porcupine.Operation{
					ClientId: id, Input: in, Output: got, Call: int64(from), Return: int64(time.Since(start)),
				})
			}
		})
	}
	wg.Wait()
	return slices.Concat(histories...)
}

// Who waits until there is room, or a message, is no exception.
func TestLinearChanThatWaits(t *testing.T) {
	ctx := testkit.Within(t)
	for round := range 100 {
		c := chans.MPMC[int](linearCapacity)
		senders, receivers := 2, 2
		if round%2 == 0 {
			c, senders, receivers = chans.MPSC[int](linearCapacity), 1, 1
		}
		history := timed(senders+receivers, 10, func(id, i int) (in call, got answer) {
			if id < senders {
				in = call{'s', id*100 + i + 1}
				got.err = c.Send(ctx, in.v)
				return in, got
			}
			got.v, got.err = c.Recv(ctx)
			return call{op: 'r'}, got
		})
		if !porcupine.CheckOperations(waitingModel, history) {
			t.Fatalf("no order explains %s", fmt.Sprint(history))
		}
	}
}

// unboundedModel is a queue of messages, as text.
var unboundedModel = porcupine.Model{
	Init: func() any { return "" },
	Step: func(state, input, output any) (bool, any) {
		s, in, got := state.(string), input.(call), output.(answer)
		if in.op == 's' {
			return got.err == nil, s + string(rune(in.v))
		}
		for _, v := range s {
			return got == answer{int(v), nil}, s[len(string(v)):]
		}
		return got.err == chans.ErrEmpty, s
	},
}

func TestLinearUnbounded(t *testing.T) {
	for range 100 {
		u := chans.NewUnbounded[int]()
		history := timed(4, 8, func(id, i int) (in call, got answer) {
			if id < 2 {
				in = call{'s', id*100 + i + 1}
				got.err = u.Send(in.v)
				return in, got
			}
			got.v, got.err = u.TryRecv()
			return call{op: 'r'}, got
		})
		if !porcupine.CheckOperations(unboundedModel, history) {
			t.Fatalf("no order explains %s", fmt.Sprint(history))
		}
	}
}
