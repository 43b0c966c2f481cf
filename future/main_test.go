// SPDX-License-Identifier: Apache-2.0

package future

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/waker"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(testkit.Settled(m))
}

// A bell is a target that a goroutine can wait for.
type bell chan struct{}

func newBell() bell { return make(bell, 1) }

func (b bell) WakeBy(waker.Local) {
	select {
	case b <- struct{}{}:
	default:
	}
}

// await is an executor of one future on the calling goroutine: it polls, sleeps
// until it is woken, and polls again.
func await[T any](f Future[T]) Poll[T] {
	b := newBell()
	cx := waker.NewContext(waker.Noop())
	for {
		cx.Reset(waker.New(b), nil, 128)
		if p := f.Poll(cx); p.Ready {
			return p
		}
		<-b
	}
}

// A task is a target that counts wakes, and the wakers that are kept.
type task struct {
	wakes point.Int64
	alive point.Int64
	from  waker.Local // of the latest wake; for tests on one goroutine
}

func (k *task) WakeBy(from waker.Local) {
	k.wakes.Inc()
	if from != nil {
		k.from = from
	}
}

func (k *task) CloneTarget() waker.Target { k.alive.Inc(); return k }

func (k *task) DropTarget() { k.alive.Dec() }

// cx returns a Context with an unlimited budget that wakes k.
func (k *task) cx() *Context { return waker.NewContext(waker.New(k)) }

// woken returns how many wakes came since the last call.
func (k *task) woken() int { return int(k.wakes.Swap(0)) }

// A probe is a future that is pending some times and keeps its waker, then ends.
// It complains if it does not end exactly once: ready, or dropped.
type probe struct {
	t       testing.TB
	pending int // how many polls answer Pending, from here on
	answer  Poll[int]
	crash   bool // panic instead of an answer
	yields  bool // pending with a wake of its own

	polls, drops int
	over         bool
	waker        waker.Waker
}

// A ward makes probes and looks after them.
type ward struct {
	t      testing.TB
	probes []*probe
}

func (w *ward) add(p probe) *probe {
	p.t = w.t
	w.probes = append(w.probes, &p)
	return &p
}

// value makes a probe that is pending n times, then ready with v.
func (w *ward) value(n, v int) *probe { return w.add(probe{pending: n, answer: Of(v)}) }

// fail makes a probe that is pending n times, then fails.
func (w *ward) fail(n int, err error) *probe {
	return w.add(probe{pending: n, answer: Fail[int](err)})
}

// values makes n probes, the i-th pending so many times, then ready with i.
func (w *ward) values(n int, pending func(i int) int) []Future[int] {
	fs := make([]Future[int], n)
	for i := range fs {
		fs[i] = w.value(pending(i), i)
	}
	return fs
}

// wake wakes all that wait.
func (w *ward) wake() {
	for _, p := range w.probes {
		p.waker.WakeByRef()
	}
}

// allEnded checks that every probe ended.
func (w *ward) allEnded() {
	w.t.Helper()
	for i, p := range w.probes {
		if !p.over {
			w.t.Errorf("probe %d of %d was neither ready nor dropped", i, len(w.probes))
		}
	}
}

// polls returns how often each probe was polled.
func (w *ward) polls() []int {
	counts := make([]int, len(w.probes))
	for i, p := range w.probes {
		counts[i] = p.polls
	}
	return counts
}

func (p *probe) Poll(cx *Context) Poll[int] {
	if p.over {
		p.t.Error("polled after the end")
	}
	p.polls++
	p.waker.Drop()
	if p.pending > 0 {
		p.pending--
		if p.yields {
			cx.Wake()
		} else {
			p.waker = cx.Waker()
		}
		return Poll[int]{}
	}
	if p.crash {
		panic("crash of a probe")
	}
	p.over = true
	return p.answer
}

func (p *probe) Drop() {
	p.drops++
	if p.over {
		p.t.Errorf("dropped after the end, %d drops", p.drops)
	}
	p.over = true
	p.waker.Drop()
}

const endedSuffix = " polled after it was ready or dropped"
