// SPDX-License-Identifier: Apache-2.0

//go:build explore

package locks

import (
	"fmt"
	"testing"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/explore"
	"github.com/pilfer-go/pilfer/internal/explore/poller"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
)

// await polls f until it is ready, as a task that sleeps in between.
func await(f future.Future[struct{}]) {
	poller.New().Until(func(cx *waker.Context) bool { return f.Poll(cx).Ready })
}

// polls polls f so often, each time with another waker, then drops it if it is not
// ready, and reports whether it was.
func polls(f future.Future[struct{}], times int) bool {
	for range times {
		if f.Poll(poller.New().Context()).Ready {
			return true
		}
	}
	future.Drop(f)
	return false
}

// A critical is a section for so many at once, with what one of them leaves for the
// next.
type critical struct {
	x      *explore.X
	inside int
	most   int
	data   *int
}

func newCritical(x *explore.X, most int) *critical {
	return &critical{x: x, most: most, data: new(int)}
}

func (c *critical) enter(n int) {
	c.inside += n
	c.x.Check(c.inside <= c.most, "%d inside where %d may be", c.inside, c.most)
	if c.most == 1 {
		point.Writes(c.data)
	}
}

func (c *critical) leave(n int) { c.inside -= n }

func mutexModel(lockers, leavers int) func(x *explore.X) {
	return func(x *explore.X) {
		var m Mutex
		c := newCritical(x, 1)
		for i := range lockers {
			x.Go(fmt.Sprint("locker ", i), func() {
				await(m.LockFuture())
				c.enter(1)
				c.leave(1)
				m.Unlock()
			})
		}
		for i := range leavers {
			x.Go(fmt.Sprint("leaver ", i), func() {
				if polls(m.LockFuture(), 2) {
					c.enter(1)
					c.leave(1)
					m.Unlock()
				}
			})
		}
		x.Wait()
		x.Check(!m.Locked() && m.gate.oldest == nil && m.gate.word.Load() == 0, "locked, or somebody waits: word %d", m.gate.word.Load())
	}
}

func TestExploreMutex(t *testing.T) {
	explore.Model{
		Structure: "mutex", Operations: "2 tasks lock and unlock",
		Run: mutexModel(2, 0),
	}.Check(t)
}

func TestExploreMutexThree(t *testing.T) {
	explore.Model{
		Structure: "mutex", Operations: "3 tasks lock and unlock",
		Options: explore.Options{Preemptions: 4},
		Run:     mutexModel(3, 0),
	}.Check(t)
}

func TestExploreMutexAbort(t *testing.T) {
	explore.Model{
		Structure: "mutex, abort against grant", Operations: "2 tasks lock and unlock; one gives up after 2 polls",
		Options: explore.Options{Preemptions: 4},
		Run:     mutexModel(2, 1),
	}.Check(t)
}

func TestExploreTryLock(t *testing.T) {
	explore.Model{
		Structure: "mutex", Operations: "a task locks and unlocks; another tries twice",
		Run: func(x *explore.X) {
			var m Mutex
			c := newCritical(x, 1)
			x.Go("locker", func() {
				await(m.LockFuture())
				c.enter(1)
				c.leave(1)
				m.Unlock()
			})
			x.Go("trier", func() {
				for range 2 {
					if m.TryLock() {
						c.enter(1)
						c.leave(1)
						m.Unlock()
					}
				}
			})
		},
	}.Check(t)
}

// Who needs more stands in front of who needs less, until it gives up.
func TestExploreSemaphoreAbort(t *testing.T) {
	explore.Model{
		Structure: "semaphore, abort against grant", Operations: "of 2: one takes 1; one wants 2 and gives up after 2 polls; one wants 1",
		Options: explore.Options{Preemptions: 4},
		Run: func(x *explore.X) {
			s := NewSemaphore(2)
			c := newCritical(x, 2)
			x.Check(s.TryAcquire(1), "a new semaphore is taken")
			x.Go("releaser", func() { s.Release(1) })
			x.Go("leaver", func() {
				if polls(s.AcquireFuture(2), 2) {
					c.enter(2)
					c.leave(2)
					s.Release(2)
				}
			})
			x.Go("waiter", func() {
				await(s.AcquireFuture(1))
				c.enter(1)
				c.leave(1)
				s.Release(1)
			})
			x.Wait()
			x.Check(s.TryAcquire(2), "not all was given back")
		},
	}.Check(t)
}

func TestExploreSemaphore(t *testing.T) {
	explore.Model{
		Structure: "semaphore", Operations: "of 2: tasks that want 2, 1 and 1",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			s := NewSemaphore(2)
			c := newCritical(x, 2)
			for i, n := range []int{2, 1, 1} {
				x.Go(fmt.Sprint("taker ", i), func() {
					await(s.AcquireFuture(n))
					c.enter(n)
					c.leave(n)
					s.Release(n)
				})
			}
			x.Wait()
			x.Check(s.TryAcquire(2), "not all was given back")
		},
	}.Check(t)
}

// Each One lets one waiter through; one that gives up passes it on.
func notifyModel(waiters, leavers int) func(x *explore.X) {
	return func(x *explore.X) {
		var n Notify
		through := 0
		for i := range waiters {
			x.Go(fmt.Sprint("waiter ", i), func() {
				await(n.Future())
				through++
			})
		}
		for i := range leavers {
			x.Go(fmt.Sprint("leaver ", i), func() {
				if polls(n.Future(), 2) {
					n.One() // it has taken what a waiter needs
				}
			})
		}
		x.Go("teller", func() {
			for i := range waiters {
				n.One()
				if i+1 < waiters { // else the second may only be remembered once
					for through <= i {
						explore.Spin()
					}
				}
			}
		})
		x.Wait()
		x.Check(through == waiters, "%d let through", through)
		x.Check(n.oldest == nil, "somebody waits")
	}
}

