// SPDX-License-Identifier: Apache-2.0

//go:build explore

package workers

import (
	"fmt"
	"testing"
	"time"

	"github.com/pilfer-go/pilfer/internal/explore"
	"github.com/pilfer-go/pilfer/internal/point"
)

// openPool starts a pool with its worker goroutines, as threads of the model.
func openPool(n int, opts ...Option) *Pool {
	p, err := New(append(opts, Count(n), Watchdog(0, nil))...)
	if err != nil {
		panic(err)
	}
	return p
}

// shut closes the pool and checks that nothing is left of it.
func shut(x *explore.X, p *Pool) {
	p.Close()
	x.Check(p.Empty(), "jobs are left")
	x.Check(p.live.Load() == 0, "%d workers live on", p.live.Load())
	for _, w := range p.places() {
		x.Check(len(w.steppers) == 0 && w.helping.Load() == 0, "somebody waits for place %d", w.index)
	}
}

// A job waits in Help for another one, which only its own worker can run.
func TestExploreHelp(t *testing.T) {
	explore.Model{
		Structure: "help", Operations: "1 worker: a job waits for one that is submitted meanwhile",
		Options: explore.Options{Preemptions: 3},
		Run: func(x *explore.X) {
			p := openPool(1)
			ran := [2]int{}
			p.Submit(&Job{Runner: Func(func(w *Worker) {
				h := w.NewHold()
				x.Go("submitter", func() {
					p.Submit(&Job{Runner: Func(func(*Worker) {
						ran[1]++
						h.End()
					})})
				})
				w.Help(h)
				x.Check(ran[1] == 1, "the wait is over before the other job ran")
				ran[0]++
			})})
			shut(x, p)
			x.Check(ran == [2]int{1, 1}, "the jobs ran %v times", ran)
		},
	}.Check(t)
}

// A job waits in Help, and is told from outside; guests take its place meanwhile.
func TestExploreHelpGuest(t *testing.T) {
	explore.Model{
		Structure: "help", Operations: "1 worker: a job waits twice, and is told from outside; a guest comes and goes",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			p := openPool(1)
			var over point.Bool
			p.Submit(&Job{Runner: Func(func(w *Worker) {
				for range 2 {
					h := w.NewHold()
					x.Go("teller", func() { h.End() })
					w.Help(h)
				}
				over.Store(true)
			})})
			guest := x.Go("guest", func() { visit(p, nil) })
			guest.Join()
			spinUntil(&over) // before Close, which wakes everybody
			shut(x, p)
		},
	}.Check(t)
}

// visit has the calling thread enter a place as a guest, if there is one, and do
// something there.
func visit(p *Pool, f func(w *Worker)) bool {
	w, ok := p.Enter()
	if !ok {
		return false
	}
	if f != nil {
		f(w)
	}
	w.Leave()
	return true
}

// Guests run what they push; what they leave is run by the worker.
func TestExploreGuests(t *testing.T) {
	explore.Model{
		Structure: "guests", Operations: "1 worker; 2 guests, 2 jobs each, of which they run one; a submitter, 1 job",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			p := openPool(1)
			ran := [5]int{}
			job := func(i int) *Job { return &Job{Runner: Func(func(*Worker) { ran[i]++ })} }
			for i := range 2 {
				x.Go(fmt.Sprint("guest ", i), func() {
					if !visit(p, func(w *Worker) {
						w.Push(job(2 * i))
						w.Push(job(2*i + 1))
						w.RunOne()
					}) {
						p.Submit(job(2 * i))
						p.Submit(job(2*i + 1))
					}
				})
			}
			x.Go("submitter", func() { p.Submit(job(4)) })
			x.Wait()
			shut(x, p)
			x.Check(ran == [5]int{1, 1, 1, 1, 1}, "the jobs ran %v times", ran)
		},
	}.Check(t)
}

