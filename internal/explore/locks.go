// SPDX-License-Identifier: Apache-2.0

package explore

import "sync"

// A Mutex is the twin of a [sync.Mutex]; see [Integer].
type Mutex struct {
	mark mark
	mu   sync.Mutex // outside of explorations
}

// set records a step of t on a word with one bit of state, which becomes now.
func (e *engine) set(t *vthread, now bool) {
	e.after(t, true, uint64(bit(e.words[t.op.word].bit)), uint64(bit(now)))
	e.words[t.op.word].bit = now
}

// Lock waits until the lock is free and takes it.
//
// Caller: any.
func (m *Mutex) Lock() {
	if e := here(); e != nil {
		e.set(e.before(&m.mark, kindLock), true)
		return
	}
	m.mu.Lock()
}

// TryLock takes the lock if it is free.
//
// Caller: any.
func (m *Mutex) TryLock() bool {
	e := here()
	if e == nil {
		return m.mu.TryLock()
	}
	t := e.before(&m.mark, kindTryLock)
	if e.words[t.op.word].bit {
		e.after(t, false, 1, 1)
		return false
	}
	e.set(t, true)
	return true
}

// Unlock gives the lock back.
//
// Caller: who holds it.
func (m *Mutex) Unlock() {
	e := here()
	if e == nil {
		m.mu.Unlock()
		return
	}
	t := e.before(&m.mark, kindUnlock)
	if !e.words[t.op.word].bit {
		panic("explore: unlock of a lock that is not locked")
	}
	e.set(t, false)
}

// A WaitGroup is the twin of a [sync.WaitGroup]; see [Integer].
type WaitGroup struct {
	mark  mark
	run   uint64 // in which n counts
	n     int
	group sync.WaitGroup // outside of explorations
}

// Add adds to the count.
//
// Caller: any.
func (g *WaitGroup) Add(n int) {
	e := here()
	if e == nil {
		g.group.Add(n)
		return
	}
	t := e.before(&g.mark, kindGroupAdd)
	if g.run != e.run {
		g.run, g.n = e.run, 0
	}
	old := g.n
	g.n += n
	if g.n < 0 {
		panic("explore: negative count of a WaitGroup")
	}
	e.after(t, true, uint64(old), uint64(g.n))
	e.words[t.op.word].bit = g.n != 0
}

// Done is Add of minus one.
//
// Caller: any.
func (g *WaitGroup) Done() { g.Add(-1) }

// Wait waits until the count is zero.
//
// Caller: any.
func (g *WaitGroup) Wait() {
	e := here()
	if e == nil {
		g.group.Wait()
		return
	}
	e.after(e.before(&g.mark, kindGroupWait), false, 0, 0)
}

// Go starts f as a thread, and counts it until it ends.
//
// Caller: any.
func (g *WaitGroup) Go(f func()) {
	g.Add(1)
	Start(func() {
		defer g.Done()
		f()
	})
}

// A Bed is the twin of a channel for one message without content.
type Bed struct {
	mark mark
	ch   chan struct{} // outside of explorations
}

// Init makes the bed ready for use.
//
// Caller: once, before the Bed is shared.
func (b *Bed) Init() { b.ch = make(chan struct{}, 1) }

// Send leaves a message, as soon as there is room.
//
// Caller: any.
func (b *Bed) Send() {
	if e := here(); e != nil {
		e.set(e.before(&b.mark, kindSend), true)
		return
	}
	b.ch <- struct{}{}
}

// Receive waits for a message and takes it.
//
// Caller: any.
func (b *Bed) Receive() {
	if e := here(); e != nil {
		e.set(e.before(&b.mark, kindReceive), false)
		return
	}
	<-b.ch
}

// FutexWait sleeps if word holds want, until [FutexWake].
//
// Caller: a thread of an exploration.
func FutexWait(word *Uint32, want uint32) {
	e := here()
	if e == nil {
		panic("explore: futex wait outside of an exploration")
	}
	t := e.before(&word.mark, kindFutexWait)
	v := uint64(word.out(word.v.Load()))
	id := t.op.word
	e.after(t, true, v, v)
	if v != uint64(want) {
		return
	}
	e.words[id].sleep = append(e.words[id].sleep, t)
	t.bed = id
	e.pass(t, kindResume, nil)
}

// FutexWake ends the sleep of the thread that has waited for the longest time.
//
// Caller: a thread of an exploration.
func FutexWake(word *Uint32) {
	e := here()
	if e == nil {
		panic("explore: futex wake outside of an exploration")
	}
	t := e.before(&word.mark, kindFutexWake)
	w := &e.words[t.op.word]
	e.after(t, true, 0, 0)
	if len(w.sleep) > 0 {
		s := w.sleep[0]
		w.sleep = append(w.sleep[:0], w.sleep[1:]...)
		s.woken, s.wokenAt = true, int32(len(e.events)-1)
		e.wokenBy[s.id] = t.clock
	}
}

// Spin is a round of a loop that does nothing but wait until another thread writes
// to one of the words that the loop reads. Such a thread goes on once one of them
// has changed; the rounds that would find nothing new are left out. It returns
// false outside of an exploration.
//
// Caller: any.
func Spin() bool {
	e := here()
	if e == nil {
		return false
	}
	e.pass(e.running, kindSpin, nil)
	return true
}
