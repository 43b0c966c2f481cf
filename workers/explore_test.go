// SPDX-License-Identifier: Apache-2.0

//go:build explore

package workers

import (
	"fmt"
	"testing"

	"github.com/pilfer-go/pilfer/internal/explore"
)

// poolModel makes a pool of so many workers, starts submitters of so many jobs each,
// closes it after they have ended, and checks that each job was run once.
func poolModel(workers int, counts ...int) func(x *explore.X) {
	return func(x *explore.X) {
		p, err := New(Count(workers), Watchdog(0, nil))
		if err != nil {
			panic(err)
		}
		total := 0
		for _, n := range counts {
			total += n
		}
		ran := make([]int, total)
		job := make([]*Job, total)
		for i := range job {
			job[i] = &Job{Runner: Func(func(*Worker) { ran[i]++ })}
		}
		next := 0
		for i, n := range counts {
			mine := job[next : next+n]
			next += n
			x.Go(fmt.Sprint("submitter ", i), func() {
				for _, j := range mine {
					p.Submit(j)
				}
			})
		}
		x.Wait()
		p.Close()
		for i, n := range ran {
			x.Check(n == 1, "job %d ran %d times", i, n)
		}
		x.Check(p.Empty(), "jobs are left")
		x.Check(p.live.Load() == 0, "%d workers live on", p.live.Load())
	}
}

// wakeModel is the wake protocol alone: workers that look for jobs, search and park
// as step does, without starts and ends. Whoever runs the last job closes.
func wakeModel(workers, jobs int) func(x *explore.X) {
	return func(x *explore.X) {
		p := seats(workers)
		ran := 0
		for i, w := range p.places() {
			x.Go(fmt.Sprint("worker ", i), func() {
				p.sit(i)
				for !p.closing.Load() {
					j := w.nextJob()
					if j == nil {
						j = w.search()
					} else if w.searching {
						w.endSearch()
					}
					if j == nil {
						w.park()
						continue
					}
					if ran++; ran == jobs {
						p.closing.Store(true)
						p.wakeAll()
					}
				}
			})
		}
		x.Go("submitter", func() {
			for range jobs {
				p.Submit(do(nil))
			}
		})
		x.Wait()
		x.Check(ran == jobs, "%d jobs ran", ran)
	}
}

func TestExploreWakeOneWorker(t *testing.T) {
	explore.Model{
		Structure: "wake protocol", Operations: "1 worker; a submitter, 1 job",
		Run: wakeModel(1, 1),
	}.Check(t)
}

func TestExploreWakeTwoWorkers(t *testing.T) {
	explore.Model{
		Structure: "wake protocol", Operations: "2 workers; a submitter, 1 job",
		Options: explore.Options{Preemptions: 2},
		Run:     wakeModel(2, 1),
	}.Check(t)
}

func TestExploreWakeTwoJobs(t *testing.T) {
	explore.Model{
		Structure: "wake protocol", Operations: "2 workers; a submitter, 2 jobs",
		Options: explore.Options{Preemptions: 3},
		Run:     wakeModel(2, 2),
	}.Check(t)
}

func TestExploreWakeThreeWorkers(t *testing.T) {
	explore.Model{
		Structure: "wake protocol", Operations: "3 workers; a submitter, 1 job",
		Options: explore.Options{Preemptions: 2},
		Long:    3,
		Run:     wakeModel(3, 1),
	}.Check(t)
}

func TestExploreWakeAtRandom(t *testing.T) {
	explore.Model{
		Structure: "wake protocol", Operations: "3 workers; a submitter, 3 jobs",
		Options: explore.Options{Mode: explore.Priorities, Preemptions: 3, Seed: 1},
		Run:     wakeModel(3, 3),
	}.Check(t)
}

func TestExplorePoolOneWorker(t *testing.T) {
	explore.Model{
		Structure: "pool from New to Close", Operations: "1 worker; a submitter, 2 jobs",
		Options: explore.Options{Preemptions: 3},
		Run:     poolModel(1, 2),
	}.Check(t)
}

func TestExplorePoolTwoWorkers(t *testing.T) {
	explore.Model{
		Structure: "pool from New to Close", Operations: "2 workers; a submitter, 2 jobs",
		Options: explore.Options{Preemptions: 1},
		Run:     poolModel(2, 2),
	}.Check(t)
}

func TestExplorePoolAtRandom(t *testing.T) {
	explore.Model{
		Structure: "pool from New to Close", Operations: "3 workers; 2 submitters, 2 jobs and 1",
		Options: explore.Options{Mode: explore.Priorities, Preemptions: 3, Seed: 1},
		Run:     poolModel(3, 2, 1),
	}.Check(t)
}
