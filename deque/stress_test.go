// SPDX-License-Identifier: Apache-2.0

package deque

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pilfer-go/pilfer/internal/testkit"
)

// A tally counts how often each job was taken.
type tally struct {
	times []atomic.Int32
	total atomic.Int64
}

func (y *tally) take(job *int) {
	if job != nil {
		y.times[*job].Add(1)
		y.total.Add(1)
	}
}

// check fails the test unless each job was taken once: a job lost and another
// doubled would not show in the total.
func (y *tally) check(t *testing.T) {
	bad := 0
	for job := range y.times {
		if n := y.times[job].Load(); n != 1 {
			if bad++; bad < 10 {
				t.Errorf("job %d taken %d times, want 1", job, n)
			}
		}
	}
}

// stress runs owner beside thieves again and again. Both end when all jobs were
// taken; owner is called until then. In a correct structure none is lost, so a
// limit of time stands for a job lost.
func stress(t *testing.T, thieves int, setup func(y *tally, jobs []*int) (owner, thief func(*rand.Rand))) {
	rng := testkit.Rand(t)
	size := 20_000
	if testing.Short() {
		size = 5_000
	}
	jobs := numbers(size)
	for end := time.Now().Add(testkit.StressFor(t, 0)); ; {
		y := &tally{times: make([]atomic.Int32, size)}
		owner, thief := setup(y, jobs)
		deadline := time.Now().Add(time.Minute)
		working := func() bool { return y.total.Load() < int64(size) && time.Now().Before(deadline) }
		var all sync.WaitGroup
		for range thieves {
			rng := testkit.Split(rng)
			all.Go(func() {
				for working() {
					thief(rng)
					if rng.IntN(4) == 0 {
						runtime.Gosched()
					}
				}
			})
		}
		for working() {
			owner(rng)
		}
		all.Wait()
		if y.check(t); t.Failed() || !time.Now().Before(end) {
			return
		}
	}
}

func TestStressQueue(t *testing.T) {
	stress(t, 3, func(y *tally, jobs []*int) (owner, thief func(*rand.Rand)) {
		q := NewQueueNearWrap[int](2, 1000)
		owner = func(rng *rand.Rand) {
			switch op := rng.IntN(16); {
			case op < 5 && len(jobs) > 0:
				q.Push(jobs[0])
				jobs = jobs[1:]
			case op == 5:
				n := min(len(jobs), rng.IntN(50))
				q.PushBatch(jobs[:n])
				jobs = jobs[n:]
			case op < 10:
				y.take(q.Pop())
			case op < 14:
				y.take(q.PopNewest())
			case op == 14: // long enough for a thief to come home
				runtime.Gosched()
			default: // down to the last job, where PopNewest races
				for job := q.PopNewest(); job != nil; job = q.PopNewest() {
					y.take(job)
				}
			}
		}
		return owner, func(rng *rand.Rand) {
			own := NewQueue[int](2)
			if op := rng.IntN(3); op > 0 {
				first, n, got := q.Thief().StealHalf(own, op)
				if taken := own.OwnerLen(); got == Taken && taken != n-1 || got != Taken && taken+n != 0 {
					t.Errorf("%v: %d taken, %d pushed", got, n, taken)
				}
				y.take(first)
			} else {
				job, _ := q.Thief().Steal()
				y.take(job)
			}
			for job := own.Pop(); job != nil; job = own.Pop() {
				y.take(job)
			}
		}
	})
}

// A ring that is always full: the owner asks at every other push which slots have
// come free, while thieves read and clear them. Slots are plain, so the race
// detector finds one reused too early also if nobody is hurt.
func TestStressFullRing(t *testing.T) {
	stress(t, 2, func(y *tally, jobs []*int) (owner, thief func(*rand.Rand)) {
		q := NewQueue[int](4)
		owner = func(rng *rand.Rand) {
			if len(jobs) > 0 {
				q.Push(jobs[0])
				jobs = jobs[1:]
			}
			for n := q.OwnerLen(); n > 3 || n > 0 && len(jobs) == 0; n = q.OwnerLen() {
				y.take(q.Pop())
			}
		}
		own := sync.Pool{New: func() any { return NewQueue[int](4) }}
		return owner, func(rng *rand.Rand) {
			into := own.Get().(*Queue[int])
			first, _, _ := q.Thief().StealHalf(into, 1)
			for job := first; job != nil; job = into.Pop() {
				y.take(job)
			}
			own.Put(into)
		}
	})
}

