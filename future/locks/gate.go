// SPDX-License-Identifier: Apache-2.0

package locks

import (
	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/invariant"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
)

// A gate lets through as long as no more than a limit is taken: one for a mutex,
// the size of a semaphore, and for a read-write mutex as many as there can be
// readers, of which a writer takes all. Who does not get through at once stands in
// line, and then what is given back goes to the oldest in line only: it cannot be
// overtaken.
//
// The zero gate has nothing taken.
type gate struct {
	// word is what is taken, times two, and lined.
	//
	//	31                        1   0
	//	+--------------------------+---+
	//	|          taken           |   | lined: there is a line
	//	+--------------------------+---+
	//
	// Writers: any, by compare-and-swap, while lined is not set; who holds mu, by
	// compare-and-swap to set it, and by a store while it is set. Invariant: lined
	// if and only if there is a line, whenever mu is free; then the oldest does
	// not fit.
	word point.Uint32

	// behind says that there was a line when something was last granted: a hint to a
	// Mutex that its swap will fail, which is a locked instruction too, and to look at
	// the word first. Plain: guarded by mu; the holder of a Mutex may read it, as only
	// who gives that up grants.
	behind bool

	line
}

const (
	lined  uint32 = 1
	onePer uint32 = 2 // one unit taken

	// maxTaken is what fits into word.
	maxTaken uint32 = 1<<31 - 1
)

// Proof [hand-over]: what is given back is not lost while somebody waits for it.
//
//	waiter, holding mu                 who gives back
//	  W1  read the word: does not fit    G1  read the word
//	  W2  set lined, by compare-and-swap     not lined: subtract by
//	      from what W1 read                  compare-and-swap, done
//	  W3  link                               lined: lock mu, subtract, then
//	                                     G2  grant what is free to the oldest
//	                                         that fit
//
// G1's swap before W2 in S: W2 fails and the waiter reads again. Otherwise W2 is
// before it, so it fails or was never tried: G1 reads lined and takes mu after W3,
// so G2 finds the waiter, unless it was granted or has left before. (elect) The
// poll that G2's wake causes finds granted. (W4) A
// waiter that leaves does G2 for those behind it, and one that was granted gives
// back. While lined is set only who holds mu changes the word.
//
// Checked by: TestStressGate, TestAbortEachPoll, FuzzGateAgainstTwin, TestLinearMutex.

// try takes need if that fits and nobody is in line.
//
// Caller: any.
func (g *gate) try(need, limit uint32) bool {
	for {
		s := g.word.Load()
		if s&lined != 0 || s/onePer+need > limit {
			return false
		}
		if g.word.CompareAndSwap(s, s+need*onePer) { // takes effect here
			return true
		}
	}
}

// poll takes need, at once or by standing in line.
//
// Caller: the waiter of w.
func (g *gate) poll(cx *future.Context, w *Waiter, need, limit uint32) bool {
	// at is set only between a poll that waits and the one that is through.
	if w.at == nil && cx.Budget() != 0 && g.try(need, limit) {
		cx.Spend()
		return true
	}
	return g.wait(cx, w, need, limit)
}

// wait is poll when there is more to it.
func (g *gate) wait(cx *future.Context, w *Waiter, need, limit uint32) bool {
	w.enter(g)
	switch w.state.Load() {
	case granted: // [hand-over] W4 sees publish
		if !cx.Spend() {
			return false
		}
		w.reset()
		w.waited = true
		return true
	case waiting:
		g.again(cx, w)
		return false
	}
	if cx.Budget() == 0 {
		cx.Wake()
		return false
	}
	w.waker, w.need, w.limit = cx.Waker(), need, limit
	w.state = point.Uint32Of(waiting) // plain: nobody else can see w yet
	if g.lineUp(w) {
		return false
	}
	cx.Spend()
	w.waker.Drop()
	w.reset()
	return true
}

// lineUp puts w into the line, or takes what it needs and reports false.
//
// Caller: the waiter.
func (g *gate) lineUp(w *Waiter) bool {
	g.mu.Lock()
	for {
		s := g.word.Load() // [hand-over] W1
		switch {
		case s&lined != 0:
		case s/onePer+w.need <= w.limit:
			if g.word.CompareAndSwap(s, s+w.need*onePer) { // takes effect here
				g.mu.Unlock()
				return false
			}
			continue
		case !g.word.CompareAndSwap(s, s|lined): // [hand-over] W2
			continue
		}
		g.link(w) // [hand-over] W3
		g.mu.Unlock()
		return true
	}
}

// giveBack gives back what was taken, or returns how much was taken if that is
// less: a mistake of the caller, and nothing has changed.
//
// Caller: who took it; with from, the goroutine that polls with that Local.
func (g *gate) giveBack(from waker.Local, n uint32) (ok bool) {
	for {
		s := g.word.Load() // [hand-over] G1
		if s&lined != 0 {
			return g.handOver(from, n)
		}
		if s/onePer < n {
			return false
		}
		if g.word.CompareAndSwap(s, s-n*onePer) { // takes effect here
			return true
		}
	}
}

// handOver is giveBack when there was a line.
func (g *gate) handOver(from waker.Local, n uint32) (ok bool) {
	var woken batch
	g.mu.Lock()
	for {
		s := g.word.Load()
		if ok = s/onePer >= n; !ok {
			break
		}
		if s&lined != 0 {
			g.grant(s, s/onePer-n, &woken)
			break
		}
		if g.word.CompareAndSwap(s, s-n*onePer) { // the line has gone
			break
		}
	}
	g.mu.Unlock()
	woken.wake(from)
	return ok
}

// grant sets what is taken, after it gave of the rest to the oldest in line. was is
// the word.
//
// Caller: holding mu, with lined set.
func (g *gate) grant(was, taken uint32, woken *batch) {
	w := g.oldest
	for w != nil && taken+w.need <= w.limit {
		taken += w.need
		g.behind = w.newer != nil
		wk := g.choose(w, granted) // [hand-over] G2
		woken.add(wk)
		w = g.oldest
	}
	s := taken * onePer
	if w != nil {
		s |= lined
	}
	if invariant.Enabled {
		invariant.Check(was&lined != 0 && g.word.Load() == was, "locks: grant without a line")
	}
	if s != was { // else one has taken what another gave back
		g.word.Store(s) // takes effect here
	}
}

// leave takes w out of the line, or gives back what it was granted.
//
// Caller: the waiter.
func (g *gate) leave(w *Waiter) {
	if w.state.Load() == waiting {
		var woken batch
		g.mu.Lock()
		left := w.state.Load() == waiting
		if left {
			g.unlink(w)
			// It may have been the oldest, and too large for what is free.
			s := g.word.Load()
			g.grant(s, s/onePer, &woken)
		}
		g.mu.Unlock()
		woken.wake(nil)
		if left {
			w.waker.Drop()
			w.reset()
			return
		}
	}
	if w.state.Load() == granted {
		need := w.need
		w.reset()
		g.giveBack(nil, need)
	}
}

// taken returns how much is taken. Who was granted something may see it before the word
// says so.
func (g *gate) taken() uint32 { return g.word.Load() / onePer }

// settled is taken after every grant that has begun.
func (g *gate) settled() uint32 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.taken()
}
