// SPDX-License-Identifier: Apache-2.0

package waker

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/pilfer-go/pilfer/internal/testkit"
)

// A call is one operation of a history; id is the waiter it is about.
type call struct {
	op byte
	id int
}

// An answer is what a call returned, and whom it woke, in order.
type answer struct {
	n     int
	woken string
}

// A listState is the ids that wait, and each entry's state.
type listState struct {
	order string
	state [3]entryState
}

// stepList is a List as porcupine sees it: r registers, d removes, 1 and * wake.
func stepList(s listState, in call, out answer) (bool, listState) {
	id := string(rune('0' + in.id))
	switch in.op {
	case 'r':
		if s.state[in.id] != waiting {
			s.order += id
		}
		s.state[in.id] = waiting
		return out == answer{}, s
	case 'd':
		want := answer{n: number(s.state[in.id].woken())}
		s.order = strings.ReplaceAll(s.order, id, "")
		s.state[in.id] = idle
		return out == want, s
	case '1':
		if s.order == "" {
			return out == answer{}, s
		}
		want := answer{n: 1, woken: s.order[:1]}
		s.state[s.order[0]-'0'] = wokenAlone
		s.order = s.order[1:]
		return out == want, s
	default:
		want := answer{n: len(s.order), woken: s.order}
		for _, waiter := range s.order {
			s.state[waiter-'0'] = wokenWithAll
		}
		s.order = ""
		return out == want, s
	}
}

// A cellState is the id of the registered waker, or 0.
type cellState int

// stepCell is a Cell as porcupine sees it. A Register that falls together with a
// wake may leave the cell empty and wake its own waiter instead.
func stepCell(s cellState, in call, out answer) (bool, cellState) {
	switch {
	case in.op == 'r' && out.woken == fmt.Sprint(in.id):
		return true, 0
	case in.op == 'r':
		return out == answer{}, cellState(in.id)
	case s == 0:
		return out == answer{}, 0
	default:
		return out == answer{woken: fmt.Sprint(int(s))}, 0
	}
}

// modelOf makes a porcupine model of a step function.
func modelOf[S comparable](step func(S, call, answer) (bool, S)) porcupine.Model {
	return porcupine.Model{
		Init: func() any { var s S; return s },
		Step: func(state, input, output any) (bool, any) {
			ok, next := step(state.(S), input.(call), output.(answer))
			return ok, next
		},
	}
}

// A scribe is a target that writes its id into the answer of the call that wakes
// it, which is the Local.
type scribe int

func (s *scribe) WakeBy(from Local) {
	from.(*answer).woken += fmt.Sprint(int(*s))
}

// Some order of the calls explains all answers: who was woken, in which order, and
// what Remove says.
func TestLinearList(t *testing.T) {
	rng := testkit.Rand(t)
	for range 150 {
		var (
			list    List
			entries [3]Entry
			ids     = [3]scribe{0, 1, 2}
		)
		waiter := func(client int, rng *rand.Rand) (call, func(cx *Context) int) {
			if rng.IntN(3) == 0 {
				return call{'d', client}, func(*Context) int { return number(entries[client].Remove()) }
			}
			return call{'r', client}, func(cx *Context) int {
				cx.Reset(New(&ids[client]), cx.Local(), -1)
				list.Register(cx, &entries[client])
				return 0
			}
		}
		waking := func(_ int, rng *rand.Rand) (call, func(cx *Context) int) {
			if rng.IntN(3) == 0 {
				return call{op: '*'}, list.WakeAllIn
			}
			return call{op: '1'}, func(cx *Context) int { return number(list.WakeOneIn(cx)) }
		}
		history := record(rng, 5, waiter, waiter, waiter, waking, waking)
		if !porcupine.CheckOperations(modelOf(stepList), history) {
			t.Fatalf("no order explains %+v", history)
		}
	}
}

// Some order of the calls explains which waker each wake called.
func TestLinearCell(t *testing.T) {
	rng := testkit.Rand(t)
	for range 150 {
		var (
			cell Cell
			ids  = [9]scribe{0, 1, 2, 3, 4, 5, 6, 7, 8}
			next = 0
		)
		waiter := func(int, *rand.Rand) (call, func(cx *Context) int) {
			next++
			id := next
			return call{'r', id}, func(cx *Context) int {
				cx.Reset(New(&ids[id]), cx.Local(), -1)
				cell.Register(cx)
				return 0
			}
		}
		waking := func(_ int, rng *rand.Rand) (call, func(cx *Context) int) {
			if rng.IntN(2) == 0 {
				return call{op: 'w'}, func(cx *Context) int { cell.WakeIn(cx); return 0 }
			}
			return call{op: 't'}, func(cx *Context) int { cell.Take().WakeIn(cx); return 0 }
		}
		history := record(rng, 8, waiter, waking, waking)
		if !porcupine.CheckOperations(modelOf(stepCell), history) {
			t.Fatalf("no order explains %+v", history)
		}
	}
}

// record runs the clients at once, each calls operations each, and returns all
// calls with their times and answers.
func record(
	rng *rand.Rand, calls int,
	clients ...func(client int, rng *rand.Rand) (call, func(cx *Context) int),
) []porcupine.Operation {
	var (
		wg        sync.WaitGroup
		start     = time.Now()
		histories = make([][]porcupine.Operation, len(clients))
	)
	for id, client := range clients {
		rng := testkit.Split(rng)
		wg.Go(func() {
			for range calls {
				input, do := client(id, rng)
				output := new(answer)
				cx := NewContext(Noop())
				cx.Reset(Noop(), output, -1)
				testkit.Dither(rng)
				from := time.Since(start)
				output.n = do(cx)
				to := time.Since(start)
				histories[id] = append(histories[id], porcupine.Operation{
					ClientId: id, Input: input, Output: *output, Call: int64(from), Return: int64(to),
				})
			}
		})
	}
	wg.Wait()
	return slices.Concat(histories...)
}
