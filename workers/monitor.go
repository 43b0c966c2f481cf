// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"runtime"
	"time"

	"github.com/pilfer-go/pilfer/internal/point"
)

const (
	// monitorTick is how often the monitor looks while the pool works. A tick
	// needs a P for a moment, which a locked worker must give up: at 10 ms that
	// is well below a thousandth of the time.
	monitorTick = 10 * time.Millisecond

	// idleTicks is how many ticks in a row must find all workers parked until
	// the monitor sleeps: a pool that is used again at once pays no wake-up.
	idleTicks = 2

	// followTicks is how many ticks pass between looks at GOMAXPROCS: 1 s.
	followTicks = 100
)

// A monitor is the goroutine that watches over a pool. While workers run it
// asks each of them for a sign of life every tick; a worker reads the question
// between jobs at the price of one load, and no job reads a clock. One that has
// not answered for a tick is in a long job: then the monitor wakes a sleeping
// worker for the jobs that wait behind it (a run-next job wakes nobody by
// itself), and reports it once it has held the worker for too long.
//
// With all workers parked the monitor sleeps as well.
type monitor struct {
	// asleep says that the monitor waits in wake.
	// Writers: the monitor sets it; who wakes the first worker clears it.
	asleep point.Bool

	wake chan struct{}
	stop chan struct{}
	done chan struct{}
}

func (p *Pool) startMonitor() {
	if point.Exploring() {
		return // without a clock
	}
	m := &p.monitor
	m.wake = make(chan struct{}, 1)
	m.stop = make(chan struct{})
	m.done = make(chan struct{})
	go p.watch(runtime.GOMAXPROCS(0))
}

func (p *Pool) stopMonitor() {
	if point.Exploring() {
		return
	}
	p.mu.Lock()
	select {
	case <-p.monitor.stop:
	default:
		close(p.monitor.stop)
	}
	p.mu.Unlock()
	<-p.monitor.done // without the lock: it may be about to Resize
}

// rouse starts the monitor's ticks again.
//
// Caller: any.
func (m *monitor) rouse() {
	if m.asleep.CompareAndSwap(true, false) {
		m.wake <- struct{}{} // has room: only the one who clears asleep sends
	}
}

// watch is the monitor's goroutine. procs is the GOMAXPROCS of the pool's start.
func (p *Pool) watch(procs int) {
	m := &p.monitor
	defer close(m.done)
	ticker := time.NewTicker(monitorTick)
	defer ticker.Stop()
	dog := watchdog{pool: p}
	for quiet, n := 0, 1; ; n++ {
		select {
		case <-ticker.C:
		case <-m.stop:
			return
		}
		if p.config.follow && n%followTicks == 0 {
			if now := runtime.GOMAXPROCS(0); now != procs {
				procs = now
				_ = p.Resize(min(now, maxWorkers)) // fails only when closing
			}
		}
		if f := p.config.onTick; f != nil {
			f(p)
		}
		if !p.allParked() {
			quiet = 0
			dog.look()
			continue
		}
		if quiet++; quiet < idleTicks {
			continue
		}
		quiet = 0
		ticker.Stop()
		if !m.sleep(p) {
			return
		}
		dog.forget()
		ticker.Reset(monitorTick)
	}
}

// sleep waits until a worker is woken. It reports false if the pool closed.
//
// A worker that is woken after allParked was read sees asleep: the two words
// cross. (asleep is set before the counts are read; a waker changes the counts
// before it reads asleep.)
func (m *monitor) sleep(p *Pool) bool {
	m.asleep.Store(true)
	if !p.allParked() && m.asleep.CompareAndSwap(true, false) {
		return true
	}
	select {
	case <-m.wake:
		return true
	case <-m.stop:
		return false
	}
}

// allParked reports whether no worker and no guest is awake.
func (p *Pool) allParked() bool {
	return p.idle.load().parked() >= int(p.live.Load())
}