// One or two jobs, and everybody after them: the races for the last one.
func TestStressLastJob(t *testing.T) {
	race := func(push func(*int), pop func() *int, steal func() (*int, Outcome)) func(*tally, []*int) (func(*rand.Rand), func(*rand.Rand)) {
		return func(y *tally, jobs []*int) (owner, thief func(*rand.Rand)) {
			owner = func(rng *rand.Rand) {
				n := min(len(jobs), 1+rng.IntN(3))
				for _, job := range jobs[:n] {
					push(job)
				}
				jobs = jobs[n:]
				for range rng.IntN(30) {
					y.total.Load()
				}
				for job := pop(); job != nil; job = pop() {
					y.take(job)
				}
			}
			return owner, func(*rand.Rand) {
				for range 20 {
					job, _ := steal()
					y.take(job)
				}
			}
		}
	}
	t.Run("queue", func(t *testing.T) {
		q := NewQueue[int](4)
		stress(t, 2, race(q.Push, q.PopNewest, q.Thief().Steal))
	})
	t.Run("deque", func(t *testing.T) {
		d := NewDeque[int](4)
		stress(t, 2, race(d.Push, d.Pop, d.Stealer().Steal))
	})
}

func TestStressDeque(t *testing.T) {
	stress(t, 3, func(y *tally, jobs []*int) (owner, thief func(*rand.Rand)) {
		d := NewDequeNearWrap[int](2, 1000)
		owner = func(rng *rand.Rand) {
			switch op := rng.IntN(16); {
			case op < 8 && len(jobs) > 0:
				d.Push(jobs[0])
				jobs = jobs[1:]
			case op < 14:
				y.take(d.Pop())
			case op == 14:
				runtime.Gosched()
			default:
				for job := d.Pop(); job != nil; job = d.Pop() {
					y.take(job)
				}
			}
		}
		return owner, func(rng *rand.Rand) {
			own := NewDeque[int](2)
			if rng.IntN(2) == 0 {
				first, _, _ := d.Stealer().StealHalf(own)
				y.take(first)
				for job := own.Pop(); job != nil; job = own.Pop() {
					y.take(job)
				}
			} else {
				job, _ := d.Stealer().Steal()
				y.take(job)
			}
		}
	})
}

// The order of each producer is checked too: a consumer never gets an older job
// of a producer after a newer one.
func TestStressInjector(t *testing.T) {
	const producers = 3
	stress(t, 3, func(y *tally, jobs []*int) (owner, thief func(*rand.Rand)) {
		q := NewInjector[int]()
		share := len(jobs) / producers
		var done sync.WaitGroup
		for p := range producers {
			mine := jobs[p*share : (p+1)*share]
			if p == producers-1 {
				mine = jobs[p*share:]
			}
			done.Go(func() {
				for i := 1; len(mine) > 0; i++ {
					n := min(i%7, len(mine))
					if n <= 1 {
						q.Push(mine[0])
						n = 1
					} else {
						q.PushBatch(mine[:n])
					}
					mine = mine[n:]
					if i%11 == 0 {
						q.Reserve(1) // and stopped for ever
					}
				}
			})
		}
		t.Cleanup(done.Wait)
		consume := func() func(*rand.Rand) {
			var last [producers + 1]int
			own := NewQueue[int](2)
			take := func(job *int) {
				if job == nil {
					return
				}
				p := min(*job/share, producers-1)
				if *job+1 <= last[p] {
					t.Errorf("job %d came after job %d of the same producer", *job, last[p]-1)
				}
				last[p] = *job + 1
				y.take(job)
			}
			return func(rng *rand.Rand) {
				if rng.IntN(2) == 0 {
					job, _ := q.Pop()
					take(job)
					return
				}
				first, _, _ := q.PopBatch(own, 1+rng.IntN(40))
				take(first)
				for job := own.Pop(); job != nil; job = own.Pop() {
					take(job)
				}
			}
		}
		var consumers sync.Map // each thief has its own generator, and so its own consumer
		thief = func(rng *rand.Rand) {
			c, ok := consumers.Load(rng)
			if !ok {
				c = consume()
				consumers.Store(rng, c)
			}
			c.(func(*rand.Rand))(rng)
		}
		return consume(), thief
	})
}
