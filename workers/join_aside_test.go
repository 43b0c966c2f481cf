// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"testing"

	"github.com/pilfer-go/pilfer/internal/testkit"
)

// A guest waits in a join for a half that needs a job which is under way in the
// guest's own place, on the goroutine of the place's worker.
func TestJoinStepsAsideForTheWorker(t *testing.T) {
	for _, asleep := range []bool{true, false} {
		for range 10 {
			p := newPool(t, 2)
			taken, ran, over := make(chan struct{}), make(chan struct{}), make(chan struct{})
			inside, away := make(chan *Hold, 1), make(chan *Hold, 1)
			place := make(chan *Worker, 1)
			go func() {
				defer close(over)
				w := enter(t, p)
				defer w.Leave()
				place <- w
				two, three := Join(w, func(w *Worker, _ int) int {
					for w.lo == 0 { // the other half is not on offer
						two, _ := Join(w, one, 0, one, 0)
						if two != 1 {
							t.Error(two)
						}
					}
					<-taken
					h := w.NewHold()
					away <- h
					w.Help(h)
					return 2
				}, 0, func(*Worker, int) int {
					close(taken)
					<-ran
					return 3
				}, 0)
				if two != 2 || three != 3 || !w.Guest() || p.Current() != w {
					t.Error(two, three, w.Guest())
				}
			}()
			w := <-place
			back := <-away
			p.Submit(do(func(on *Worker) { // the other worker is busy
				if on != w || on.Guest() {
					t.Error("the job runs elsewhere")
				}
				h := on.NewHold()
				inside <- h
				on.Help(h)
				close(ran)
			}))
			h := <-inside
			testkit.Eventually(t, "the job waits", func() bool { return p.idle.isParked(w.index) })
			back.End()
			if asleep {
				testkit.Eventually(t, "the guest sleeps in the join", w.joining.Load)
			}
			h.End()
			testkit.Receive(t, over, "the guest's call is over")
			p.Close()
		}
	}
}

func one(*Worker, int) int { return 1 }

// A worker waits in a join for a half that needs a guest who has stepped out of
// the worker's place.
func TestJoinStepsAsideForAGuest(t *testing.T) {
	for _, asleep := range []bool{true, false} {
		for range 10 {
			p := newPool(t, 2)
			busy, free := make(chan struct{}), make(chan struct{})
			p.Submit(do(func(*Worker) { close(busy); <-free }))
			testkit.Receive(t, busy, "the other worker is busy")
			g, back := stepOut(t, p)
			taken, over := make(chan struct{}), make(chan struct{})
			p.Submit(do(func(w *Worker) {
				defer close(over)
				if w != g.w {
					t.Error("the job runs elsewhere")
				}
				_, three := Join(w, func(w *Worker, _ int) int {
					close(free)
					for w.lo == 0 {
						Join(w, one, 0, one, 0)
					}
					<-taken
					return 2
				}, 0, func(*Worker, int) int {
					close(taken)
					for !back.Load() {
						yields()
					}
					return 3
				}, 0)
				if three != 3 || p.Current() != w || w.Guest() {
					t.Error(three, w.Guest())
				}
			}))
			testkit.Receive(t, taken, "the half is stolen")
			if asleep {
				testkit.Eventually(t, "the worker sleeps in the join", g.w.joining.Load)
			}
			g.hold.End()
			testkit.Eventually(t, "the guest is back", back.Load)
			g.finish()
			testkit.Receive(t, over, "the join is over")
			p.Close()
		}
	}
}

// A guest waits in a join for a half that needs a job which only the worker of the
// guest's place may run.
func TestJoinStepsAsideForAPostedJob(t *testing.T) {
	for _, asleep := range []bool{true, false} {
		for range 10 {
			p := newPool(t, 2)
			taken, ran, over := make(chan struct{}), make(chan struct{}), make(chan struct{})
			place := make(chan *Worker, 1)
			post := func(w *Worker) { w.Post(do(func(*Worker) { close(ran) })) }
			go func() {
				defer close(over)
				w := enter(t, p)
				defer w.Leave()
				_, three := Join(w, func(w *Worker, _ int) int {
					for w.lo == 0 { // the other half is not on offer
						Join(w, one, 0, one, 0)
					}
					<-taken
					if !asleep {
						post(w)
					}
					place <- w
					return 2
				}, 0, func(*Worker, int) int {
					close(taken)
					<-ran
					return 3
				}, 0)
				if three != 3 || !w.Guest() {
					t.Error(three, w.Guest())
				}
			}()
			if w := testkit.Receive(t, place, "the guest's place"); asleep {
				testkit.Eventually(t, "the guest sleeps in the join", w.joining.Load)
				post(w)
			}
			testkit.Receive(t, over, "the guest's call is over")
			p.Close()
		}
	}
}
