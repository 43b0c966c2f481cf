// SPDX-License-Identifier: Apache-2.0

// Package stream has values that come one after the other: what an iter.Seq is to
// a value, a [Stream] is to a future. It does nothing until it is polled.
//
//	squares := stream.Map(stream.FromSeq(numbers), square)
//	pages := stream.BufferUnordered(stream.Map(urls, fetch), 10) // ten at once
//	all := stream.Collect(pages)                                 // a future
//
// # Where they come from, where they go
//
//	[Of], [FromSeq], [FromChan]             values, an iterator, a Go channel
//	chans.Chan.Stream and others            channels of package chans
//	future.Unordered, future.Ordered        sets of futures are streams
//	[Map], [Filter], [Take], [Chunks]       one stream of another
//	[Buffered], [BufferUnordered]           futures become values, so many at once
//	[ForEach], [Collect], [Forward]         futures, for a task to poll
//	[Seq]                                   a for loop of an ordinary goroutine
//
// # The end, and errors
//
// A stream ends by failing with future.ErrEnd, and is not polled after that. Any
// other error is passed on by what makes a stream of a stream, and ends ForEach,
// Collect and Forward, which drop the stream then. Whether more comes after an
// error is the matter of the stream that it came from.
//
// # Being fair
//
// ForEach, Collect and Forward spend a unit of the budget for each value, so that a
// stream that never waits does not keep its worker.
//
// # Who may call what
//
//	PollNext, Drop   the owner of the stream: one goroutine at a time
//	constructors     any
//
// # Mistakes
//
// These panic: a nil stream or function, a limit or size below 1, a future of this
// package that is polled after it was ready or dropped.
package stream
