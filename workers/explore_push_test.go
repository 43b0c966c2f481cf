// SPDX-License-Identifier: Apache-2.0

//go:build explore

package workers

import (
	"fmt"
	"testing"

	"github.com/pilfer-go/pilfer/internal/explore"
	"github.com/pilfer-go/pilfer/internal/point"
)

// spinUntil waits for a flag.
func spinUntil(flag *point.Bool) {
	for !flag.Load() {
		explore.Spin()
	}
}

// pushModel has a job push another one, and wait until that has run: by the other
// worker, which may be asleep.
func pushModel(push func(w *Worker, j *Job), opts ...Option) func(x *explore.X) {
	return func(x *explore.X) {
		p := openPool(2, opts...)
		var ran point.Bool
		p.Submit(&Job{Runner: Func(func(w *Worker) {
			push(w, &Job{Runner: Func(func(*Worker) { ran.Store(true) })})
			spinUntil(&ran)
		})})
		spinUntil(&ran) // a pool that closes has no worker for jobs to come
		shut(x, p)
	}
}

func TestExplorePushWakes(t *testing.T) {
	explore.Model{
		Structure: "wake protocol", Operations: "2 workers; a job pushes one and waits until it has run",
		Options: explore.Options{Preemptions: 1},
		Run:     pushModel((*Worker).Push),
	}.Check(t)
}

func TestExplorePushBatchWakes(t *testing.T) {
	explore.Model{
		Structure: "wake protocol", Operations: "2 workers; a job pushes a batch of one and waits until it has run",
		Options: explore.Options{Preemptions: 1},
		Run:     pushModel(func(w *Worker, j *Job) { w.PushBatch([]*Job{j}) }),
	}.Check(t)
}

func TestExploreSubmitBatchWakes(t *testing.T) {
	explore.Model{
		Structure: "wake protocol", Operations: "2 workers; a job submits a batch of one and waits until it has run",
		Options: explore.Options{Preemptions: 1},
		Run:     pushModel(func(w *Worker, j *Job) { w.pool.SubmitBatch([]*Job{j}) }),
	}.Check(t)
}

func TestExplorePushAtWakes(t *testing.T) {
	explore.Model{
		Structure: "levels", Operations: "2 workers; a job pushes an urgent one and waits until it has run",
		Options: explore.Options{Preemptions: 1},
		Run:     pushModel(func(w *Worker, j *Job) { w.PushAt(Urgent, j) }, Levels(2)),
	}.Check(t)
}

func TestExploreSubmitAtWakes(t *testing.T) {
	explore.Model{
		Structure: "levels", Operations: "2 workers; a job submits one of level Low and waits until it has run",
		Options: explore.Options{Preemptions: 1},
		Run:     pushModel(func(w *Worker, j *Job) { w.pool.SubmitAt(Low, j) }, Levels(2)),
	}.Check(t)
}

func TestExploreSubmitDueWakes(t *testing.T) {
	explore.Model{
		Structure: "levels", Operations: "2 workers; a job submits one with a deadline and waits until it has run",
		Options: explore.Options{Preemptions: 1},
		Run:     pushModel(func(w *Worker, j *Job) { w.pool.SubmitDue(7, j) }, Levels(2)),
	}.Check(t)
}

// What is on offer is stolen by a worker that sleeps.
func TestExploreOfferWakes(t *testing.T) {
	explore.Model{
		Structure: "wake protocol", Operations: "2 workers; a job forks, and waits until what is on offer is stolen",
		Options: explore.Options{Preemptions: 1},
		Run: func(x *explore.X) {
			p := openPool(2)
			c := &tally{x: x}
			var over point.Bool
			p.Submit(&Job{Runner: Func(func(w *Worker) {
				_, _ = Join(w, untilStolen, 0, c.leaf(0), 0)
				over.Store(true)
			})})
			spinUntil(&over)
			shut(x, p)
			c.check(1)
		},
	}.Check(t)
}

