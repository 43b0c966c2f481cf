// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pilfer-go/pilfer/internal/point"
)

func TestAbsurdOptions(t *testing.T) {
	for _, c := range []struct {
		name string
		opts []Option
	}{
		{"Count", []Option{Count(0)}},
		{"Count", []Option{Count(-1)}},
		{"Count", []Option{Count(maxWorkers + 1)}},
		{"PinCPUs", []Option{PinCPUs(true), LockThreads(false)}},
		{"Watchdog", []Option{Watchdog(-time.Second, nil)}},
		{"ReportEvery", []Option{ReportEvery(0)}},
		{"ReportEvery", []Option{ReportEvery(-1)}},
		{"number 2", []Option{Count(1), nil}},
	} {
		p, err := New(c.opts...)
		var e *OptionError
		if p != nil || !errors.As(err, &e) {
			t.Errorf("%s: got %v, %v", c.name, p, err)
			continue
		}
		if e.Option != c.name || e.Want == "" || !strings.Contains(err.Error(), "option "+c.name) {
			t.Errorf("%s: got %q", c.name, err)
		}
	}
}

func TestDefaults(t *testing.T) {
	p, err := New()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if p.Size() != runtime.GOMAXPROCS(0) || !p.config.lock || p.config.name != "pilfer" || p.config.watchdog != time.Second {
		t.Errorf("got %d workers, %+v", p.Size(), p.config)
	}
}

func TestHooksRunOnTheWorker(t *testing.T) {
	var started, stopped point.Int32
	var wrong point.Bool
	check := func(w *Worker) { wrong.Store(wrong.Load() || w.Pool().Current() != w) }
	p := newPool(t, 3, OnStart(func(w *Worker) {
		check(w)
		w.SetLocal(w.Index())
		started.Inc()
	}), OnStop(func(w *Worker) {
		check(w)
		stopped.Inc()
	}))
	var local point.Int32
	w := enter(t, p)
	local.Store(int32(w.Local().(int)))
	w.Leave()
	closePool(t, p)
	if started.Load() != 3 || stopped.Load() != 3 || wrong.Load() || int(local.Load()) != w.Index() {
		t.Errorf("%d started, %d stopped, wrong worker: %v", started.Load(), stopped.Load(), wrong.Load())
	}
}

func TestPinnedWorkersWork(t *testing.T) {
	for _, opts := range [][]Option{{PinCPUs(true)}, {PinCPUs(true), PortableParking()}} {
		p := newPool(t, 3, opts...)
		var ran point.Int32
		for range 50 {
			p.Submit(do(func(*Worker) {
				if ran.Inc()%7 == 0 {
					runtime.Goexit()
				}
			}))
		}
		closePool(t, p)
		if ran.Load() != 50 {
			t.Errorf("%d jobs ran", ran.Load())
		}
	}
}

func TestPortable(t *testing.T) {
	for _, c := range []struct {
		opts    []Option
		workers int
		procs   int
		want    bool
	}{
		{nil, 1, 2, false},
		{nil, 2, 2, false},
		{nil, 3, 2, true},
		{nil, 1, 1, true},
		{[]Option{PortableParking()}, 1, 2, true},
		{[]Option{LockThreads(false)}, 1, 2, true},
	} {
		procs := runtime.GOMAXPROCS(c.procs)
		p := newPool(t, c.workers, c.opts...)
		runtime.GOMAXPROCS(procs)
		if p.Portable() != c.want {
			t.Errorf("GOMAXPROCS=%d, %d workers, %d options: portable %v", c.procs, c.workers, len(c.opts), p.Portable())
		}
	}
}
