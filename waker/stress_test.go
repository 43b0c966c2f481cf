// SPDX-License-Identifier: Apache-2.0

package waker

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

// A waiter must see every change that is followed by a wake, however it registers
// meanwhile. It sleeps on the bell of its latest registration only, so a wake that
// goes to an older waker is a lost one.
func TestStressCellNoLostWake(t *testing.T) {
	testkit.Stress(t, 0, func(rng *rand.Rand) {
		const changers, each = 3, 2000
		var (
			cell Cell
			done point.Int64
			seen int64
			wg   sync.WaitGroup
		)
		for range changers {
			rng := testkit.Split(rng)
			wg.Go(func() {
				for range each {
					done.Inc()
					switch rng.IntN(3) {
					case 0:
						cell.Wake()
					case 1:
						cell.WakeIn(nil)
					default:
						w := cell.Take()
						w.Wake()
					}
					testkit.Dither(rng)
				}
			})
		}
		waiter := testkit.Split(rng)
		wg.Go(func() {
			bells := [2]bell{newBell(), newBell()}
			cx := NewContext(Noop())
			for seen < changers*each {
				b := bells[waiter.IntN(2)]
				cx.Reset(New(b), nil, -1)
				cell.Register(cx)
				if waiter.IntN(3) == 0 {
					cell.Register(cx)
				}
				if now := done.Load(); now > seen {
					seen = now
					continue
				}
				<-b // hangs if the wake of an unseen change is lost
			}
		})
		testkit.WaitAll(t, &wg, func() string {
			return fmt.Sprintf("cell in state %d, %d of %d changes", cell.state.Load(), done.Load(), changers*each)
		})
	})
}

// Every clone of a waker is woken or dropped once, when all is over.
func TestStressCellGivesWakersBack(t *testing.T) {
	testkit.Stress(t, 0, func(rng *rand.Rand) {
		var (
			cell    Cell
			targets = [2]*shared{{}, {}}
			over    point.Bool
			wakers  sync.WaitGroup
			waiter  sync.WaitGroup
		)
		for range 2 {
			rng := testkit.Split(rng)
			wakers.Go(func() {
				for !over.Load() {
					if rng.IntN(2) == 0 {
						cell.Wake()
					} else {
						w := cell.Take()
						w.Drop()
					}
					testkit.Dither(rng)
				}
			})
		}
		own := testkit.Split(rng)
		waiter.Go(func() {
			for range 5000 {
				cell.Register(NewContext(New(targets[own.IntN(2)])))
				testkit.Dither(own)
			}
			over.Store(true)
		})
		testkit.WaitAll(t, &waiter, func() string { return "the waiter" })
		testkit.WaitAll(t, &wakers, func() string { return "the wakers" })
		w := cell.Take()
		w.Drop()
		for i, target := range targets {
			if n := target.alive.Load(); n != 0 {
				t.Errorf("target %d has %d wakers left", i, n)
			}
		}
	})
}

// A shared target counts its clones that are alive.
type shared struct{ alive point.Int64 }

func (s *shared) WakeBy(Local) {}

func (s *shared) CloneTarget() Target { s.alive.Inc(); return s }

func (s *shared) DropTarget() { s.alive.Dec() }

// Waiters take permits that others give, each with one WakeOne, and sometimes
// give up. All permits must be taken: a waiter that gives up with a wake in hand
// passes it on.
func TestStressListNoLostWake(t *testing.T) {
	testkit.Stress(t, 0, func(rng *rand.Rand) {
		const waiters, givers, each = 4, 2, 1000
		var (
			list    List
			permits point.Int64
			taken   point.Int64
			wg      sync.WaitGroup
		)
		for range givers {
			rng := testkit.Split(rng)
			wg.Go(func() {
				for range each {
					permits.Inc()
					list.WakeOne()
					testkit.Dither(rng)
				}
			})
		}
		for range waiters {
			rng := testkit.Split(rng)
			wg.Go(func() {
				for range givers * each / waiters {
					takePermit(&list, &permits, rng)
					taken.Inc()
				}
			})
		}
		testkit.WaitAll(t, &wg, func() string {
			return fmt.Sprintf("%d waiting, %d permits, %d taken", list.Len(), permits.Load(), taken.Load())
		})
		if list.Len() != 0 || permits.Load() != 0 {
			t.Errorf("%d wait, %d permits left", list.Len(), permits.Load())
		}
	})
}

// takePermit takes one permit and sleeps until there is one. It gives up and
// starts again at random.
func takePermit(list *List, permits *point.Int64, rng *rand.Rand) {
	var (
		e  Entry
		b  = newBell()
		cx = NewContext(New(b))
	)
	for {
		list.Register(cx, &e)
		testkit.Dither(rng)
		if tryTake(permits) {
			// The permit may be another's than the one whose wake chose us.
			e.Cancel()
			return
		}
		if rng.IntN(4) == 0 {
			if e.Cancel() {
				<-b // chosen: the bell rings, sooner or later
			}
			continue
		}
		<-b // hangs if a wake is lost
	}
}

// tryTake takes a permit if there is one.
func tryTake(permits *point.Int64) bool {
	for {
		n := permits.Load()
		if n == 0 {
			return false
		}
		if permits.CompareAndSwap(n, n-1) {
			return true
		}
	}
}

// WakeAll wakes each waiter of a generation once, while others register, leave
// and are woken one by one.
func TestStressListWakeAll(t *testing.T) {
	testkit.Stress(t, 0, func(rng *rand.Rand) {
		const waiters, generations = 6, 300
		var (
			list       List
			generation point.Int64
			wg         sync.WaitGroup
		)
		for range waiters {
			rng := testkit.Split(rng)
			wg.Go(func() {
				var e Entry
				b := newBell()
				cx := NewContext(New(b))
				for seen := int64(0); seen < generations; {
					list.Register(cx, &e)
					if now := generation.Load(); now > seen {
						seen = now
						if rng.IntN(2) == 0 {
							e.Cancel()
						}
						testkit.Dither(rng)
						continue
					}
					<-b // hangs if the wake of an unseen generation is lost
				}
				e.Cancel()
			})
		}
		wg.Go(func() {
			for range generations {
				generation.Inc()
				list.WakeAll()
				testkit.Dither(rng)
			}
		})
		testkit.WaitAll(t, &wg, func() string {
			return fmt.Sprintf("%d waiting in generation %d", list.Len(), generation.Load())
		})
	})
}

// Wakes before a Take count as one, and none is lost.
func TestStressFlag(t *testing.T) {
	testkit.Stress(t, 0, func(rng *rand.Rand) {
		const wakers, each = 3, 2000
		var (
			flag  Flag
			given point.Int64
			wg    sync.WaitGroup
		)
		for range wakers {
			rng := testkit.Split(rng)
			wg.Go(func() {
				for range each {
					given.Inc()
					flag.Waker().WakeByRef()
					testkit.Dither(rng)
				}
			})
		}
		wg.Go(func() {
			for seen := int64(0); seen < wakers*each; {
				if flag.Take() {
					seen = given.Load()
				}
				testkit.Dither(rng)
			}
		})
		testkit.WaitAll(t, &wg, func() string { return fmt.Sprint(given.Load(), " given, flag ", flag.IsSet()) })
	})
}
