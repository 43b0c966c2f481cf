// SPDX-License-Identifier: Apache-2.0

//go:build explore

package future

import (
	"errors"
	"testing"

	"github.com/pilfer-go/pilfer/internal/explore"
	"github.com/pilfer-go/pilfer/internal/explore/poller"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
)

var errRejected = errors.New("rejected")

// Two goroutines settle one promise: one of them does, and who waits sees its outcome
// whole, woken once it stands.
func TestExplorePromise(t *testing.T) {
	explore.Model{
		Structure: "promise", Operations: "a waiter; one resolves, one rejects",
		Run: func(x *explore.X) {
			p := NewPromise[int]()
			f := p.Future()
			data := new(int)
			settled := [2]bool{}
			x.Go("waiter", func() {
				poller.New().Until(func(cx *waker.Context) bool {
					got := f.Poll(cx)
					if got.Ready {
						x.Check(got.Value == 7 && got.Err == nil || got.Value == 0 && got.Err == errRejected, "outcome %v", got)
						if got.Err == nil {
							point.Reads(data)
						}
					}
					return got.Ready
				})
			})
			x.Go("resolver", func() {
				point.Writes(data)
				settled[0] = p.Resolve(7)
			})
			x.Go("rejecter", func() { settled[1] = p.Reject(errRejected) })
			x.Wait()
			x.Check(settled[0] != settled[1], "settled by both or by nobody: %v", settled)
			x.Check(p.waker.IsZero(), "a waker is left")
		},
	}.Check(t)
}

// A promise without a value is settled by one step: what was done before it is seen by
// who waits, and a rejection beside it has its own outcome or none.
func TestExplorePromiseEmpty(t *testing.T) {
	explore.Model{
		Structure: "promise without a value", Operations: "a waiter; one resolves, one rejects",
		Run: func(x *explore.X) {
			p := NewPromise[struct{}]()
			f := p.Future()
			data := new(int)
			settled := [2]bool{}
			x.Go("waiter", func() {
				poller.New().Until(func(cx *waker.Context) bool {
					got := f.Poll(cx)
					if got.Ready {
						x.Check(got.Err == nil || got.Err == errRejected, "outcome %v", got)
						if got.Err == nil {
							point.Reads(data)
						}
					}
					return got.Ready
				})
			})
			x.Go("resolver", func() {
				point.Writes(data)
				settled[0] = p.Resolve(struct{}{})
			})
			x.Go("rejecter", func() { settled[1] = p.Reject(errRejected) })
			x.Wait()
			x.Check(settled[0] != settled[1], "settled by both or by nobody: %v", settled)
			x.Check(p.waker.IsZero(), "a waker is left")
		},
	}.Check(t)
}

// The same against an owner that gives up.
func TestExplorePromiseEmptyDrop(t *testing.T) {
	explore.Model{
		Structure: "promise without a value", Operations: "a waiter polls twice with other wakers and drops; 2 resolve",
		Run: func(x *explore.X) {
			p := NewPromise[struct{}]()
			f := p.Future()
			settled, ready := [2]bool{}, false
			x.Go("waiter", func() {
				for range 2 {
					if f.Poll(poller.New().Context()).Ready {
						ready = true
						return
					}
				}
				Drop(f)
			})
			for i := range settled {
				x.Go("resolver", func() { settled[i] = p.Resolve(struct{}{}) })
			}
			x.Wait()
			x.Check(!settled[0] || !settled[1], "settled by both")
			x.Check(!ready || settled[0] || settled[1], "ready, and settled by nobody")
			x.Check(p.waker.IsZero() && (p.load() == dropped || p.load() == done), "state %d", p.load())
		},
	}.Check(t)
}

// The waker is another one at each poll: the last is woken.
func TestExplorePromiseWakerReplaced(t *testing.T) {
	explore.Model{
		Structure: "promise", Operations: "a waiter that polls with 3 wakers in turn; one resolves",
		Run: func(x *explore.X) {
			p := NewPromise[int]()
			f := p.Future()
			x.Go("waiter", func() {
				for range 2 {
					if got := f.Poll(poller.New().Context()); got.Ready {
						x.Check(got.Value == 7, "outcome %v", got)
						return
					}
				}
				poller.New().Until(func(cx *waker.Context) bool {
					got := f.Poll(cx)
					x.Check(!got.Ready || got.Value == 7, "outcome %v", got)
					return got.Ready
				})
			})
			x.Go("resolver", func() { x.Check(p.Resolve(7), "nobody else settles it") })
		},
	}.Check(t)
}

