// SPDX-License-Identifier: Apache-2.0

package workers

import "fmt"

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
//	  A2  wakePlace reads bits   B2  Park returns at once, or step reads attention
//
// If B1 is before A2 in S, A2 clears the bit and unparks the worker, or another
// waker has done so: either way it comes to step, and sees A1. Otherwise A1 is
// before A2, before B1: the worker reads attention once more on its way through
// park, and does not sleep. (cross)
//
// Checked by: TestResizeUnderLoad.

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
			w.running = true
			p.live.Inc()
			p.done.Add(1)
			go w.main()
		}
	}
}

// exit ends the worker of this place, unless the pool wants it back.
//
// Caller: the worker, last.
func (w *Worker) exit() {
	p := w.pool
	if f := p.config.onStop; f != nil {
		f(w)
	}
	w.current = nil
	w.unparkNow()
	w.publish()
	searching := w.searching
	w.searching = false
	p.mu.Lock()
	if w.index < p.Size() && !p.closing.Load() {
		w.searching = searching
		go w.main() // Resize asked for fewer, then for more
		p.mu.Unlock()
		return
	}
	w.clearAttention(attendRetire)
	w.running = false
	p.live.Dec()
	p.mu.Unlock()
	if searching {
		p.endSearchOf()
	}
	if after := p.idle.load(); after.parked() > 0 {
		p.afterAnnounce(w, after)
	}
	p.done.Done()
}

// endSearchOf ends the search of a worker that ends with it.
func (p *Pool) endSearchOf() {
	if p.idle.endSearch() && p.anyVisible() { // [wake-race] F1 end, F2 look
		p.wakeOne(nil)
	}
}