// Jobs that are answered with are seen by who asks, or the next question is heard.
func TestExploreAnswer(t *testing.T) {
	explore.Model{
		Structure: "fork-join, demand", Operations: "owner: answers with a job, twice; a thief that looks until it finds none",
		Run: func(x *explore.X) {
			p := seats(2)
			w := p.sit(0)
			w.Answer([]*Job{do(nil)})
			x.Check(w.queue.OwnerLen() == 1 && !w.Hungry(), "a job is wanted, and not there")
			x.Go("thief", func() {
				for p.places()[1].stealFrom(w, 1) != nil {
				}
			})
			w.Answer([]*Job{do(nil)})
			x.Wait()
			x.Check(w.Hungry() || w.queue.OwnerLen() > 0, "the thief was not seen")
		},
	}.Check(t)
}

// raiseModel has jobs submitted, and one of level High, while a worker finds their place
// empty and lowers its bit. Afterwards the bit is set, or there are no jobs.
func raiseModel(bit uint32, submit func(p *Pool), take func(w *Worker) *Job) func(x *explore.X) {
	return func(x *explore.X) {
		p := seats(1)
		p.levels = newLeveled(p, 2)
		w := newWorker(p, 0)
		p.all.Store(&[]*Worker{w})
		p.sit(0)
		p.levels.raise(bit)
		for i := range 2 {
			x.Go(fmt.Sprint("submitter ", i), func() { submit(p) })
		}
		x.Go("other submitter", func() { p.SubmitAt(High, do(nil)) })
		taken := 0
		for range 2 {
			if take(w) != nil {
				taken++
			}
		}
		x.Wait()
		x.Check(taken == 2 || p.levels.raised.Load()&bit != 0, "%d jobs of 2 were taken, and the bit is not set", taken)
		x.Check(p.levels.raised.Load()&(1<<High) != 0, "the bit of another level is not set")
	}
}

func TestExploreRaise(t *testing.T) {
	explore.Model{
		Structure: "levels", Operations: "2 submitters of an urgent job, one of level High; a worker that takes some and finds none",
		Options: explore.Options{Preemptions: 3},
		Run: raiseModel(1<<Urgent,
			func(p *Pool) { p.SubmitAt(Urgent, do(nil)) },
			func(w *Worker) *Job { return w.takeInjectedAt(Urgent, 1) }),
	}.Check(t)
}

func TestExploreRaiseDue(t *testing.T) {
	explore.Model{
		Structure: "levels", Operations: "2 submitters of a job with a deadline, one of level High; a worker that takes some and finds none",
		Options: explore.Options{Preemptions: 3},
		Run: raiseModel(bitDue,
			func(p *Pool) { p.SubmitDue(7, do(nil)) },
			func(w *Worker) *Job { return w.pool.levels.takeDue() }),
	}.Check(t)
}

// Jobs of all levels are run once each.
func TestExploreLevels(t *testing.T) {
	explore.Model{
		Structure: "levels", Operations: "2 workers; a job pushes one of each level, another thread submits one of each, and one with a deadline",
		Options: explore.Options{Preemptions: 1},
		Run: func(x *explore.X) {
			p := openPool(2, Levels(2))
			ran := [9]int{}
			job := func(i int) *Job { return &Job{Runner: Func(func(*Worker) { ran[i]++ })} }
			p.Submit(&Job{Runner: Func(func(w *Worker) {
				for l := range Level(levelCount) {
					w.PushAt(l, job(int(l)))
				}
			})})
			x.Go("submitter", func() {
				for l := range Level(levelCount) {
					p.SubmitAt(l, job(int(levelCount+l)))
				}
				p.SubmitDue(7, job(8))
			})
			x.Wait()
			shut(x, p)
			for i, n := range ran {
				x.Check(n == 1, "job %d ran %d times", i, n)
			}
		},
	}.Check(t)
}
