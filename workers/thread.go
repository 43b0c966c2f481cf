// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"context"
	"runtime/pprof"
	"strconv"

	"github.com/pilfer-go/pilfer/internal/park"
	"github.com/pilfer-go/pilfer/internal/point"
)

// The profiler labels that a worker's goroutine carries. A CPU profile can be
// split by them, and the watchdog finds a stuck worker's stack by them.
const (
	LabelPool   = "pilfer_pool"
	LabelWorker = "pilfer_worker"
)

// labelNumber tells pools of the same name apart.
const labelNumber = "pilfer_number"

// pools counts the pools of the process.
// Writers: New, by addition. Invariant: only grows.
var pools point.Uint32

// enter makes the goroutine a worker: labels, CPU, hook.
//
// Caller: the worker's new goroutine.
func (w *Worker) enter() {
	pprof.SetGoroutineLabels(w.Labels())
	if w.pool.config.pin {
		// A CPU that cannot be had is not worth failing for: the worker is only
		// slower. Which CPUs there are may change under us.
		if cpus := park.CPUs(); len(cpus) > 0 {
			_ = park.PinCPU(cpus[w.index%len(cpus)])
		}
	}
	if f := w.pool.config.onStart; f != nil {
		f(w)
	}
}

// Labels returns a context that carries the worker's profiler labels, for
// [pprof.SetGoroutineLabels] and [pprof.WithLabels].
//
// Caller: any.
func (w *Worker) Labels() context.Context { return w.labels }

func labelsOf(p *Pool, index int) context.Context {
	return pprof.WithLabels(context.Background(), pprof.Labels(
		LabelPool, p.config.name,
		labelNumber, strconv.Itoa(int(p.number)),
		LabelWorker, strconv.Itoa(index),
	))
}
