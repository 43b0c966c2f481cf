// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"go/types"
	"runtime"
	"runtime/debug"
	"time"
)

// A request says which run to make.
type request struct {
	Variant string
	Workers int
	Shape   shape
	GC      int // percent, as for [debug.SetGCPercent]
	Locked  bool
	Input   *input
}

// An outcome is what one run did. It crosses the pipe from the child process.
type outcome struct {
	Variant string
	Workers int
	Wall    time.Duration
	CPU     time.Duration // user and system time of the whole process
	Spans   []span        // by node of the plan
	Tally   tally
	Found   found
	GCs     uint32 // collector cycles
	Bytes   uint64 // allocated
}

// busy returns the share of the run that each worker spent in nodes.
func (o *outcome) busy() []float64 {
	busy := make([]float64, o.Workers)
	for _, s := range o.Spans {
		busy[s.Worker] += float64(s.End-s.Start) / float64(o.Wall)
	}
	return busy
}

// measure makes one run in this process. onStart is told how to follow it.
func measure(ctx context.Context, r request, onStart func(*recorder)) (*outcome, error) {
	run, ok := runners[r.Variant]
	if !ok {
		return nil, fmt.Errorf("unknown variant %q", r.Variant)
	}
	p, err := newPlan(r.Input, r.Shape)
	if err != nil {
		return nil, err
	}
	s := newSession(r.Input, p)
	defer debug.SetGCPercent(debug.SetGCPercent(r.GC))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(r.Workers))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	runtime.GC() // nothing of what led here is collected during the run
	rec := newRecorder(len(p.nodes))
	onStart(rec)
	j := &job{plan: p, steps: s, types: make([]*types.Package, len(p.packages)), rec: rec, workers: r.Workers, locked: r.Locked}
	tally, err := run(ctx, j)
	wall := time.Since(rec.begin)
	if err != nil {
		return nil, err
	}
	runtime.ReadMemStats(&after)
	if err := p.inOrder(rec.spans); err != nil {
		return nil, fmt.Errorf("%s: %w", r.Variant, err)
	}
	return &outcome{
		Variant: r.Variant,
		Workers: r.Workers,
		Wall:    wall,
		Spans:   rec.spans,
		Tally:   tally,
		Found:   s.found(j.types),
		GCs:     after.NumGC - before.NumGC - 1,
		Bytes:   after.TotalAlloc - before.TotalAlloc,
	}, nil
}
