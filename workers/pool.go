// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/pilfer-go/pilfer/deque"
	"github.com/pilfer-go/pilfer/internal/park"
	"github.com/pilfer-go/pilfer/internal/point"
)

// ErrClosed is returned for what comes after Close.
var ErrClosed = errors.New("pilfer: pool is closed")

// A Pool is a set of workers that run jobs and steal them from each other.
// Make one with [New].
type Pool struct {
	idle idleSet

	pressure park.Pressure // where workers sleep, and callers that wait for them

	injector *deque.Injector[Job]

	// all holds every place there ever was, by index.
	// Writers: holding mu. Invariant: only grows; a published slice is never
	// written again.
	all point.Pointer[[]*Worker]

	// size is how many workers the pool is meant to have.
	// Writers: holding mu. Invariant: 1 to maxWorkers.
	size point.Int32

	// live is how many worker goroutines there are.
	// Writers: holding mu, when one starts or ends. Invariant: at least size
	// while the pool is open and no Resize runs.
	live point.Int32

	// closing makes workers end once they find nothing.
	// Writers: Close. Invariant: once set, stays set.
	closing point.Bool

	levels *leveled // set once; nil without the option

	monitor  monitor
	config   config
	number   uint32 // set once: of this pool among all of the process
	portable bool
	naps     bool // see park.Parker.Naps

	mu   point.Mutex // Resize, Close, start and end of workers
	done point.WaitGroup
}

// New starts a pool. It returns an [*OptionError] if an option makes no sense.
// Starting a worker takes about 20 us.
func New(opts ...Option) (*Pool, error) {
	c := defaults()
	for i, o := range opts {
		if o == nil {
			return nil, &OptionError{fmt.Sprint("number ", i+1), nil, "an Option"}
		}
		o(&c)
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	p := &Pool{config: c, number: pools.Inc(), injector: deque.NewInjector[Job]()}
	inGo := c.portable || !point.Exploring() && (runtime.GOMAXPROCS(0) == 1 || park.InBubble())
	// A thread that sleeps in the kernel keeps its P for up to 10 ms. If there are more
	// workers than Ps they may hold all of them while others wait for a timer.
	crowded := !point.Exploring() && c.workers > runtime.GOMAXPROCS(0)
	p.portable = inGo || !c.lock || crowded
	p.naps = p.portable && !inGo
	if c.levels {
		p.levels = newLeveled(p, c.age)
	}
	p.all.Store(&[]*Worker{})
	p.mu.Lock()
	p.grow(c.workers)
	p.mu.Unlock()
	p.startMonitor()
	return p, nil
}

func (p *Pool) places() []*Worker { return *p.all.Load() }

// Size returns how many workers the pool is meant to have.
//
// Caller: any.
func (p *Pool) Size() int { return int(p.size.Load()) }

// Places returns every place that the pool ever had, in order of index. After
// a Resize to fewer workers the last ones are empty. Do not write to it.
//
// Caller: any.
func (p *Pool) Places() []*Worker { return p.places() }

// InjectorLen returns how many jobs wait in the injector; a hint.
//
// Caller: any.
func (p *Pool) InjectorLen() int { return p.injector.Len() }

// Saturated reports whether all workers run jobs: nobody is parked, nobody
// searches. A hint.
//
// Caller: any.
func (p *Pool) Saturated() bool { return p.idle.load().busy() }

// Parked returns how many workers sleep; a hint.
//
// Caller: any.
func (p *Pool) Parked() int { return p.idle.load().parked() }

// Pressure tells where those sleep who wait for the pool's workers.
//
// Caller: any.
func (p *Pool) Pressure() *park.Pressure { return &p.pressure }

// Portable reports whether workers park in Go channels.
//
// Caller: any.
func (p *Pool) Portable() bool { return p.portable }

// Submit queues j for any worker. It must not be called after Close, nor
// while Close runs unless the caller can bear that j is never run.
//
// Caller: any.
func (p *Pool) Submit(j *Job) {
	checkJob(j, "Submit")
	p.injector.Push(j)         // [wake-race] P1 publish the job
	if p.idle.load().quiet() { // [wake-race] P2 read the idle word
		p.wakeOne(nil)
	}
}

// SubmitBatch queues jobs for any worker, in order, with one step on the queue
// and one wake-up.
//
// Caller: any.
func (p *Pool) SubmitBatch(jobs []*Job) {
	for _, j := range jobs {
		checkJob(j, "SubmitBatch")
	}
	p.injector.PushBatch(jobs) // [wake-race] P1 publish the jobs
	if p.idle.load().quiet() { // [wake-race] P2 read the idle word
		p.wakeOne(nil)
	}
}

// Empty reports whether no job lies in any queue of the pool, those of one worker
// alone included. While jobs move from queue to queue it may miss one.
//
// Caller: any.
func (p *Pool) Empty() bool {
	if p.anyVisible() {
		return false
	}
	for _, w := range p.places() {
		if w.hasPosted() {
			return false
		}
	}
	return true
}

// Asleep reports whether all places were parked from before it called check
// until after, and check returned true. If a guest or a worker comes between, it
// reports false, and OnQuiet is called again later.
//
// The two words are equal only if no place stopped to be parked in between, as
// the epoch counts that. (monotone) A place that was added meanwhile is seen by
// the second look at live, as it starts awake.
//
// Caller: any.
func (p *Pool) Asleep(check func() bool) bool {
	if check == nil {
		refuseNil("Asleep")
	}
	before := p.idle.load()
	if before.parked() < int(p.live.Load()) || !check() {
		return false
	}
	return p.idle.load() == before && before.parked() >= int(p.live.Load())
}

// Nudge wakes one parked worker even if nothing is queued, so that it looks
// around and calls OnQuiet again.
//
// Caller: any.
func (p *Pool) Nudge() {
	if p.idle.reserve(oneSearching) {
		p.unparkChosen()
	}
}

// Close lets the workers run all queued jobs, and those that these push, then
// ends them and waits until they have ended. A second Close waits too.
//
// Caller: any, but no job of the pool.
func (p *Pool) Close() {
	p.closing.Store(true) // [close-race] C1, [spill-race] I1
	p.wakeAll()           // [close-race] C2
	p.done.Wait()
	p.stopMonitor()
}

// Proof [close-race]: Close leaves no worker asleep.
//
//	Close                       park
//	  C1  closing.Store(true)     K1  announcePark
//	  C2  wakeAll                 K2  afterAnnounce reads closing
//
// C1 before K2 in S: K2 sees closing and wakes everybody who is parked, itself
// included. Otherwise K1 is before K2, before C1, before C2: C2 sees the parked
// place. (cross) A worker that slept on because there were jobs is woken by the
// exit of another, and the last one awake finds no jobs and ends.
//
// Checked by: TestCloseWhileParking, TestCloseBeforeAnnouncement.
