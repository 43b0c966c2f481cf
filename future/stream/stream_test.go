// SPDX-License-Identifier: Apache-2.0

package stream_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/stream"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/waker"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(testkit.Settled(m)) }

var errTest = errors.New("test error")

func collect[T any](t *testing.T, s stream.Stream[T]) []T {
	t.Helper()
	vs, err := future.Block(testkit.Within(t), stream.Collect(s))
	require.NoError(t, err)
	return vs
}

// A source yields 1, 2, 3, ... up to n, then fails with err. It is Pending before
// each value, and complains if it is used after its end.
type source struct {
	t       *testing.T
	n, at   int
	err     error
	pending bool
	over    bool
	drops   int
}

func (s *source) PollNext(cx *future.Context) future.Poll[int] {
	if s.over {
		s.t.Error("polled after the end")
	}
	if s.pending = !s.pending; s.pending {
		cx.Wake()
		return future.Wait[int]()
	}
	if s.at == s.n {
		s.over = s.err == future.ErrEnd
		return future.Fail[int](s.err)
	}
	s.at++
	return future.Of(s.at)
}

func (s *source) Drop() {
	s.drops++
	if s.over {
		s.t.Error("dropped after the end")
	}
	s.over = true
}

func upTo(t *testing.T, n int) *source { return &source{t: t, n: n, err: future.ErrEnd} }

// slow is a future of v that gives way n times.
func slow(v, n int) future.Future[int] {
	return future.FromFunc(func(cx *future.Context) future.Poll[int] {
		if n == 0 {
			return future.Of(v)
		}
		n--
		cx.Wake()
		return future.Wait[int]()
	})
}

func TestStreams(t *testing.T) {
	double := func(n int) int { return 2 * n }
	odd := func(n int) bool { return n%2 == 1 }
	ints := func(s stream.Stream[[]int]) stream.Stream[int] {
		return stream.Map(s, func(part []int) int { return len(part)*100 + part[0] })
	}
	ch := make(chan int, 3)
	ch <- 1
	ch <- 2
	close(ch)
	for name, c := range map[string]struct {
		s    stream.Stream[int]
		want []int
	}{
		"Of":              {stream.Of(1, 2, 3), []int{1, 2, 3}},
		"Of nothing":      {stream.Of[int](), nil},
		"FromSeq":         {stream.FromSeq(slices.Values([]int{1, 2})), []int{1, 2}},
		"FromChan":        {stream.FromChan(ch), []int{1, 2}},
		"Map":             {stream.Map(upTo(t, 3), double), []int{2, 4, 6}},
		"Filter":          {stream.Filter(upTo(t, 5), odd), []int{1, 3, 5}},
		"Take":            {stream.Take(upTo(t, 5), 2), []int{1, 2}},
		"Take more":       {stream.Take(upTo(t, 2), 5), []int{1, 2}},
		"Take nothing":    {stream.Take(upTo(t, 2), 0), nil},
		"Chunks":          {ints(stream.Chunks(upTo(t, 5), 2)), []int{201, 203, 105}},
		"Chunks even":     {ints(stream.Chunks(upTo(t, 4), 2)), []int{201, 203}},
		"Buffered":        {stream.Buffered(stream.Map(upTo(t, 5), func(n int) future.Future[int] { return slow(n, 6-n) }), 3), []int{1, 2, 3, 4, 5}},
		"BufferUnordered": {stream.BufferUnordered(stream.Map(stream.Of(9, 1, 5), func(n int) future.Future[int] { return slow(n, n) }), 3), []int{1, 5, 9}},
		"Unordered":       {future.NewUnordered(slow(3, 3), slow(1, 1)), []int{1, 3}},
		"Ordered":         {future.NewOrdered(slow(3, 3), slow(1, 1)), []int{3, 1}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, collect(t, c.s)) })
	}
}

// No more than the limit go on at once, and the source is not asked for more.
func TestBufferedLimit(t *testing.T) {
	underWay, most := 0, 0
	work := func(n int) future.Future[int] {
		begin := future.Lazy(func() (int, error) {
			underWay++
			most = max(most, underWay)
			return n, nil
		})
		return future.Then(begin, func(n int) future.Future[int] {
			return future.Map(slow(n, 2), func(n int) int { underWay--; return n })
		})
	}
	src := upTo(t, 20)
	got := collect(t, stream.Buffered(stream.Map(src, work), 3))
	require.Len(t, got, 20)
	require.True(t, slices.IsSorted(got))
	require.Equal(t, 3, most)
	require.Zero(t, src.drops)
}

