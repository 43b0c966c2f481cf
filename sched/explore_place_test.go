// SPDX-License-Identifier: Apache-2.0

//go:build explore

package sched

import (
	"context"
	"testing"
	"time"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/internal/explore"
	"github.com/pilfer-go/pilfer/internal/point"
)

// keeperModel has a caller wait for a timer, and another thread move the clock on until it
// is due. Nobody but the timekeeper comes by later.
func keeperModel(wait func(rt *Runtime, due future.Future[struct{}]) error) func(x *explore.X) {
	return func(x *explore.X) {
		start := time.Unix(0, 0)
		clock := timer.NewClock(start)
		rt := startedWith(1, Clock(clock))
		x.Go("caller", func() {
			err := wait(rt, timer.SleepUntil(start.Add(time.Second)))
			x.Check(err == nil && !clock.Now().Before(start.Add(time.Second)), "at %v: %v", clock.Now(), err)
		})
		x.Go("clock", func() { clock.Advance(time.Second) })
		x.Wait()
		closed(x, rt)
	}
}

func TestExploreTimerOfCaller(t *testing.T) {
	explore.Model{
		Structure: "timekeeper", Operations: "1 worker; a caller polls a timer; the clock goes on",
		Options: explore.Options{Preemptions: 1},
		Run: keeperModel(func(rt *Runtime, due future.Future[struct{}]) error {
			_, err := BlockOn(context.Background(), rt, due)
			return err
		}),
	}.Check(t)
}

func TestExploreTimerOfTask(t *testing.T) {
	explore.Model{
		Structure: "timekeeper", Operations: "1 worker; a task polls a timer; the clock goes on",
		Options: explore.Options{Preemptions: 1},
		Run: keeperModel(func(rt *Runtime, due future.Future[struct{}]) error {
			_, err := Spawn(rt, due).Wait(context.Background())
			return err
		}),
	}.Check(t)
}

// A task blocks until another one has run, which a spare worker has to run; then it goes
// on in its place.
func TestExploreBlock(t *testing.T) {
	explore.Model{
		Structure: "Block", Operations: "1 worker; a task blocks until another one has run; a third one is spawned after it",
		Options: explore.Options{Preemptions: 1},
		Run: func(x *explore.X) {
			rt := startedWith(1)
			var ran point.Bool
			h := Go(rt, func(cx *Context) (int, error) {
				other := Go(cx, func(*Context) (int, error) { ran.Store(true); return 1, nil })
				err := Block(cx, func() error {
					for !ran.Load() {
						explore.Spin()
					}
					return nil
				})
				x.Check(err == nil && other.IsFinished() == true, "blocked: %v", err)
				return Await(cx, Go(cx, func(*Context) (int, error) { return 2, nil }))
			})
			v, err := h.Wait(context.Background())
			x.Check(v == 2 && err == nil, "%d, %v", v, err)
			closed(x, rt)
		},
	}.Check(t)
}

// Block of a guest, and in a runtime that closes meanwhile.
func TestExploreBlockRacesWithClose(t *testing.T) {
	explore.Model{
		Structure: "Block", Operations: "1 worker; a call from outside blocks until it is told, while another thread closes",
		Options: explore.Options{Preemptions: 1},
		Run: closeModel(func(rt *Runtime, use func()) error {
			return rt.Run(context.Background(), func(cx *Context) error {
				var told point.Bool
				point.Go(func() { told.Store(true) })
				err := Block(cx, func() error {
					for !told.Load() {
						explore.Spin()
					}
					return nil
				})
				use()
				return err
			})
		}),
	}.Check(t)
}

// A task that stays with its worker is woken from outside, and from a task of another one.
func TestExploreStay(t *testing.T) {
	explore.Model{
		Structure: "tasks that stay", Operations: "2 workers; a task that stays is moved on by another thread",
		Options: explore.Options{Preemptions: 1},
		Run: func(x *explore.X) {
			rt := startedWith(2)
			f := &homely{staged: staged{x: x, wanted: 1}}
			h := SpawnWith(rt, future.Future[int](f), Stay())
			x.Go("waker", func() { f.moveOn() })
			v, err := h.Wait(context.Background())
			x.Check(v == 1 && err == nil, "%d, %v", v, err)
			x.Wait()
			closed(x, rt)
		},
	}.Check(t)
}

// homely is a staged future that must not be polled by two workers.
type homely struct {
	staged
	home *local
}

func (h *homely) Poll(cx *Context) future.Poll[int] {
	l := cx.Local().(*local)
	h.x.Check((h.home == nil || h.home == l) && !l.w.Guest(), "the task has moved")
	h.home = l
	return h.staged.Poll(cx)
}

// A task with a level, and one with a deadline, in a runtime that tells them apart.
func TestExploreLevels(t *testing.T) {
	explore.Model{
		Structure: "levels", Operations: "1 worker; an urgent task is moved on by another thread, one with a deadline is spawned beside it",
		Options: explore.Options{Preemptions: 1},
		Run: func(x *explore.X) {
			rt := startedWith(1, Priorities(2))
			f := &staged{x: x, wanted: 1}
			urgent := SpawnWith(rt, future.Future[int](f), Priority(Urgent))
			x.Go("waker", func() { f.moveOn() })
			_, err := GoWith(rt, func(*Context) (int, error) { return 0, nil }, Due(time.Time{})).Wait(context.Background())
			x.Check(err == nil, "%v", err)
			v, err := urgent.Wait(context.Background())
			x.Check(v == 1 && err == nil, "%d, %v", v, err)
			x.Wait()
			closed(x, rt)
		},
	}.Check(t)
}
