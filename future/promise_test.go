// SPDX-License-Identifier: Apache-2.0

package future

import (
	"runtime"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/waker"
)

func TestPromiseSize(t *testing.T) {
	require.LessOrEqual(t, unsafe.Sizeof(Promise[int]{}), uintptr(64), "promise, future and cell")
}

func TestPromise(t *testing.T) {
	settle := map[string]struct {
		by   func(p *Promise[int]) bool
		want Poll[int]
	}{
		"Resolve":   {func(p *Promise[int]) bool { return p.Resolve(5) }, Of(5)},
		"ResolveIn": {func(p *Promise[int]) bool { return p.ResolveIn(new(task).cx(), 5) }, Of(5)},
		"Reject":    {func(p *Promise[int]) bool { return p.Reject(errTest) }, Fail[int](errTest)},
		"RejectIn":  {func(p *Promise[int]) bool { return p.RejectIn(new(task).cx(), errTest) }, Fail[int](errTest)},
	}
	for name, c := range settle {
		t.Run(name+" before the poll", func(t *testing.T) {
			p, k := NewPromise[int](), new(task)
			require.False(t, p.Settled())
			require.True(t, c.by(p))
			require.True(t, p.Settled())
			for again, c := range settle {
				require.False(t, c.by(p), again)
			}
			cx := k.cx()
			require.Equal(t, c.want, p.Future().Poll(cx))
			require.False(t, cx.Taken(), "no waker is needed")
			require.Zero(t, p.value, "nothing is retained")
			require.NoError(t, p.err)
		})
		t.Run(name+" after the poll", func(t *testing.T) {
			p, k := NewPromise[int](), new(task)
			f := p.Future()
			require.False(t, f.Poll(k.cx()).Ready)
			require.False(t, f.Poll(k.cx()).Ready)
			require.EqualValues(t, 1, k.alive.Load())
			require.True(t, c.by(p))
			require.Equal(t, 1, k.woken())
			require.Equal(t, c.want, f.Poll(k.cx()))
			require.Zero(t, k.alive.Load())
			require.PanicsWithValue(t, "future: Promise's future"+endedSuffix, func() { f.Poll(k.cx()) })
			Drop(f)
		})
	}
}

// Who leaves without a value says so: by a return in between, or a panic.
func TestPromiseAbandoned(t *testing.T) {
	leaves := func(p *Promise[int], how func()) {
		defer func() { _ = recover() }()
		defer p.Abandon()
		how()
	}
	for name, c := range map[string]struct {
		how  func(p *Promise[int])
		want Poll[int]
	}{
		"returns":  {func(*Promise[int]) {}, Fail[int](ErrAbandoned)},
		"panics":   {func(*Promise[int]) { panic("oh") }, Fail[int](ErrAbandoned)},
		"resolves": {func(p *Promise[int]) { p.Resolve(5) }, Of(5)},
		"rejects":  {func(p *Promise[int]) { p.Reject(errTest) }, Fail[int](errTest)},
	} {
		p, k := NewPromise[int](), new(task)
		f := p.Future()
		require.False(t, f.Poll(k.cx()).Ready)
		leaves(p, func() { c.how(p) })
		require.Equal(t, c.want, f.Poll(k.cx()), name)
		require.False(t, p.Abandon(), name)
	}
}

func TestPromiseWakesIn(t *testing.T) {
	p, k := NewPromise[int](), new(task)
	cx := waker.NewContext(waker.Noop())
	cx.Reset(waker.New(k), "here", -1)
	p.Future().Poll(cx)
	p.ResolveIn(cx, 1)
	require.Equal(t, "here", k.from)
}

// Of two tasks that poll in turn, the newest is woken: the future moves with its
// owner.
func TestPromiseMoves(t *testing.T) {
	p, a, b := NewPromise[int](), new(task), new(task)
	f := p.Future()
	f.Poll(a.cx())
	f.Poll(b.cx())
	p.Resolve(1)
	require.Zero(t, a.woken())
	require.Equal(t, 1, b.woken())
}

func TestPromiseDrop(t *testing.T) {
	t.Run("before it is settled", func(t *testing.T) {
		for _, polls := range []int{0, 1} {
			p, k := NewPromise[int](), new(task)
			f := p.Future()
			for range polls {
				f.Poll(k.cx())
			}
			Drop(f)
			Drop(f)
			require.True(t, p.Settled(), "nobody wants the value")
			require.False(t, p.Resolve(5))
			require.Zero(t, p.value)
			require.Zero(t, k.woken())
			require.Zero(t, k.alive.Load())
			require.PanicsWithValue(t, "future: Promise's future"+endedSuffix, func() { f.Poll(k.cx()) })
		}
	})
	t.Run("after it was settled", func(t *testing.T) {
		p := NewPromise[int]()
		f := p.Future()
		p.Resolve(5)
		Drop(f)
		require.Zero(t, p.value, "nothing is retained")
		require.Panics(t, func() { await(f) })
	})
	t.Run("while it is settled", func(t *testing.T) {
		p, k := NewPromise[int](), new(task)
		f := p.Future()
		f.Poll(k.cx())
		require.True(t, p.leaveOpen()) // a resolver that got no further
		require.False(t, f.Poll(k.cx()).Ready)
		Drop(f)
		p.finish(5, nil, nil)
		require.Zero(t, k.woken())
		require.Zero(t, k.alive.Load())
		require.Panics(t, func() { await(f) })
	})
}

// What happens between the registration and the second look must not be missed:
// here the promise is resolved while its task's waker is cloned.
func TestPromiseLooksAgain(t *testing.T) {
	p := NewPromise[int]()
	k := &meddler{then: func() { p.Resolve(5) }}
	require.Equal(t, Of(5), p.Future().Poll(waker.NewContext(waker.New(k))))
	require.Zero(t, k.woken(), "the waker was taken back")
	require.Zero(t, k.alive.Load())
}

// A meddler is a task that does something when its waker is cloned.
type meddler struct {
	task
	then func()
}

func (m *meddler) CloneTarget() waker.Target {
	m.then()
	m.task.CloneTarget()
	return m
}

// Future may be called while somebody resolves, and still only once.
func TestPromiseFutureWhileSettling(t *testing.T) {
	p := NewPromise[int]()
	require.True(t, p.leaveOpen())
	f := p.Future()
	p.finish(5, nil, nil)
	require.Panics(t, func() { p.Future() })
	require.Equal(t, Of(5), await(f))
}

func TestPromiseMisuse(t *testing.T) {
	p := NewPromise[int]()
	p.Future()
	require.PanicsWithValue(t,
		"future: Promise.Future called twice; one task can wait for a promise",
		func() { p.Future() })
	require.PanicsWithValue(t, "future: Promise rejected with a nil error", func() { p.Reject(nil) })
}

// The outcome is not kept reachable by a promise that is still held.
func TestPromiseRetainsNothing(t *testing.T) {
	p := NewPromise[*[64]int]()
	collected := make(chan struct{})
	func() {
		v := new([64]int)
		runtime.AddCleanup(v, func(c chan struct{}) { close(c) }, collected)
		p.Resolve(v)
		await(p.Future())
	}()
	testkit.Eventually(t, "the value is collected", func() bool {
		runtime.GC()
		select {
		case <-collected:
			return true
		default:
			return false
		}
	})
	runtime.KeepAlive(p)
}
