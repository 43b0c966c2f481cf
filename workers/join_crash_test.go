// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/self"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

func boom(*Worker, int) int  { panic("boom") }
func exits(*Worker, int) int { runtime.Goexit(); return 0 }

// leaves calls f and recovers, as code does that leaves a join by a panic.
func leaves(f func()) (with any) {
	defer func() { with = recover() }()
	f()
	return nil
}

// runsJob runs f in a job of the pool, and returns how it crashed, if it did.
func runsJob(t *testing.T, p *Pool, f func(w *Worker)) (crash *Crash) {
	t.Helper()
	over := make(chan *Crash, 1)
	p.Submit(&Job{Runner: crashing{
		run:     func(w *Worker) { f(w); over <- nil },
		crashed: func(_ *Worker, c Crash) { over <- &c },
	}})
	select {
	case crash = <-over:
	case <-timeout():
		t.Fatal("the job does not end")
	}
	return crash
}

// A guest's call has left a half that calls Goexit: its place goes back all the
// same.
func TestGuestLeavesHalfThatExits(t *testing.T) {
	p := treePool(t, 1)
	left := make(chan struct{})
	go func() {
		defer close(left)
		w := enter(t, p)
		defer w.Leave()
		leaves(func() { Join(w, boom, 0, exits, 0) })
	}()
	testkit.Receive(t, left, "the guest has left")
	enter(t, p).Leave()
}

// A job has left a half that calls Goexit: the job is not told of it, as it has
// returned, and the worker goes on.
func TestJobLeavesHalfThatExits(t *testing.T) {
	p := treePool(t, 1)
	var told, ran point.Bool
	var before, after uintptr
	p.Submit(&Job{Runner: crashing{
		run: func(w *Worker) {
			before = self.Goroutine()
			leaves(func() {
				Join(w, boom, 0, func(*Worker, int) int { ran.Store(true); runtime.Goexit(); return 0 }, 0)
			})
		},
		crashed: func(*Worker, Crash) { told.Store(true) },
	}})
	if c := runsJob(t, p, func(*Worker) { after = self.Goroutine() }); c != nil {
		t.Error(c)
	}
	if told.Load() || !ran.Load() {
		t.Errorf("told of a crash: %v; the half ran: %v", told.Load(), ran.Load())
	}
	if before != after {
		t.Error("the worker was succeeded by another")
	}
}

// A job that crashes is told so, though what it left calls Goexit.
func TestCrashedJobLeavesHalfThatExits(t *testing.T) {
	p := treePool(t, 1)
	if c := runsJob(t, p, func(w *Worker) { Join(w, boom, 0, exits, 0) }); c == nil || c.Value != "boom" {
		t.Errorf("crashed with %v", c)
	}
	runsJob(t, p, func(*Worker) {})
}

// stolenBy runs f in the second half of a join, at a thief, while the first half
// waits until f runs.
func stolenBy(w *Worker, join func(w *Worker, f, g func(*Worker, int) int), f func(w *Worker) int) {
	begun := make(chan struct{})
	join(w, func(*Worker, int) int { <-begun; return 0 }, func(w *Worker, _ int) int { close(begun); return f(w) })
}

func joins(w *Worker, f, g func(*Worker, int) int)     { Join(w, f, 0, g, 0) }
func joinsSafe(w *Worker, f, g func(*Worker, int) int) { JoinSafe(w, f, 0, g, 0) }

// A stolen half that crashes has left a half that calls Goexit: its owner has the
// panic, or ends too if it ran that half while it waited.
func TestStolenHalfLeavesHalfThatExits(t *testing.T) {
	p := treePool(t, 2)
	for range 20 {
		c := runsJob(t, p, func(w *Worker) {
			stolenBy(w, joins, func(w *Worker) int { Join(w, boom, 0, exits, 0); return 0 })
		})
		if c == nil || c.Value != "boom" && !c.Goexit {
			t.Fatalf("crashed with %v", c)
		}
	}
}

// A stolen half that has recovered a panic is over when what that left is.
func TestStolenHalfSettlesFirst(t *testing.T) {
	p := treePool(t, 2)
	for range 20 {
		var ran point.Bool
		runsJob(t, p, func(w *Worker) {
			stolenBy(w, joins, func(w *Worker) int {
				leaves(func() {
					Join(w, boom, 0, func(*Worker, int) int { yields(); ran.Store(true); return 0 }, 0)
				})
				return 0
			})
			if !ran.Load() {
				t.Error("the join is over before a half that it encloses")
			}
		})
	}
}