// A guest waits inside its call: it steps out of its place, and has it back in the end,
// whoever sits there meanwhile.
func TestExploreGuestStepsOut(t *testing.T) {
	explore.Model{
		Structure: "guests", Operations: "1 worker; a guest waits in its call for a job that is submitted",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			p := openPool(1)
			ran, helped := 0, 0
			x.Go("guest", func() {
				visit(p, func(w *Worker) {
					h := w.NewHold()
					x.Go("submitter", func() {
						p.Submit(&Job{Runner: Func(func(*Worker) { ran++; h.End() })})
					})
					w.Help(h)
					x.Check(w.Guest() && ran == 1, "the guest is back, and its job ran %d times", ran)
					w.Push(&Job{Runner: Func(func(*Worker) { helped++ })})
					for w.RunOne() {
					}
					x.Check(helped == 1, "what the guest pushed ran %d times", helped)
				})
			})
			x.Wait()
			shut(x, p)
		},
	}.Check(t)
}

// Two guests want one place back.
func TestExploreGuestsShareAPlace(t *testing.T) {
	explore.Model{
		Structure: "guests", Operations: "1 worker; 2 guests wait in their calls, and are told from outside",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			p := openPool(1)
			back := 0
			for i := range 2 {
				x.Go(fmt.Sprint("guest ", i), func() {
					visit(p, func(w *Worker) {
						h := w.NewHold()
						x.Go(fmt.Sprint("teller ", i), func() { h.End() })
						w.Help(h)
						x.Check(w.Guest(), "the place is not the guest's")
						back++
					})
				})
			}
			x.Wait()
			shut(x, p)
		},
	}.Check(t)
}

// A guest wants its place back from a worker that waits inside a job there, and whose wait
// ends meanwhile.
func TestExploreHelperHandsOver(t *testing.T) {
	explore.Model{
		Structure: "help", Operations: "1 worker: a job waits, and is told from outside, while a guest wants the place back",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			p := openPool(1)
			entered := false
			var over point.Bool
			x.Go("guest", func() {
				entered = visit(p, func(w *Worker) {
					h := w.NewHold()
					p.Submit(&Job{Runner: Func(func(on *Worker) {
						wait := on.NewHold()
						x.Go("teller", func() { wait.End() })
						h.End()
						on.Help(wait)
						over.Store(true)
					})})
					w.Help(h)
					x.Check(w.Guest() && p.Current() == w, "the place is not the guest's")
				})
			})
			x.Wait()
			if entered {
				spinUntil(&over) // before Close, which wakes everybody
			}
			shut(x, p)
		},
	}.Check(t)
}

// Workers come and go while jobs are submitted: none is lost, and all end.
func TestExploreResize(t *testing.T) {
	explore.Model{
		Structure: "resize", Operations: "2 workers, then 1, then 2; a submitter, 2 jobs",
		Options: explore.Options{Preemptions: 1},
		Run: func(x *explore.X) {
			p := openPool(2)
			ran := [2]int{}
			x.Go("submitter", func() {
				for i := range ran {
					p.Submit(&Job{Runner: Func(func(*Worker) { ran[i]++ })})
				}
			})
			x.Go("resizer", func() {
				x.Check(p.Resize(1) == nil && p.Resize(2) == nil, "an open pool cannot be resized")
			})
			x.Wait()
			shut(x, p)
			x.Check(ran == [2]int{1, 1}, "the jobs ran %v times", ran)
		},
	}.Check(t)
}

// A worker that is asleep, or about to be, ends when there are to be fewer.
func TestExploreRetire(t *testing.T) {
	explore.Model{
		Structure: "resize", Operations: "2 workers, then 1; a guest comes and goes",
		Options: explore.Options{Preemptions: 1},
		Run: func(x *explore.X) {
			p := openPool(2)
			x.Go("guest", func() { visit(p, nil) })
			x.Check(p.Resize(1) == nil, "an open pool cannot be resized")
			for p.live.Load() > 1 {
				explore.Spin()
			}
			x.Wait()
			shut(x, p)
		},
	}.Check(t)
}

