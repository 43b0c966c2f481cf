// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"errors"
	"testing"

	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

func sum(w *workers.Worker, n int) int {
	if n == 0 {
		return 1
	}
	a, b := workers.Join(w, sum, n-1, sum, n-1)
	return a + b
}

func TestCall(t *testing.T) {
	rt := newRuntime(t, 2)
	ctx := context.Background()
	leaves := func(w *workers.Worker) (int, error) { return sum(w, 10), nil }
	check := func(from string, n int, err error) {
		t.Helper()
		if n != 1024 || err != nil {
			t.Errorf("from %s: %d leaves, %v", from, n, err)
		}
	}
	n, err := sched.Call(ctx, rt, leaves)
	check("outside", n, err)
	n, err = sched.Go(rt, func(cx *sched.Context) (int, error) { return sched.Call(ctx, cx, leaves) }).Wait(ctx)
	check("a context", n, err)
	n, err = sched.Go(rt, func(*sched.Context) (int, error) { return sched.Call(ctx, rt, leaves) }).Wait(ctx)
	check("a task, at the runtime", n, err)
	n, err = sched.Call(ctx, rt, func(w *workers.Worker) (int, error) { return sched.Call(ctx, w, leaves) })
	check("a worker", n, err)
}

func TestCallFails(t *testing.T) {
	rt := newRuntime(t, 2)
	ctx, cancel := context.WithCancel(context.Background())
	no := errors.New("no")
	call := func(at sched.Spawner, f func(w *workers.Worker) error) error {
		_, err := sched.Call(ctx, at, func(w *workers.Worker) (int, error) { return 0, f(w) })
		return err
	}
	if err := call(rt, func(*workers.Worker) error { return no }); err != no {
		t.Errorf("got %v", err)
	}
	var p *sched.PanicError
	if err := call(rt, func(*workers.Worker) error { panic("no") }); !errors.As(err, &p) || p.Value != "no" {
		t.Errorf("got %v", err)
	}
	rr := sched.NewRoundRobin()
	h := sched.Go(rr, func(cx *sched.Context) (int, error) { return 0, call(cx, func(*workers.Worker) error { return nil }) })
	rr.Run()
	if _, err := h.Wait(ctx); err != sched.ErrNoWorker {
		t.Errorf("got %v", err)
	}
	cancel()
	if err := call(rt, func(*workers.Worker) error { t.Error("called"); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
