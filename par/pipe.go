// SPDX-License-Identifier: Apache-2.0

package par

import (
	"context"
	"iter"

	"github.com/pilfer-go/pilfer/sched"
)

// A Pipe describes a pipeline that delivers values of type T, in the order of its
// source: [From] begins one, [Parallel] and [Serial] add stages, and [Pipe.All] or
// [Pipe.Run] runs it. It can be run any number of times, if its source can.
//
//	lines := par.From(scanLines)
//	parsed := par.Parallel(lines, parse)     // many at once
//	numbered := par.Serial(parsed, number)   // one at a time, in order
//	for record, err := range numbered.All(ctx, rt) {
//		// in order
//	}
//
// The source, and the loop over the results, run on the caller's goroutine; stages
// run on the workers. A value that comes before its turn at a serial stage waits
// without holding a worker. At most [InFlight] values are between the source and
// the loop: then the source waits. While the source itself waits for its next value,
// no results are delivered.
//
// The first value in order that fails ends the pipeline, after the results before
// it: its error, or the [*PanicError] of its stage with the number of the value, is
// the last that is delivered. Stages may have run for values behind it. The end of
// the context ends it at once, with its cause. When the loop is left, for whatever
// reason, the stages that run are waited for, no others begin, and no goroutine is
// left behind.
type Pipe[T any] struct {
	build func(f *flow) ends[T] // set once
}

// ends is what the caller of a run needs of it.
type ends[T any] struct {
	drive func()           // runs the source
	take  func(slot int) T // takes a result
}

// From begins a pipeline with the values of an iterator.
func From[T any](source iter.Seq[T]) Pipe[T] {
	if source == nil {
		refuseNil("From")
	}
	return FromErr(func(yield func(T, error) bool) {
		for v := range source {
			if !yield(v, nil) {
				return
			}
		}
	})
}

// FromErr begins a pipeline with the values of an iterator that may fail. An error
// ends it as one of a stage does.
func FromErr[T any](source iter.Seq2[T, error]) Pipe[T] {
	if source == nil {
		refuseNil("FromErr")
	}
	return Pipe[T]{func(f *flow) ends[T] {
		values := make([]T, len(f.tokens))
		return ends[T]{
			drive: func() {
				slot, ok := f.admit() // before the source has the value: it counts
				if !ok {
					return
				}
				for v, err := range source {
					values[slot] = v
					f.start(slot, err)
					if slot, ok = f.admit(); err != nil || !ok {
						return
					}
				}
			},
			take: func(slot int) T { return takeFrom(values, slot) },
		}
	}}
}

// refuseZero panics because who was given a zero Pipe.
func refuseZero(who string) {
	panic("pilfer: a zero Pipe given to " + who + ": begin one with From or FromErr")
}

// takeFrom empties a slot, so that it keeps nothing reachable.
func takeFrom[T any](values []T, slot int) T {
	var none T
	v := values[slot]
	values[slot] = none
	return v
}

// Parallel adds a stage that calls f for several values at once.
func Parallel[T, U any](p Pipe[T], f func(v T) (U, error)) Pipe[U] {
	if f == nil {
		refuseNil("Parallel")
	}
	if p.build == nil {
		refuseZero("Parallel")
	}
	return addStage(p, f, false)
}

// Serial adds a stage that calls f for one value at a time, in order. Calls come
// from different goroutines, but each sees what the one before it did.
func Serial[T, U any](p Pipe[T], f func(v T) (U, error)) Pipe[U] {
	if f == nil {
		refuseNil("Serial")
	}
	if p.build == nil {
		refuseZero("Serial")
	}
	return addStage(p, f, true)
}

func addStage[T, U any](p Pipe[T], f func(v T) (U, error), serial bool) Pipe[U] {
	return Pipe[U]{func(fl *flow) ends[U] {
		before := p.build(fl)
		values := make([]U, len(fl.tokens))
		fl.stages = append(fl.stages, stage{serial: serial, run: func(slot int) (err error) {
			values[slot], err = f(before.take(slot))
			return err
		}})
		return ends[U]{drive: before.drive, take: func(slot int) U { return takeFrom(values, slot) }}
	}}
}

// All runs the pipeline, and returns its results in order. The last one may be an
// error.
//
// Caller: as [For], also of the iterator.
func (p Pipe[T]) All(ctx context.Context, at sched.Spawner, opts ...Option) iter.Seq2[T, error] {
	if p.build == nil {
		refuseZero("All or Run")
	}
	return func(yield func(T, error) bool) {
		var none T
		f, err := newFlow(ctx, at, opts)
		if err != nil {
			yield(none, err)
			return
		}
		e := p.build(f)
		f.yield = func(slot int) bool { return yield(e.take(slot), nil) }
		defer f.close() // also if the source panics, or the loop
		e.drive()
		if f.drain() || f.broken {
			return
		}
		f.close()
		yield(none, f.cause())
	}
}

// Run runs the pipeline, and calls last for each result, in order, on the caller's
// goroutine. It returns the error that ended the pipeline, or that last returned. A
// nil last drops the results.
//
// Caller: as [For].
func (p Pipe[T]) Run(ctx context.Context, at sched.Spawner, last func(v T) error, opts ...Option) error {
	for v, err := range p.All(ctx, at, opts...) {
		if err == nil && last != nil {
			err = last(v)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