// A resize and a close race.
func TestExploreResizeDuringClose(t *testing.T) {
	explore.Model{
		Structure: "resize", Operations: "2 workers and a job; one thread resizes to 1, another one closes",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			p := openPool(2)
			ran := 0
			p.Submit(&Job{Runner: Func(func(w *Worker) { w.Push(&Job{Runner: Func(func(*Worker) { ran++ })}) })})
			x.Go("resizer", func() {
				if err := p.Resize(1); err != nil {
					x.Check(err == ErrClosed, "resize: %v", err)
				}
			})
			shut(x, p)
			x.Wait()
			x.Check(ran == 1, "the job ran %d times", ran)
		},
	}.Check(t)
}

// A worker that retires gives its jobs to one that has just found nothing to do, and the
// pool closes. [spill-race]
func TestExploreSpillBeforeClose(t *testing.T) {
	explore.Model{
		Structure: "resize", Operations: "2 workers, then 1, then a close; the one that ends leaves a job, once the other has found nothing",
		Options: explore.Options{Preemptions: 1},
		Run: func(x *explore.X) {
			var looked point.Bool
			p := openPool(2, OnIdle(func(w *Worker) (bool, time.Duration) {
				if w.Index() > 0 || looked.Load() {
					return false, 0
				}
				looked.Store(true)
				return false, time.Nanosecond // it looks whether the pool closes after a sleep
			}))
			ran := 0
			p.places()[1].Post(&Job{Runner: Func(func(w *Worker) {
				for !looked.Load() {
					point.YieldTurn()
				}
				w.Push(&Job{Runner: Func(func(*Worker) { ran++ })})
			})})
			x.Check(p.Resize(1) == nil, "an open pool cannot be resized")
			for p.live.Load() != 1 {
				point.YieldTurn()
			}
			shut(x, p)
			x.Check(ran == 1, "the job ran %d times", ran)
		},
	}.Check(t)
}

// The place of a guest that waits is given up by a resize: its worker is started again
// to hand it over.
func TestExploreVacantPlace(t *testing.T) {
	explore.Model{
		Structure: "resize", Operations: "2 workers, then 1; a guest waits in its call meanwhile",
		Options: explore.Options{Preemptions: 1},
		Run: func(x *explore.X) {
			p := openPool(2)
			x.Go("guest", func() {
				visit(p, func(w *Worker) {
					h := w.NewHold()
					x.Go("teller", func() { h.End() })
					w.Help(h)
					x.Check(w.Guest(), "the place is not the guest's")
				})
			})
			x.Go("resizer", func() { x.Check(p.Resize(1) == nil, "an open pool cannot be resized") })
			x.Wait()
			shut(x, p)
		},
	}.Check(t)
}

// Close comes while workers park, and twice.
func TestExploreClose(t *testing.T) {
	explore.Model{
		Structure: "close", Operations: "2 workers; 2 threads close",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			p := openPool(2)
			x.Go("closer", func() { p.Close() })
			shut(x, p)
			x.Wait()
		},
	}.Check(t)
}

// TestExploreStolenTurn: the other worker steals the job whose turn it is, and the worker
// runs those that are its alone.
func TestExploreStolenTurn(t *testing.T) {
	explore.Model{
		Structure: "posted jobs", Operations: "2 workers; a job pushes one and posts two to its own worker",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			p := openPool(2)
			ran := [2]int{}
			p.Submit(&Job{Runner: Func(func(w *Worker) {
				for range 2 {
					w.PostOwn(&Job{Runner: Func(func(at *Worker) {
						x.Check(at == w, "another worker ran it")
						ran[0]++
					})})
				}
				w.Push(&Job{Runner: Func(func(*Worker) { ran[1]++ })})
			})})
			shut(x, p)
			x.Check(ran == [2]int{2, 1}, "the jobs ran %v times", ran)
		},
	}.Check(t)
}
