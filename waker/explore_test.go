// SPDX-License-Identifier: Apache-2.0

//go:build explore

package waker

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pilfer-go/pilfer/internal/explore"
	"github.com/pilfer-go/pilfer/internal/point"
)

// A sleeper is a thread that polls when it is woken, and sleeps in between.
type sleeper struct{ permit point.Uint32 }

func newSleeper() *sleeper { return new(sleeper) }

func (s *sleeper) WakeBy(Local) {
	s.permit.Store(1)
	explore.FutexWake(&s.permit)
}

func (s *sleeper) sleep() {
	for s.permit.Swap(0) == 0 {
		explore.FutexWait(&s.permit, 0)
	}
}

// await polls until ready says true, and sleeps while it does not. A waiter that was
// told to wake itself polls again when something has changed: until then each poll
// would end the same.
func (s *sleeper) await(ready func(cx *Context) bool) {
	cx := NewContext(New(s))
	cx.DeferWakes()
	for !ready(cx) {
		if cx.Again() {
			explore.Spin()
		} else {
			s.sleep()
		}
		cx.Reset(New(s), nil, -1)
	}
}

// A waiter that misses the change is woken after it: else it sleeps for ever.
func cellModel(wakers, waits int, take bool) func(x *explore.X) {
	return func(x *explore.X) {
		var c Cell
		var count point.Int32
		data := new([4]int)
		x.Go("waiter", func() {
			s := newSleeper()
			for i := 1; i <= waits; i++ {
				s.await(func(cx *Context) bool {
					c.Register(cx)
					return count.Load() >= int32(i*wakers/waits)
				})
			}
			for i := range wakers {
				point.Reads(&data[i])
				x.Check(data[i] == 1, "the change of waker %d is not visible", i)
			}
			w := c.Take()
			w.Drop()
		})
		for i := range wakers {
			x.Go(fmt.Sprint("waker ", i), func() {
				point.Writes(&data[i])
				data[i] = 1
				count.Inc()
				if take && i == 0 {
					w := c.Take()
					w.Wake()
				} else {
					c.Wake()
				}
			})
		}
		x.Wait()
		x.Check(c.state.Load() == empty, "state %d at the end", c.state.Load())
		x.Check(c.waker.IsZero(), "a waker is left")
	}
}

func TestExploreCell(t *testing.T) {
	explore.Model{
		Structure: "registration cell", Operations: "a waiter; 2 wakers, each changes and wakes",
		Run: cellModel(2, 1, false),
	}.Check(t)
}

func TestExploreCellTwoWaits(t *testing.T) {
	explore.Model{
		Structure: "registration cell", Operations: "a waiter that waits twice; 2 wakers, one by Take",
		Run: cellModel(2, 2, true),
	}.Check(t)
}

func TestExploreCellThreeWakers(t *testing.T) {
	explore.Model{
		Structure: "registration cell", Operations: "a waiter; 3 wakers",
		Options: explore.Options{Preemptions: 2},
		Run:     cellModel(3, 1, false),
	}.Check(t)
}

// The waker is replaced by another one while a wake comes.
func TestExploreCellReplaced(t *testing.T) {
	explore.Model{
		Structure: "registration cell", Operations: "a waiter that registers two wakers in turn; a wake",
		Run: func(x *explore.X) {
			var c Cell
			var ready point.Bool
			first, second := newSleeper(), newSleeper()
			x.Go("waiter", func() {
				c.Register(NewContext(New(first)))
				c.Register(NewContext(New(second)))
				if !ready.Load() {
					second.sleep()
					x.Check(ready.Load(), "woken before the change")
				}
			})
			x.Go("waker", func() {
				ready.Store(true)
				c.Wake()
			})
		},
	}.Check(t)
}

// A waker is registered all the time, and one wake comes: it is not lost while another
// waker takes the place of the first.
func TestExploreCellOverlaps(t *testing.T) {
	explore.Model{
		Structure: "registration cell", Operations: "a waker is registered, and replaced; a wake meanwhile",
		Run: func(x *explore.X) {
			var c Cell
			me := newSleeper()
			c.RegisterWaker(New(me))
			x.Go("waiter", func() {
				c.RegisterWaker(New(me))
				me.sleep()
			})
			x.Go("waker", func() { c.Wake() })
		},
	}.Check(t)
}

