// SPDX-License-Identifier: Apache-2.0

package stream

import (
	"iter"

	"github.com/pilfer-go/pilfer/future"
)

// seqAhead is how many values an iterator may be ahead of who polls its stream.
const seqAhead = 16

// FromSeq returns a stream of what seq yields. The iterator runs in an ordinary
// goroutine of its own, from the first poll on, and up to 16 values ahead; so it may
// block. It is no coroutine of who polls, as that would end the process when a locked
// worker goes on with what another has begun. A panic of seq comes out of the poll that
// finds it. When the stream is dropped the iterator ends at the value that it is about
// to yield.
//
// Caller: any.
func FromSeq[T any](seq iter.Seq[T]) Stream[T] {
	if seq == nil {
		panic("stream: nil iterator given to FromSeq")
	}
	return &sequence[T]{seq: seq}
}

type sequence[T any] struct {
	seq  iter.Seq[T]   // nil once it runs, or was dropped
	from *received[T]  // nil until it runs
	stop chan struct{} // closed by Drop; nil then

	// crash is what the iterator panicked with. Written before its channel is closed.
	crash any
}

// PollNext takes what the iterator has yielded.
func (s *sequence[T]) PollNext(cx *future.Context) future.Poll[T] {
	if s.seq != nil {
		ch := make(chan T, seqAhead)
		s.from, s.stop = &received[T]{ch: ch}, make(chan struct{})
		go s.run(s.seq, ch, s.stop)
		s.seq = nil
	}
	if s.from == nil {
		return future.Fail[T](future.ErrEnd)
	}
	p := s.from.PollNext(cx)
	if p.Err == future.ErrEnd {
		s.from, s.stop = nil, nil
		if crash := s.crash; crash != nil {
			s.crash = nil
			panic(crash)
		}
	}
	return p
}

// run is the iterator's goroutine.
func (s *sequence[T]) run(seq iter.Seq[T], ch chan<- T, stop <-chan struct{}) {
	defer close(ch)
	over := false
	defer func() {
		if v := recover(); v != nil {
			s.crash = v
		} else if !over {
			s.crash = "stream: the iterator given to FromSeq called runtime.Goexit"
		}
	}()
	seq(func(v T) bool {
		select {
		case <-stop: // first, if there is room too
			return false
		default:
		}
		select {
		case ch <- v:
			return true
		case <-stop:
			return false
		}
	})
	over = true
}

// Drop ends the iterator.
func (s *sequence[T]) Drop() {
	s.seq = nil
	if s.stop == nil {
		return
	}
	close(s.stop)
	s.from.Drop()
	s.from, s.stop = nil, nil
}
