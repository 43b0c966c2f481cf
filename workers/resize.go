// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"fmt"

	"github.com/pilfer-go/pilfer/internal/point"
)

// Resize changes how many workers the pool has, 1 to 4096. Workers above n
// hand their jobs to the others after the job they run, and end; Resize does
// not wait for that. It returns [ErrClosed] after Close, or an [*OptionError].
//
// Caller: any.
func (p *Pool) Resize(n int) error {
	if n < 1 || n > maxWorkers {
		return &OptionError{"Resize", n, fmt.Sprintf("1 to %d", maxWorkers)}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closing.Load() {
		return ErrClosed
	}
	if n >= p.Size() {
		p.grow(n)
		return nil
	}
	p.size.Store(int32(n))
	for _, w := range p.places()[n:] {
		w.setAttention(attendRetire) // [retire-race] A1
		p.wakePlace(w)               // [retire-race] A2 reads whether it is parked
	}
	return nil
}

// Proof [retire-race]: a worker that is told to end does not stay asleep.
//
//	Resize                     the worker of that place
//	  A1  attention |= retire    B1  announcePark sets the place's bit
//	  A2  wakePlace reads bits   B2  read attention, before it sleeps and in step
//
// If B1 is before A2 in S, A2 clears the bit and unparks the worker, or another
// waker has done so: either way it comes to step, and sees A1. Otherwise A1 is
// before A2, before B1, before B2: the worker reads attention in afterAnnounce,
// and wakes itself. (cross) So does a guest or borrower that gives the place up.
// A worker that waits inside a job ends after it.
//
// Checked by: TestResizeUnderLoad, TestRetireWhileParking.

// grow starts workers until the pool has n.
//
// Caller: holding mu.
func (p *Pool) grow(n int) {
	all := p.places()
	for i := len(all); i < n; i++ {
		all = append(all[:i:i], newWorker(p, i))
	}
	p.all.Store(&all)
	p.size.Store(int32(n))
	for _, w := range all[:n] {
		w.clearAttention(attendRetire) // it may still be on its way out
		if !w.running {
			w.start()
		}
	}
}

// exit ends the worker of this place, unless the pool wants it back.
//
// Caller: the worker, last.
func (w *Worker) exit() {
	defer w.vacate() // also if the hook calls runtime.Goexit
	if f := w.pool.config.onStop; f != nil {
		f(w)
	}
}

// vacate leaves the place without a goroutine, or with another one.
func (w *Worker) vacate() {
	p := w.pool
	w.current = nil
	w.scrubFrames()
	w.hi = nobody
	w.unparkNow()
	w.publish()
	w.sitter.Store(0) // another goroutine may get our number
	p.mu.Lock()
	// Resize may have asked for fewer, then for more.
	again := w.index < p.Size() && !p.closing.Load()
	if again || w.attention.Load()&attendHandOver != 0 { // [vacant-race] X1
		point.Go(w.main)
		p.mu.Unlock()
		return
	}
	searching := w.searching
	w.searching = false
	w.clearAttention(attendRetire)
	p.live.Dec()
	if point.Explored {
		point.Writes(&w.running)
	}
	w.running = false // [vacant-race] X2
	p.mu.Unlock()
	if searching {
		p.endSearchOf()
	}
	if after := p.idle.load(); after.parked() > 0 {
		p.lookOnceMore(after)
	}
	p.done.Done()
}

// revive starts the worker of a place that has none, for a guest that wants the
// place back: its worker is there to be succeeded, and ends again after it.
//
// Proof [vacant-race]: a guest does not wait for a worker that has ended.
//
//	comeBack                        exit
//	  Y1  attention |= handover       X1  read attention, holding mu
//	  Y2  read running, holding mu    X2  running = false, under the same hold
//
// If the hold of X1 comes first, Y2 sees that nobody runs, and starts the
// worker. Otherwise Y1 is before Y2, before X1: the worker sees the request and
// goes on. A worker reads attention before its first job.
//
// Checked by: TestGuestComesBackToVacantPlace, TestCloseWaitsForSteppedOutGuest.
//
// Caller: the guest that has stepped out.
func (w *Worker) revive() {
	p := w.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if point.Explored {
		point.Reads(&w.running)
	}
	if !w.running { // [vacant-race] Y2
		if w.index >= p.Size() {
			w.setAttention(attendRetire)
		}
		w.start()
	}
}

// start starts the worker of this place.
//
// Caller: holding Pool.mu.
func (w *Worker) start() {
	w.running = true
	w.pool.live.Inc()
	w.pool.done.Add(1)
	point.Go(w.main)
}

// endSearchOf ends the search of a worker that ends with it.
func (p *Pool) endSearchOf() {
	if p.idle.endSearch() && p.anyVisible() { // [wake-race] F1 end, F2 look
		p.wakeOne(nil)
	}
}