// The first error ends it, and the source is dropped.
func TestErrors(t *testing.T) {
	failing := func() *source { return &source{t: t, n: 2, err: errTest} }
	pass := func(n int) future.Future[int] { return future.Ready(n) }
	for name, make := range map[string]func(s *source) future.Future[struct{}]{
		"ForEach": func(s *source) future.Future[struct{}] { return stream.ForEach(s, func(int) error { return nil }) },
		"Map": func(s *source) future.Future[struct{}] {
			return stream.ForEach(stream.Map(s, func(n int) int { return n }), func(int) error { return nil })
		},
		"Chunks": func(s *source) future.Future[struct{}] {
			return stream.ForEach(stream.Filter(stream.Map(stream.Chunks(s, 5), func(part []int) int { return len(part) }), func(int) bool { return true }),
				func(n int) error { require.Equal(t, 2, n); return nil })
		},
		"Buffered": func(s *source) future.Future[struct{}] {
			return stream.ForEach(stream.Buffered(stream.Map(s, pass), 2), func(int) error { return nil })
		},
		"Take": func(s *source) future.Future[struct{}] {
			return stream.ForEach(stream.Take(s, 9), func(int) error { return nil })
		},
		"function": func(s *source) future.Future[struct{}] { return stream.ForEach(s, func(int) error { return errTest }) },
		"sink":     func(s *source) future.Future[struct{}] { return stream.Forward(s, full{}) },
	} {
		t.Run(name, func(t *testing.T) {
			s := failing()
			_, err := future.Block(testkit.Within(t), make(s))
			require.ErrorIs(t, err, errTest)
			require.Equal(t, 1, s.drops)
		})
	}
}

// full is a sink that takes nothing.
type full struct{}

func (full) SendFuture(int) future.Future[struct{}] { return future.Failed[struct{}](errTest) }

// A loop of an ordinary goroutine ends with the stream, with the loop, or with the
// context.
func TestSeq(t *testing.T) {
	var got []int
	for v, err := range stream.Seq(testkit.Within(t), upTo(t, 3)) {
		require.NoError(t, err)
		got = append(got, v)
	}
	require.Equal(t, []int{1, 2, 3}, got)

	s := upTo(t, 3)
	for range stream.Seq(testkit.Within(t), s) {
		break
	}
	require.Equal(t, 1, s.drops)

	ended, cancel := context.WithCancelCause(t.Context())
	cancel(errTest)
	for _, err := range stream.Seq(ended, stream.FromChan(make(chan int))) {
		require.ErrorIs(t, err, errTest)
	}
	stopped := make(chan struct{})
	seq := stream.FromSeq(func(yield func(int) bool) {
		defer close(stopped)
		for yield(1) {
		}
	})
	for range stream.Seq(testkit.Within(t), seq) {
		break
	}
	testkit.Receive(t, stopped, "the iterator ends")
}

// An endless stream always has a value.
type endless struct{}

func (endless) PollNext(*future.Context) future.Poll[int] { return future.Of(1) }

// A stream that never waits gives its worker back when the budget is used up.
func TestBudget(t *testing.T) {
	var flag waker.Flag
	cx := waker.NewContext(flag.Waker())
	cx.Reset(flag.Waker(), nil, 10)
	seen := 0
	f := stream.ForEach(stream.Stream[int](endless{}), func(int) error { seen++; return nil })
	require.False(t, f.Poll(cx).Ready)
	require.Equal(t, 10, seen)
	require.True(t, flag.Take())
	future.Drop(f)
	require.Panics(t, func() { f.Poll(cx) })

	cx.Reset(flag.Waker(), nil, 10)
	none := stream.Filter(stream.Map(stream.Stream[int](endless{}), func(n int) int { return n }), func(int) bool { return false })
	require.False(t, none.PollNext(cx).Ready)
	require.True(t, flag.Take())
	stream.Drop(none)
}

func TestMistakesPanic(t *testing.T) {
	require.Panics(t, func() { stream.Map[int, int](nil, nil) })
	require.Panics(t, func() { stream.Chunks(stream.Of(1), 0) })
	require.Panics(t, func() { stream.Buffered(stream.Of(slow(1, 1)), 0) })
	require.Panics(t, func() { stream.BufferUnordered(stream.Of(slow(1, 1)), -1) })
	require.Panics(t, func() { stream.FromSeq[int](nil) })
	require.Panics(t, func() { stream.Forward[int](stream.Of(1), nil) })
}

func TestNilFunctions(t *testing.T) {
	for name, make := range map[string]func(){
		"ForEach": func() { stream.ForEach(stream.Of(1), nil) },
		"Map":     func() { stream.Map[int, int](stream.Of(1), nil) },
		"Filter":  func() { stream.Filter(stream.Of(1), nil) },
	} {
		require.PanicsWithValue(t, "stream: nil function given to "+name, make)
	}
}
