// SPDX-License-Identifier: Apache-2.0

// Package par holds parallel loops, reductions, scans, searches and sorts over
// slices and ranges, on the workers of a [sched.Runtime].
//
//	par.For(rt, len(pixels), func(i int) { pixels[i] = shade(i) })
//	squares := par.Map(rt, numbers, func(n int) int { return n * n })
//	sizes, err := par.MapContext(ctx, rt, paths, size)
//
// # How the work is shared
//
// The caller takes part. It begins with the first elements, and small work ends
// there, 30 to 110 ns dearer than a loop with the same calls. Once the loop has taken a few
// microseconds and more are to come, the rest is one contiguous range, whose upper
// half goes to the first worker that has nothing to do, and so on: a range is split
// when somebody asks for work, and at no other time. [Grain] is for those who know
// better. A loop over few elements, up to four for each worker, is taken to have
// long ones, and is shared at once.
//
// Results never depend on who computed what: reductions and scans work on blocks
// whose size follows from the length alone, combined in a fixed tree, so that
// floating-point results are the same to the last bit on one worker and on many.
//
// The function that is passed is called for each element, which Go does not inline. Where
// that is dear, [ForBlocks], [ReduceBlocks] and [ScanBlocks] hand over blocks.
//
// # Pipelines and iterators
//
// [MapSeq] and [ForSeq] take an iterator, and a bounded number of its values at a
// time; [MapSeq] is an iterator itself, whose results come in order. [From],
// [Parallel] and [Serial] make a [Pipe] of several stages.
//
// # Where to call from
//
// The first argument says where: a [*sched.Runtime], from any goroutine, inside or
// outside of a task; the [*sched.Context] of the running task, or the worker that
// a fork-join function was given, which saves the look for it. Inside the functions
// that are passed here only the runtime may be used: they run on several workers.
//
// # Errors and panics
//
// Each function has a form with Context in its name. It takes a context, and
// functions that fail, and returns an error: that of the element with the lowest
// index that failed, as a serial loop would, although elements behind it may have
// run too; or the cause of the context, after which no worker begins another
// block of elements; or [sched.ErrClosed].
//
// A panic in a function that was passed here becomes a [*PanicError] with the index
// of its element. The forms with Context return it, the others panic with it,
// after all workers have left the call. The others panic with [sched.ErrClosed]
// after Close, too. A call of [runtime.Goexit] ends the caller, as in a serial
// loop; if the call had to wait for a worker, the forms with Context return
// [sched.ErrGoexit].
//
// A nil function or iterator is a panic that names the function that it was given
// to, in the call itself: also without elements, after Close, and in the forms with
// Context.
package par
