// SPDX-License-Identifier: Apache-2.0

package deque

import (
	"slices"
	"testing"
)

// Each byte of a script is one operation, on the structure and on its twin.

var scripts = []string{
	"pppooo", "pnpnpn", "ppsosp", "bbbbhhhhoooo", "bHbHbHnnnnnn", "pppppppppppppppphohohoho",
	"bxonbbbbnoyh", "pxnynpsxppppppoooooyo", "bbbbbbbbssssssssnnnnnnnnpppppppp", "prpprooobrbbBBBB",
}

func seeds(f *testing.F) {
	for _, script := range scripts {
		f.Add([]byte(script))
	}
}

// run applies a script. An operation gets the number of its step and returns what
// both sides took; it returns false for a letter that it does not know.
func run(t *testing.T, script []byte, do func(op byte, next func() *int) (got, want []int, ok bool)) {
	made := 0
	next := func() *int {
		job := made
		made++
		return &job
	}
	for step, op := range script {
		got, want, ok := do(op, next)
		if ok && !slices.Equal(got, want) {
			t.Fatalf("step %d (%c) of %q: got %v, want %v", step, op, script, got, want)
		}
	}
}

func FuzzQueue(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, script []byte) {
		q, own, slow := NewQueueNearWrap[int](2, 5), NewQueueNearWrap[int](2, 3), &twin{}
		half := func(min int) (got, want []int) {
			k := slow.len()
			n := k / 2
			if min == 1 {
				n = (k + 1) / 2
			}
			busy := thiefWord(q.thief.Load()).busy()
			first, _, how := q.Thief().StealHalf(own, min)
			if k < min || busy {
				if how == Taken || how == Lost && !busy {
					return []int{-1}, nil
				}
				return nil, nil
			}
			return append(values(first), drain(own.Pop)...), values(slow.take(n)...)
		}
		run(t, script, func(op byte, next func() *int) (got, want []int, ok bool) {
			switch op {
			case 'p':
				job := next()
				q.Push(job)
				slow.push(job)
			case 'b':
				jobs := []*int{next(), next(), next(), next(), next()}
				q.PushBatch(jobs)
				slow.push(jobs...)
			case 'o':
				return values(q.Pop()), values(slow.oldest()), true
			case 'n':
				return values(q.PopNewest()), values(slow.newest()), true
			case 's':
				if thiefWord(q.thief.Load()).busy() {
					return nil, nil, false
				}
				job, _ := q.Thief().Steal()
				return values(job), values(slow.oldest()), true
			case 'h':
				got, want = half(1)
			case 'H':
				got, want = half(2)
			case 'x': // a thief stops in the middle
				q.Thief().Stop()
			case 'y': // and goes on
				if thiefWord(q.thief.Load()).open() {
					q.closeSession()
				}
			}
			if q.Len() != slow.len() || q.OwnerLen() != slow.len() {
				return []int{q.Len(), q.OwnerLen()}, []int{slow.len(), slow.len()}, true
			}
			return got, want, true
		})
		got, want := drain(q.Pop), values(slow.take(slow.len())...)
		if !slices.Equal(got, want) {
			t.Fatalf("after %q: got %v, want %v", script, got, want)
		}
	})
}

func FuzzDeque(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, script []byte) {
		d, own, slow := NewDequeNearWrap[int](2, 5), NewQueue[int](2), &twin{}
		same := new(int) // comes back to its slot, as fork frames do
		run(t, script, func(op byte, next func() *int) (got, want []int, ok bool) {
			switch op {
			case 'p', 'b':
				job := next()
				if op == 'b' {
					job = same
				}
				d.Push(job)
				slow.push(job)
			case 'o', 'n':
				return values(d.Pop()), values(slow.newest()), true
			case 's':
				job, _ := d.Stealer().Steal()
				return values(job), values(slow.oldest()), true
			case 'h':
				first, _, _ := d.Stealer().StealHalf(own)
				return append(values(first), drain(own.Pop)...), values(slow.take((slow.len() + 1) / 2)...), true
			}
			if d.Len() != slow.len() || d.OwnerLen() != slow.len() {
				return []int{d.Len(), d.OwnerLen()}, []int{slow.len(), slow.len()}, true
			}
			return nil, nil, true
		})
		for slow.len() > 0 {
			if got, want := values(d.Pop()), values(slow.newest()); !slices.Equal(got, want) {
				t.Fatalf("after %q: got %v, want %v", script, got, want)
			}
		}
		d.Pop()
		if n := held(d); n > 0 {
			t.Fatalf("after %q: %d jobs still reachable", script, n)
		}
	})
}

// held returns how many slots hold a job.
func held[T any](d *Deque[T]) (n int) {
	for i := range d.slots {
		if d.slots[i].Load() != nil {
			n++
		}
	}
	return n
}

func FuzzInjector(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, script []byte) {
		q, own, slow := NewInjector[int](), NewQueue[int](2), &twin{}
		jobs := numbers(segmentSize - 9) // close to the first seam
		q.PushBatch(jobs)
		for range jobs {
			q.Pop()
		}
		pop := func() (job *int) {
			for got := Lost; got == Lost; { // over the slots of stopped producers
				job, got = q.Pop()
			}
			return job
		}
		run(t, script, func(op byte, next func() *int) (got, want []int, ok bool) {
			switch op {
			case 'p':
				job := next()
				q.Push(job)
				slow.push(job)
			case 'b':
				jobs := []*int{next(), next(), next(), next(), next()}
				q.PushBatch(jobs)
				slow.push(jobs...)
			case 'r': // a producer stops in the middle
				q.Reserve(1)
			case 'o', 'n', 's':
				return values(pop()), values(slow.oldest()), true
			case 'h', 'B':
				first, n, _ := q.PopBatch(own, 3)
				return append(values(first), drain(own.Pop)...), values(slow.take(n)...), true
			}
			if (q.Empty() || q.Len() == 0) && slow.len() > 0 {
				return []int{0}, []int{slow.len()}, true
			}
			return nil, nil, true
		})
		if got, want := drain(pop), values(slow.take(slow.len())...); !slices.Equal(got, want) {
			t.Fatalf("after %q: got %v, want %v", script, got, want)
		}
		if !q.Empty() || q.Len() != 0 {
			t.Fatalf("after %q: not empty", script)
		}
	})
}
