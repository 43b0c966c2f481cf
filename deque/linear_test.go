// SPDX-License-Identifier: Apache-2.0

package deque

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/pilfer-go/pilfer/internal/testkit"
)

// The state of the model is the jobs in their order, one letter each. So is what
// a call takes or pushes.
type (
	call struct {
		op   byte // p push, o oldest, n newest, s steal, h half of 1, H half of 2, b batch, l is it empty
		jobs string
	}
	answer struct {
		jobs string
		got  Outcome // for the owner, Taken or Empty
	}
)

// model says what a call may answer. All three structures share it.
var model = porcupine.Model{
	Init: func() any { return "" },
	Step: func(state, input, output any) (bool, any) {
		has, in, out := state.(string), input.(call), output.(answer)
		if in.op == 'p' {
			return true, has + in.jobs
		}
		if out.got == Lost {
			return true, has // it may always be
		}
		n := min(1, len(has))
		switch in.op {
		case 'n':
			rest := has[:len(has)-n]
			return out.jobs == has[len(rest):], rest
		case 'h', 'H': // up to half
			n = len(out.jobs)
			if n == 0 && has != "" || n > (len(has)+1)/2 || in.op == 'H' && n > len(has)/2 {
				return false, has
			}
		case 'b': // some of the oldest
			n = len(out.jobs)
			if n == 0 && has != "" || n > len(has) {
				return false, has
			}
		case 'l':
			return out.got == Taken || has == "", has
		}
		return out.jobs == has[:n], has[n:]
	},
	DescribeOperation: func(in, out any) string { return fmt.Sprintf("%c%s: %+v", in.(call).op, in.(call).jobs, out) },
}

// A player makes one call and says what came of it.
type player func(rng *rand.Rand, next func() *int) (call, answer)

// linear runs histories of some calls by each player, on a new structure each,
// and looks for an order of the calls that explains the answers.
func linear(t *testing.T, calls int, setup func() []player) {
	rng := testkit.Rand(t)
	rounds := 400
	if testing.Short() {
		rounds = 100
	}
	for end := time.Now().Add(testkit.StressFor(t, 0)); ; {
		for range rounds {
			history := record(setup(), rng, calls)
			if !porcupine.CheckOperations(model, history) {
				var text strings.Builder
				for _, op := range history {
					fmt.Fprintf(&text, "%d [%d %d] %s\n", op.ClientId, op.Call, op.Return, model.DescribeOperation(op.Input, op.Output))
				}
				t.Fatalf("no order explains\n%s", text.String())
			}
		}
		if !time.Now().Before(end) {
			return
		}
	}
}

func record(players []player, rng *rand.Rand, calls int) []porcupine.Operation {
	var (
		clock, jobs atomic.Int64
		ready, all  sync.WaitGroup
		histories   = make([][]porcupine.Operation, len(players))
	)
	next := func() *int {
		job := int(jobs.Add(1))
		return &job
	}
	ready.Add(len(players))
	for id, play := range players {
		rng := testkit.Split(rng)
		all.Go(func() {
			ready.Done()
			ready.Wait()
			for range calls {
				for range rng.IntN(60) { // out of step
					clock.Load()
				}
				if rng.IntN(20) == 0 {
					runtime.Gosched()
				}
				from := clock.Add(1)
				in, out := play(rng, next)
				histories[id] = append(histories[id], porcupine.Operation{
					ClientId: id, Input: in, Output: out, Call: from, Return: clock.Add(1),
				})
			}
		})
	}
	all.Wait()
	var history []porcupine.Operation
	for _, h := range histories {
		history = append(history, h...)
	}
	return history
}

// letters names jobs.
func letters(jobs ...*int) string {
	var text strings.Builder
	for _, job := range values(jobs...) {
		text.WriteRune(rune('A' + job))
	}
	return text.String()
}

// took is the answer of a call that returns nil for Empty.
func took(job *int) answer {
	if job == nil {
		return answer{}
	}
	return answer{letters(job), Taken}
}

// seen is the answer of a call that looks only.
func seen(jobs bool) answer {
	if jobs {
		return answer{got: Taken}
	}
	return answer{}
}

// batch is the answer of a call that takes several, the first by itself.
func batch(first *int, own *Queue[int], got Outcome) answer {
	text := letters(first)
	for job := own.Pop(); job != nil; job = own.Pop() {
		text += letters(job)
	}
	return answer{text, got}
}

func TestLinearQueue(t *testing.T) {
	linear(t, 7, func() []player {
		q := NewQueueNearWrap[int](2, 3)
		thief := func(rng *rand.Rand, _ func() *int) (call, answer) {
			own := NewQueue[int](2)
			switch rng.IntN(8) {
			case 0, 1, 2:
				job, got := q.Thief().Steal()
				return call{op: 's'}, answer{letters(job), got}
			case 3, 4, 5:
				first, _, got := q.Thief().StealHalf(own, 1)
				return call{op: 'h'}, batch(first, own, got)
			case 6:
				return call{op: 'l'}, seen(q.Len() > 0)
			}
			first, _, got := q.Thief().StealHalf(own, 2)
			if got == Empty { // there were fewer than two, which the model takes for none to steal
				return call{op: 'l'}, seen(true)
			}
			return call{op: 'H'}, batch(first, own, got)
		}
		owner := func(rng *rand.Rand, next func() *int) (call, answer) {
			switch rng.IntN(7) {
			case 0, 1:
				job := next()
				q.Push(job)
				return call{'p', letters(job)}, answer{}
			case 2:
				jobs := []*int{next(), next(), next()}
				q.PushBatch(jobs)
				return call{'p', letters(jobs...)}, answer{}
			case 3:
				return call{op: 'o'}, took(q.Pop())
			}
			return call{op: 'n'}, took(q.PopNewest())
		}
		return []player{owner, thief, thief, thief}
	})
}

func TestLinearDeque(t *testing.T) {
	linear(t, 8, func() []player {
		d := NewDequeNearWrap[int](2, 3)
		thief := func(rng *rand.Rand, _ func() *int) (call, answer) {
			if rng.IntN(8) == 0 {
				return call{op: 'l'}, seen(d.Stealer().Len() > 0)
			}
			job, got := d.Stealer().Steal()
			return call{op: 's'}, answer{letters(job), got}
		}
		owner := func(rng *rand.Rand, next func() *int) (call, answer) {
			if rng.IntN(2) == 0 {
				job := next()
				d.Push(job)
				return call{'p', letters(job)}, answer{}
			}
			return call{op: 'n'}, took(d.Pop())
		}
		return []player{owner, thief, thief, thief}
	})
}

func TestLinearInjector(t *testing.T) {
	linear(t, 7, func() []player {
		q := NewInjector[int]()
		for range segmentSize - 6 { // close to the first seam
			q.Push(new(int))
			q.Pop()
		}
		producer := func(_ *rand.Rand, next func() *int) (call, answer) {
			job := next()
			q.Push(job)
			return call{'p', letters(job)}, answer{}
		}
		consumer := func(rng *rand.Rand, _ func() *int) (call, answer) {
			switch rng.IntN(4) {
			case 0:
				return call{op: 'l'}, seen(!q.Empty())
			case 1:
				own := NewQueue[int](2)
				first, _, got := q.PopBatch(own, 3)
				return call{op: 'b'}, batch(first, own, got)
			}
			job, got := q.Pop()
			return call{op: 's'}, answer{letters(job), got}
		}
		return []player{producer, producer, consumer, consumer}
	})
}