// The future is dropped while somebody settles the promise: nobody touches the waker
// twice, and who settles it is told whether that counts.
func TestExplorePromiseDrop(t *testing.T) {
	explore.Model{
		Structure: "promise", Operations: "a waiter polls twice and drops; 2 resolve; one looks whether it is settled",
		Run: func(x *explore.X) {
			p := NewPromise[int]()
			f := p.Future()
			settled, ready := [2]bool{}, false
			x.Go("waiter", func() {
				for range 2 {
					if f.Poll(poller.New().Context()).Ready {
						ready = true
						return
					}
				}
				Drop(f)
				x.Check(p.Settled(), "a dropped promise can be settled")
			})
			for i := range settled {
				x.Go("resolver", func() {
					settled[i] = p.Resolve(i)
					x.Check(p.Settled(), "not settled after Resolve")
				})
			}
			x.Wait()
			x.Check(!settled[0] || !settled[1], "settled by both")
			x.Check(!ready || settled[0] || settled[1], "ready, and settled by nobody")
			x.Check(p.waker.IsZero() || p.load() == dropped || p.load() == settling|done || p.load() == done, "state %d", p.load())
		},
	}.Check(t)
}

// A task waits for two promises at once; both wake it, and neither is lost.
func TestExploreJoinOfPromises(t *testing.T) {
	explore.Model{
		Structure: "join of futures", Operations: "a waiter for 2 promises at once; 2 resolve",
		Run: func(x *explore.X) {
			p, q := NewPromise[int](), NewPromise[int]()
			f := JoinAll(p.Future(), q.Future())
			x.Go("waiter", func() {
				poller.New().Until(func(cx *waker.Context) bool {
					got := f.Poll(cx)
					x.Check(!got.Ready || got.Err == nil && got.Value[0] == 1 && got.Value[1] == 2, "outcome %v", got)
					x.Check(!got.Ready || !cx.Taken(), "all are ready, and somebody has the waker")
					return got.Ready
				})
			})
			x.Go("first", func() { p.Resolve(1) })
			x.Go("second", func() { q.Resolve(2) })
		},
	}.Check(t)
}

// Several tasks wait for one future; the one that polls it may be dropped.
func TestExploreShared(t *testing.T) {
	explore.Model{
		Structure: "shared future", Operations: "2 waiters for one promise, one of which gives up; one resolves",
		Options: explore.Options{Preemptions: 3},
		Run: func(x *explore.X) {
			p := NewPromise[int]()
			s := Share(p.Future())
			first, second := s.Clone(), s
			x.Go("waiter", func() {
				poller.New().Until(func(cx *waker.Context) bool {
					got := second.Poll(cx)
					x.Check(!got.Ready || got.Value == 7, "outcome %v", got)
					return got.Ready
				})
			})
			x.Go("leaver", func() {
				if !first.Poll(poller.New().Context()).Ready {
					Drop[int](first)
				}
			})
			x.Go("resolver", func() { p.Resolve(7) })
		},
	}.Check(t)
}

// A nagger is ready when its stage has come to two. In its first poll it asks for
// another, and hands out its waker, which is used twice.
type nagger struct {
	armed  point.Bool
	stage  point.Int32
	waker  waker.Waker // once armed
	polled bool
}

func (n *nagger) Poll(cx *Context) Poll[int] {
	at := n.stage.Load()
	if !n.polled {
		n.polled = true
		n.waker = cx.Waker()
		n.armed.Store(true)
		cx.Wake()
		return Poll[int]{}
	}
	if at < 2 {
		return Poll[int]{}
	}
	return Of(int(at))
}

// nag moves the stage on and wakes, as soon as somebody waits.
func (n *nagger) nag() {
	for !n.armed.Load() {
		explore.Spin()
	}
	n.stage.Inc()
	n.waker.WakeByRef()
}

// A child of a combinator is woken twice at once, and by itself.
func TestExploreJoinWokenTwice(t *testing.T) {
	explore.Model{
		Structure: "join of futures", Operations: "a waiter for a promise and a future that is woken twice, and once by itself; one resolves",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			p, n := NewPromise[int](), new(nagger)
			f := JoinAll(p.Future(), Future[int](n))
			x.Go("waiter", func() {
				poller.New().Until(func(cx *waker.Context) bool {
					got := f.Poll(cx)
					x.Check(!got.Ready || got.Err == nil && got.Value[0] == 1 && got.Value[1] == 2, "outcome %v", got)
					return got.Ready
				})
			})
			x.Go("resolver", func() { p.Resolve(1) })
			x.Go("first", n.nag)
			x.Go("second", n.nag)
		},
	}.Check(t)
}

// A child of a combinator asks for another poll; nobody else wakes for it.
func TestExploreJoinPollsAgain(t *testing.T) {
	explore.Model{
		Structure: "join of futures", Operations: "a waiter for a promise and a future that asks for another poll; one resolves",
		Run: func(x *explore.X) {
			p := NewPromise[struct{}]()
			f := JoinAll(p.Future(), YieldNow())
			x.Go("waiter", func() {
				me := poller.New()
				for {
					cx := me.Context()
					if got := f.Poll(cx); got.Ready {
						x.Check(got.Err == nil, "outcome %v", got)
						return
					}
					if !cx.Again() {
						me.Sleep()
					}
				}
			})
			x.Go("resolver", func() { p.Resolve(struct{}{}) })
		},
	}.Check(t)
}
