// SPDX-License-Identifier: Apache-2.0

package stream_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/stream"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

// Locked workers pass tasks with iterators among them. As coroutines of the worker that
// began with them these ended the process.
func TestSeqOnLockedWorkers(t *testing.T) {
	rt, err := sched.New(sched.Workers(2))
	require.NoError(t, err)
	const tasks, each = 20, 2000
	var hs []sched.JoinHandle[int]
	for range tasks {
		sum := 0
		s := stream.FromSeq(func(yield func(int) bool) {
			for i := range each {
				if i%100 == 0 {
					runtime.Gosched()
				}
				if !yield(i) {
					return
				}
			}
		})
		add := stream.ForEach(s, func(n int) error { sum += n; return nil })
		hs = append(hs, sched.Spawn(rt, future.Map(add, func(struct{}) int { return sum })))
	}
	for _, h := range hs {
		sum, err := h.Wait(testkit.Within(t))
		require.NoError(t, err)
		require.Equal(t, each*(each-1)/2, sum)
	}
	require.NoError(t, rt.Close())
}

// How an iterator ends: by itself, by a panic, by Goexit, or because its stream is
// dropped, before the first value or in the middle.
func TestSeqEnds(t *testing.T) {
	next := func(s stream.Stream[int]) (int, error) {
		return future.Block(testkit.Within(t), future.FromFunc(s.PollNext))
	}
	for name, c := range map[string]struct {
		end  func()
		want any
	}{
		"panic":  {func() { panic("away") }, "away"},
		"Goexit": {runtime.Goexit, "stream: the iterator given to FromSeq called runtime.Goexit"},
	} {
		t.Run(name, func(t *testing.T) {
			s := stream.FromSeq(func(yield func(int) bool) { yield(1); c.end() })
			v, err := next(s)
			require.NoError(t, err)
			require.Equal(t, 1, v)
			require.PanicsWithValue(t, c.want, func() { _, _ = next(s) })
			_, err = next(s)
			require.ErrorIs(t, err, future.ErrEnd)
			stream.Drop(s)
		})
	}
	stopped := make(chan int, 1)
	s := stream.FromSeq(func(yield func(int) bool) {
		n := 0
		defer func() { stopped <- n }()
		for yield(n) {
			n++
		}
	})
	v, err := next(s)
	require.NoError(t, err)
	require.Zero(t, v)
	stream.Drop(s)
	stream.Drop(s)
	require.LessOrEqual(t, testkit.Receive(t, stopped, "the iterator ends"), 18, "it ran far ahead")
	_, err = next(s)
	require.ErrorIs(t, err, future.ErrEnd)

	s = stream.FromSeq(func(func(int) bool) { t.Error("it runs, though nobody polled") })
	stream.Drop(s)
	_, err = next(s)
	require.ErrorIs(t, err, future.ErrEnd)
}

// Take drops its source with the last value: nobody need ask again.
func TestTakeDropsAtOnce(t *testing.T) {
	src := upTo(t, 5)
	s := stream.Take(src, 2)
	for range 2 {
		require.Zero(t, src.drops)
		_, err := future.Block(testkit.Within(t), future.FromFunc(s.PollNext))
		require.NoError(t, err)
	}
	require.Equal(t, 1, src.drops)
	_, err := future.Block(testkit.Within(t), future.FromFunc(s.PollNext))
	require.ErrorIs(t, err, future.ErrEnd)
	stream.Drop(s)
	require.Equal(t, 1, src.drops)
}

// An error of the source comes after the values before it, and one of a future that
// happens to be the end of a stream ends nobody's wait.
func TestBufferedErrors(t *testing.T) {
	src := &source{t: t, n: 3, err: errTest}
	s := stream.Buffered(stream.Map[int](src, func(n int) future.Future[int] { return slow(n, 9) }), 5)
	for want := 1; want <= 4; want++ {
		v, err := future.Block(testkit.Within(t), future.FromFunc(s.PollNext))
		if want == 4 {
			require.ErrorIs(t, err, errTest)
			break
		}
		require.NoError(t, err)
		require.Equal(t, want, v)
	}
	ends := stream.Buffered(stream.Of(future.Failed[int](future.ErrEnd), future.Ready(2)), 1)
	_, err := future.Block(testkit.Within(t), future.FromFunc(ends.PollNext))
	require.ErrorIs(t, err, future.ErrEnd)
	v, err := future.Block(testkit.Within(t), future.FromFunc(ends.PollNext))
	require.NoError(t, err)
	require.Equal(t, 2, v)
}
