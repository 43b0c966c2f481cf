// SPDX-License-Identifier: Apache-2.0

//go:build explore

package workers

import (
	"fmt"
	"testing"

	"github.com/pilfer-go/pilfer/internal/explore"
	"github.com/pilfer-go/pilfer/internal/point"
)

// postModel has jobs posted to a worker, which may be asleep, or have a guest in its
// place: each is run once, and not by the guest.
func postModel(jobs, guests int) func(x *explore.X) {
	return func(x *explore.X) {
		p := openPool(1)
		ran := make([]point.Bool, jobs)
		for i := range ran {
			x.Go(fmt.Sprint("poster ", i), func() {
				p.places()[0].Post(&Job{Runner: Func(func(w *Worker) {
					x.Check(!w.Guest() && !ran[i].Load(), "a posted job runs twice, or is run by a guest")
					ran[i].Store(true)
				})})
			})
		}
		for range guests {
			x.Go("guest", func() { visit(p, nil) })
		}
		for i := range ran {
			spinUntil(&ran[i])
		}
		x.Wait()
		shut(x, p)
	}
}

func TestExplorePost(t *testing.T) {
	explore.Model{
		Structure: "jobs of one worker", Operations: "1 worker; 2 threads post a job each",
		Options: explore.Options{Preemptions: 2},
		Run:     postModel(2, 0),
	}.Check(t)
}

func TestExplorePostBesideGuest(t *testing.T) {
	explore.Model{
		Structure: "jobs of one worker", Operations: "1 worker; a thread posts a job; a guest comes and goes",
		Options: explore.Options{Preemptions: 2},
		Run:     postModel(1, 1),
	}.Check(t)
}

// A job that was posted before Close is run.
func TestExplorePostBeforeClose(t *testing.T) {
	explore.Model{
		Structure: "jobs of one worker", Operations: "1 worker; a post, then a close",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			p := openPool(1)
			ran := false
			p.places()[0].Post(&Job{Runner: Func(func(*Worker) { ran = true })})
			shut(x, p)
			x.Check(ran, "the job did not run")
		},
	}.Check(t)
}

// A worker that was woken for nothing looks whether to end while a job is posted to it,
// before the close. [spill-race]
func TestExplorePostToTheNudged(t *testing.T) {
	explore.Model{
		Structure: "jobs of one worker", Operations: "1 worker; a nudge, a post, then a close",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			p := openPool(1)
			ran := false
			p.Nudge()
			p.places()[0].Post(&Job{Runner: Func(func(*Worker) { ran = true })})
			shut(x, p)
			x.Check(ran, "the job did not run")
		},
	}.Check(t)
}

// A job is posted to a worker that waits inside another one.
func TestExplorePostHelp(t *testing.T) {
	explore.Model{
		Structure: "jobs of one worker", Operations: "1 worker: a job waits for one that is posted to it",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			p := openPool(1)
			var over point.Bool
			p.Submit(&Job{Runner: Func(func(w *Worker) {
				h := w.NewHold()
				x.Go("poster", func() { w.Post(&Job{Runner: Func(func(*Worker) { h.End() })}) })
				w.Help(h)
				over.Store(true)
			})})
			spinUntil(&over)
			shut(x, p)
		},
	}.Check(t)
}

// asideModel has a guest wait in a join for a half that needs a job of the guest's own
// place, which ask brings about: the guest has to step aside for it.
func asideModel(ask func(x *explore.X, w *Worker, ran *point.Bool)) func(x *explore.X) {
	return func(x *explore.X) {
		p := openPool(2)
		var ran point.Bool
		x.Go("guest", func() {
			visit(p, func(w *Worker) {
				needy := func(on *Worker, _ int) int {
					if on != w {
						ask(x, w, &ran)
						spinUntil(&ran)
					}
					return 3
				}
				_, three := Join(w, untilStolen, 0, needy, 0)
				x.Check(three == 3 && w.Guest() && p.Current() == w, "the guest has lost its place")
			})
		})
		x.Wait()
		shut(x, p)
	}
}

func TestExploreAsideForPosted(t *testing.T) {
	explore.Model{
		Structure: "join, stepping aside", Operations: "2 workers; a guest waits in a join for a half that needs a job posted to the guest's place",
		Options: explore.Options{Preemptions: 1},
		Run: asideModel(func(x *explore.X, w *Worker, ran *point.Bool) {
			w.Post(&Job{Runner: Func(func(*Worker) { ran.Store(true) })})
		}),
	}.Check(t)
}

// Who found no frame on offer is seen by the owner's next fork, if that leaves one
// private; and nobody else is.
func TestExploreOffer(t *testing.T) {
	explore.Model{
		Structure: "fork-join, demand", Operations: "owner: 3 joins inside each other; a thief that looks twice",
		Run: func(x *explore.X) {
			p := seats(2)
			w := p.sit(0)
			c := &tally{x: x}
			innermost := func(thief *explore.Thread) func(*Worker, int) int {
				return func(w *Worker, _ int) int {
					thief.Join()
					x.Check(w.lo == w.hi || w.Hungry() || w.forks.OwnerLen() > 0, "the thief was not seen")
					return 0
				}
			}
			_, _ = Join(w, func(w *Worker, _ int) int {
				x.Check(w.forks.OwnerLen() == 1 && !w.Hungry(), "one frame is wanted, and not on offer")
				last := innermost(x.Go("thief", func() { p.sit(1).thieve(2, 0) }))
				_, _ = Join(w, func(w *Worker, _ int) int {
					_, _ = Join(w, last, 0, c.leaf(2), 0)
					return 0
				}, 0, c.leaf(1), 0)
				return 0
			}, 0, c.leaf(0), 0)
			x.Wait()
			c.check(3)
		},
	}.Check(t)
}

// A guest that has stepped out wants its place back, where a worker waits in a join for
// a half that needs the guest.
func TestExploreAsideForGuest(t *testing.T) {
	explore.Model{
		Structure: "join, stepping aside", Operations: "2 workers; one waits in a join for a half that needs a guest who wants the worker's place back",
		Options: explore.Options{Preemptions: 1},
		Run: func(x *explore.X) {
			p := openPool(2)
			var back point.Bool
			x.Go("guest", func() {
				visit(p, func(w *Worker) {
					h := w.NewHold()
					p.Submit(&Job{Runner: Func(func(on *Worker) {
						needy := func(thief *Worker, _ int) int {
							h.End()
							if thief != w {
								spinUntil(&back)
							}
							return 3
						}
						_, three := Join(on, untilStolen, 0, needy, 0)
						x.Check(three == 3 && p.Current() == on, "the worker has lost its place")
					})})
					w.Help(h)
					x.Check(w.Guest() && p.Current() == w, "the place is not the guest's")
					back.Store(true)
				})
			})
			x.Wait()
			shut(x, p)
		},
	}.Check(t)
}