// A wake that a Take does not answer is answered by the next one.
func TestExploreFlag(t *testing.T) {
	explore.Model{
		Structure: "flag", Operations: "2 wakers publish and raise; who polls takes until it has seen both",
		Run: func(x *explore.X) {
			var f Flag
			var seen point.Int32
			data := new([2]int)
			var changed [2]point.Bool
			for i := range 2 {
				x.Go(fmt.Sprint("waker ", i), func() {
					point.Writes(&data[i])
					data[i] = 1
					changed[i].Store(true)
					f.WakeBy(nil)
				})
			}
			x.Go("poller", func() {
				for range 3 {
					f.Take()
				}
			})
			x.Wait()
			_ = f.Take()
			for i := range 2 {
				point.Reads(&data[i])
			}
			x.Check(!f.IsSet(), "raised after Take")
			_ = seen.Load()
		},
	}.Check(t)
}

// What a waker did before it raised the flag is visible to whoever takes it, also if
// the flag was up already: the words that tell how many have raised it say so.
func TestExploreFlagPublishes(t *testing.T) {
	explore.Model{
		Structure: "flag", Operations: "2 wakers raise; after each successful Take all that were raised before are visible",
		Run: func(x *explore.X) {
			var f Flag
			raised := [2]bool{} // plain, and read by the explorer's leave: who has returned from WakeBy
			data := new([2]int)
			for i := range 2 {
				x.Go(fmt.Sprint("waker ", i), func() {
					point.Writes(&data[i])
					data[i] = 1
					f.WakeBy(nil)
					raised[i] = true
				})
			}
			x.Go("poller", func() {
				before := raised
				if !f.Take() {
					x.Check(before == [2]bool{}, "a flag that was raised before is not up")
					return
				}
				for i := range 2 {
					if before[i] {
						point.Reads(&data[i])
					}
				}
			})
		},
	}.Check(t)
}

// listModel: so many waiters wait for a permit each, and the wakers give one permit
// and wake one (1), give all and wake all (a), or tell the first waiter to give up
// (c); that one gives back what it has taken.
func listModel(waiters int, wakers string) func(x *explore.X) {
	return func(x *explore.X) {
		var l List
		var permits point.Int32
		var canceled point.Bool
		cancel := strings.Contains(wakers, "c")
		takePermit := func() bool {
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
		first := newSleeper()
		for i := range waiters {
			x.Go(fmt.Sprint("waiter ", i), func() {
				s, e := first, new(Entry)
				if i > 0 {
					s = newSleeper()
				}
				got := false
				s.await(func(cx *Context) bool {
					if cancel && i == 0 && canceled.Load() {
						return true
					}
					l.Register(cx, e)
					got = takePermit()
					return got
				})
				e.Cancel()
				if cancel && i == 0 && got { // it gives the permit back
					permits.Add(1)
					l.WakeOne()
				}
			})
		}
		for i, kind := range wakers {
			x.Go(fmt.Sprint("waker ", i), func() {
				switch kind {
				case 'a':
					permits.Add(int32(waiters))
					l.WakeAll()
				case '1':
					permits.Add(1)
					l.WakeOne()
				case 'c':
					canceled.Store(true)
					first.WakeBy(nil)
				}
			})
		}
		x.Wait()
		x.Check(l.Len() == 0 && l.oldest == nil && l.newest == nil, "entries are left")
	}
}

func TestExploreList(t *testing.T) {
	explore.Model{
		Structure: "waker list", Operations: "2 waiters; 2 wakers, one permit each",
		Run: listModel(2, "11"),
	}.Check(t)
}

func TestExploreListAll(t *testing.T) {
	explore.Model{
		Structure: "waker list", Operations: "2 waiters; a waker that wakes all",
		Run: listModel(2, "a"),
	}.Check(t)
}

// A waiter that was chosen and gives up hands its wake on.
func TestExploreListCancel(t *testing.T) {
	explore.Model{
		Structure: "waker list", Operations: "2 waiters, one of which is told to give up, or gives its permit back; a waker with 1 permit",
		Run: listModel(2, "1c"),
	}.Check(t)
}
