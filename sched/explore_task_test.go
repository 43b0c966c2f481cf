// SPDX-License-Identifier: Apache-2.0

//go:build explore

package sched

import (
	"context"
	"fmt"
	"testing"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/explore"
	"github.com/pilfer-go/pilfer/internal/explore/poller"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
)

// A staged is a future that is ready when its stage has come to so many, and is woken by
// who moves it on. It counts its ends: it must be ready once, or be dropped once.
type staged struct {
	x      *explore.X
	wanted int32
	stage  point.Int32
	waker  waker.Cell

	ends int
}

func (s *staged) Poll(cx *Context) future.Poll[int] {
	point.Writes(&s.ends) // two at once are a race
	s.x.Check(s.ends == 0, "polled after its end")
	s.waker.Register(cx)
	at := s.stage.Load()
	if at < s.wanted {
		return future.Wait[int]()
	}
	s.ends++
	w := s.waker.Take()
	w.Drop()
	return future.Of(int(at))
}

func (s *staged) Drop() {
	point.Writes(&s.ends)
	s.x.Check(s.ends == 0, "dropped after its end")
	s.ends++
	w := s.waker.Take()
	w.Drop()
}

// moveOn moves the stage on, and wakes.
func (s *staged) moveOn() {
	s.stage.Inc()
	s.waker.Wake()
}

// serve runs a round-robin executor until the task is done: the worker of these models.
func serve[T any](r *RoundRobin, h JoinHandle[T]) {
	for !h.IsFinished() {
		if !r.Step() {
			explore.Spin()
		}
	}
	for r.Step() { // stale entries
	}
}

// join waits for a task by polling its handle, as another task does.
func join[T any](h JoinHandle[T]) (T, error) {
	var got future.Poll[T]
	poller.New().Until(func(cx *waker.Context) bool {
		got = h.Poll(cx)
		return got.Ready
	})
	return got.Value, got.Err
}

// taskModel is the life of one task: a worker polls it, wakers move it on, aborters abort
// it, joiners wait for it.
func taskModel(wakers, aborters, joiners int) func(x *explore.X) {
	return func(x *explore.X) {
		r := NewRoundRobin()
		f := &staged{x: x, wanted: int32(wakers)}
		h := Spawn(r, future.Future[int](f))
		aborted := 0
		for i := range aborters {
			x.Go(fmt.Sprint("aborter ", i), func() {
				if h.Abort() {
					aborted++
				}
			})
		}
		for i := range wakers {
			x.Go(fmt.Sprint("waker ", i), func() { f.moveOn() })
		}
		for i := range joiners {
			x.Go(fmt.Sprint("joiner ", i), func() {
				v, err := join(h)
				x.Check(v == wakers && err == nil || err == ErrCanceled, "joined: %d, %v", v, err)
				point.Reads(&f.ends)
				x.Check(f.ends == 1, "done, and the future ended %d times", f.ends)
			})
		}
		x.Go("worker", func() { serve(r, h) })
		x.Wait()
		x.Check(aborted <= 1 && (aborters == 0 || aborted == 1 || h.t.err() == nil), "aborted %d times, and it ended with %v", aborted, h.t.err())
		x.Check(aborted == 1 || h.t.err() == nil, "canceled by nobody")
		x.Check(!r.Waiting(), "the task is registered still")
	}
}

func TestExploreTask(t *testing.T) {
	explore.Model{
		Structure: "task state", Operations: "worker, waker, joiner",
		Options: explore.Options{Preemptions: 3},
		Run:     taskModel(1, 0, 1),
	}.Check(t)
}

func TestExploreTaskAbort(t *testing.T) {
	explore.Model{
		Structure: "task state", Operations: "worker, waker, aborter",
		Options: explore.Options{Preemptions: 3},
		Run:     taskModel(1, 1, 0),
	}.Check(t)
}

func TestExploreTaskAll(t *testing.T) {
	explore.Model{
		Structure: "task state", Operations: "worker, waker, aborter, joiner",
		Options: explore.Options{Preemptions: 2},
		Long:    3,
		Run:     taskModel(1, 1, 1),
	}.Check(t)
}

func TestExploreTaskTwoWakers(t *testing.T) {
	explore.Model{
		Structure: "task state", Operations: "worker, 2 wakers, aborter, joiner",
		Options: explore.Options{Preemptions: 2},
		Run:     taskModel(2, 1, 1),
	}.Check(t)
}

// Two who wait for a task, one by polling, one by waker alone, are told once it is done.
func TestExploreTaskTwoJoiners(t *testing.T) {
	explore.Model{
		Structure: "task state", Operations: "worker, waker, 2 joiners",
		Options: explore.Options{Preemptions: 2},
		Run:     taskModel(1, 0, 2),
	}.Check(t)
}

// Tasks of a set come out of it once each, whoever ends first, and then it is empty.
func TestExploreJoinSet(t *testing.T) {
	explore.Model{
		Structure: "join set", Operations: "worker; 2 tasks, moved on by 2 wakers; one takes all from the set",
		Options: explore.Options{Preemptions: 1},
		Run: func(x *explore.X) {
			r := NewRoundRobin()
			set := NewJoinSet[int](&r.rt)
			var f [2]*staged
			var hs [2]JoinHandle[int]
			for i := range f {
				f[i] = &staged{x: x, wanted: 1}
				hs[i] = set.Spawn(r, future.Future[int](f[i]))
				x.Go(fmt.Sprint("waker ", i), func() { f[i].moveOn() })
			}
			x.Go("taker", func() {
				seen := map[uint64]bool{}
				for {
					var got future.Poll[JoinHandle[int]]
					next := set.NextFuture()
					poller.New().Until(func(cx *waker.Context) bool {
						got = next.Poll(cx)
						return got.Ready
					})
					if got.Err != nil {
						x.Check(got.Err == ErrEmpty && len(seen) == 2, "after %d tasks: %v", len(seen), got.Err)
						return
					}
					x.Check(!seen[got.Value.ID()] && got.Value.IsFinished(), "a task twice, or not done")
					seen[got.Value.ID()] = true
				}
			})
			x.Go("worker", func() {
				serve(r, hs[0])
				serve(r, hs[1])
			})
			x.Wait()
			x.Check(set.Len() == 0, "%d tasks are left", set.Len())
		},
	}.Check(t)
}

// A static executor sleeps while all its tasks wait, and is woken by each.
func TestExploreStatic(t *testing.T) {
	explore.Model{
		Structure: "static executor", Operations: "its owner serves 2 tasks; 2 wakers move one on each",
		Options: explore.Options{Preemptions: 4},
		Run: func(x *explore.X) {
			s, err := NewStatic[int](2)
			x.Check(err == nil, "%v", err)
			for i := range 2 {
				f := &staged{x: x, wanted: 1}
				_, err := s.Spawn(f)
				x.Check(err == nil, "%v", err)
				x.Go(fmt.Sprint("waker ", i), func() { f.moveOn() })
			}
			err = s.Serve(context.Background())
			x.Check(err == nil && s.live == 0, "served: %v", err)
			x.Wait()
		},
	}.Check(t)
}