// JoinSafe waits for the forks of both halves before a panic or Goexit goes on,
// whoever runs them.
func TestJoinSafeSettlesBothHalves(t *testing.T) {
	for _, workers := range []int{1, 2} {
		p := treePool(t, workers)
		for _, crash := range []func(*Worker, int) int{boom, exits} {
			for _, inFirst := range []bool{true, false} {
				var ran point.Int32
				late := func(*Worker, int) int { yields(); ran.Inc(); return 0 }
				half := func(w *Worker, _ int) int { Join(w, crash, 0, late, 0); return 0 }
				runsJob(t, p, func(w *Worker) {
					want := int32(1)
					defer func() {
						if got := ran.Load(); got != want {
							t.Errorf("%d of %d halves had run, first %v", got, want, inFirst)
						}
					}()
					if inFirst {
						want = 2
						JoinSafe(w, half, 0, late, 0)
					} else {
						JoinSafe(w, nothing, 0, half, 0)
					}
				})
			}
		}
	}
}

// A joiner runs a fork of its half meanwhile, and that calls Goexit: the joiner
// still waits for the half.
func TestJoinerExitsAfterItsHalf(t *testing.T) {
	p := treePool(t, 2)
	for range 20 {
		var over point.Bool
		c := runsJob(t, p, func(w *Worker) {
			defer func() {
				if !over.Load() {
					t.Error("JoinSafe was left before its half was over")
				}
			}()
			stolenBy(w, joinsSafe, func(w *Worker) int {
				begun := make(chan struct{})
				Join(w, func(*Worker, int) int {
					<-begun // by the joiner
					yields()
					over.Store(true)
					return 0
				}, 0, func(*Worker, int) int { close(begun); runtime.Goexit(); return 0 }, 0)
				return 0
			})
		})
		if c == nil || !c.Goexit {
			t.Fatalf("crashed with %v", c)
		}
	}
}

var errLeaf = errors.New("a leaf failed")

func fails(*Worker, int) (int, error)       { return 0, errLeaf }
func answers(_ *Worker, n int) (int, error) { return n, nil }

// What a recovered panic has left belongs to the scope of the join that ends it.
func TestOrphanSeesCancellation(t *testing.T) {
	p := treePool(t, 1)
	runsJob(t, p, func(w *Worker) {
		var seen error
		err := Try(context.Background(), w, func(w *Worker) (err error) {
			Join(w, func(w *Worker, _ int) int {
				leaves(func() { Join(w, boom, 0, func(w *Worker, _ int) int { seen = w.Err(); return 0 }, 0) })
				_, _, err = JoinErr(w, fails, 0, answers, 0)
				return 0
			}, 0, nothing, 0)
			return err
		})
		if err != errLeaf || seen != errLeaf {
			t.Errorf("Try returned %v, the half saw %v", err, seen)
		}
		if len(w.scopes) != 0 || w.Err() != nil {
			t.Errorf("%d scopes after Try, %v", len(w.scopes), w.Err())
		}
	})
}

// A panic goes through scopes: they end with it.
func TestScopesEndWithAPanic(t *testing.T) {
	p := treePool(t, 2)
	runsJob(t, p, func(w *Worker) {
		try := func(w *Worker, f func(*Worker, int) int) {
			_ = Try(context.Background(), w, func(w *Worker) error { f(w, 0); return nil })
		}
		stolenBy(w, joins, func(w *Worker) int {
			outer := len(w.scopes)
			leaves(func() { try(w, func(w *Worker, _ int) int { try(w, boom); return 0 }) })
			if len(w.scopes) != outer {
				t.Errorf("%d scopes, not %d", len(w.scopes), outer)
			}
			return 0
		})
		try(w, func(w *Worker, _ int) int {
			leaves(func() { stolenBy(w, joins, func(w *Worker) int { try(w, boom); return 0 }) })
			if len(w.scopes) != 1 {
				t.Errorf("%d scopes in a Try", len(w.scopes))
			}
			return 0
		})
	})
	for _, w := range p.places() {
		runsJob(t, p, func(*Worker) {})
		asleep(t, p)
		if len(w.scopes) != 0 {
			t.Errorf("worker %d: %d scopes between jobs", w.index, len(w.scopes))
		}
	}
}