func TestExploreNotify(t *testing.T) {
	explore.Model{
		Structure: "notify", Operations: "a waiter, told once; one gives up after 2 polls",
		Options: explore.Options{Preemptions: 4},
		Run:     notifyModel(1, 1),
	}.Check(t)
}

func TestExploreNotifyLine(t *testing.T) {
	explore.Model{
		Structure: "notify", Operations: "a waiter, told once; 2 give up after 2 polls",
		Options: explore.Options{Preemptions: 2},
		Run:     notifyModel(1, 2),
	}.Check(t)
}

// Who waits alone polls with another waker, which is the one to be called then; it need
// not poll again for that.
func TestExploreNotifyWakerReplaced(t *testing.T) {
	explore.Model{
		Structure: "notify", Operations: "a waiter that polls with 2 wakers in turn; one tells it",
		Run: func(x *explore.X) {
			var n Notify
			var begun point.Bool
			x.Go("waiter", func() {
				f := n.Future()
				if f.Poll(poller.New().Context()).Ready {
					return
				}
				poller.New().Until(func(cx *waker.Context) bool {
					got := f.Poll(cx)
					x.Check(got.Ready || !cx.Again() || begun.Load(), "nobody has told it, and it polls again")
					return got.Ready
				})
			})
			x.Go("teller", func() {
				begun.Store(true)
				n.One()
			})
		},
	}.Check(t)
}

// All lets through who waits then; nobody else.
func TestExploreNotifyAll(t *testing.T) {
	explore.Model{
		Structure: "notify", Operations: "2 waiters, told until both are through; one gives up after a poll",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			var n Notify
			var through point.Int32
			for i := range 2 {
				x.Go(fmt.Sprint("waiter ", i), func() {
					f := n.Future()
					p := poller.New()
					if !f.Poll(p.Context()).Ready {
						through.Inc() // it waits
						p.Sleep()
						x.Check(f.Poll(p.Context()).Ready, "woken, and not told")
					} else {
						x.Errorf("told before anybody was")
					}
				})
			}
			x.Go("leaver", func() { _ = polls(n.Future(), 1) })
			x.Go("teller", func() {
				for through.Load() < 2 {
					explore.Spin()
				}
				n.All()
			})
			x.Wait()
			x.Check(n.oldest == nil && n.slot.Load() == nil, "somebody waits")
		},
	}.Check(t)
}

func TestExploreRWMutex(t *testing.T) {
	explore.Model{
		Structure: "read-write mutex", Operations: "2 readers, one of which gives up after 2 polls; a writer that becomes a reader",
		Options: explore.Options{Preemptions: 4},
		Run: func(x *explore.X) {
			var m RWMutex
			readers, data := 0, new(int)
			read := func() {
				readers++
				point.Reads(data)
				readers--
				m.RUnlock()
			}
			x.Go("reader", func() {
				await(m.RLockFuture())
				read()
			})
			x.Go("leaver", func() {
				if polls(m.RLockFuture(), 2) {
					read()
				}
			})
			x.Go("writer", func() {
				await(m.LockFuture())
				x.Check(readers == 0, "%d readers beside the writer", readers)
				point.Writes(data)
				m.Downgrade()
				m.RUnlock()
			})
			x.Wait()
			x.Check(m.gate.oldest == nil && m.gate.word.Load() == 0, "locked, or somebody waits")
		},
	}.Check(t)
}

// A writer unlocks while readers wait, or wait no longer.
func TestExploreRWMutexUnlock(t *testing.T) {
	explore.Model{
		Structure: "read-write mutex", Operations: "a reader; 2 writers, one of which gives up after 2 polls",
		Options: explore.Options{Preemptions: 4},
		Run: func(x *explore.X) {
			var m RWMutex
			reading, data := false, new(int)
			write := func() {
				x.Check(!reading, "a reader beside the writer")
				point.Writes(data)
				m.Unlock()
			}
			x.Go("reader", func() {
				await(m.RLockFuture())
				reading = true
				point.Reads(data)
				reading = false
				m.RUnlock()
			})
			x.Go("writer", func() {
				await(m.LockFuture())
				write()
			})
			x.Go("leaver", func() {
				if polls(m.LockFuture(), 2) {
					write()
				}
			})
			x.Wait()
			x.Check(m.gate.oldest == nil && m.gate.word.Load() == 0, "locked, or somebody waits")
		},
	}.Check(t)
}

// A barrier opens for all when the last has come, again and again.
func TestExploreBarrier(t *testing.T) {
	explore.Model{
		Structure: "barrier", Operations: "for 2: 2 arrive twice",
		Options: explore.Options{Preemptions: 4},
		Run: func(x *explore.X) {
			b := NewBarrier(2)
			lasts := 0
			arrived := [2]int{}
			for i := range arrived {
				x.Go(fmt.Sprint("comer ", i), func() {
					for round := 1; round <= 2; round++ {
						arrived[i] = round
						f := b.Future()
						poller.New().Until(func(cx *waker.Context) bool {
							p := f.Poll(cx)
							if p.Ready && p.Value {
								lasts++
							}
							return p.Ready
						})
						x.Check(arrived[0] >= round && arrived[1] >= round, "open in round %d: %v", round, arrived)
					}
				})
			}
			x.Wait()
			x.Check(b.arrived == 0 && lasts == 2, "%d wait, %d came last", b.arrived, lasts)
		},
	}.Check(t)
}
