// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"context"
	"time"

	"golang.org/x/sys/cpu"

	"github.com/pilfer-go/pilfer/deque"
	"github.com/pilfer-go/pilfer/internal/invariant"
	"github.com/pilfer-go/pilfer/internal/park"
	"github.com/pilfer-go/pilfer/internal/point"
)

// A Worker is a place in a pool from which jobs are run: its queues, and
// whoever sits in it. That is the worker's own goroutine, or a guest for the
// length of a call. One goroutine at a time sits in a place; the idle set
// passes it on, and all plain fields with it.
//
// A Worker is handed to a job for as long as the job runs. Only that job's
// goroutine may use it, and not after the job returned.
type Worker struct {
	// Used by others too, down to the padding. The 64-bit words come first, where
	// they are aligned on 32-bit machines.

	published published

	// sitter is the goroutine that sits here, or 0.
	// Writers: the worker when it begins and wakes; a guest when it comes and goes.
	sitter point.Uint64

	// attention holds requests to whoever sits here, answered between jobs.
	// Writers: the monitor and Resize set bits; the sitter clears them.
	attention point.Uint32

	// demand asks whoever sits here for forks to steal; see join_offer.go.
	// Writers: thieves and who sits here set it; offer clears it.
	demand point.Uint32

	// helping counts the jobs that wait in Help, guests that have stepped out
	// among them: what lies in forks need not be part of the job that was stolen
	// last.
	// Writers: owner. Invariant: 0 while no job of the place waits.
	helping point.Uint32

	// waited is the number of joiners.
	// Writers: any, by additions, after it entered the list of joiners or left it.
	// Invariant: no less than the joiners that are about to sleep.
	waited point.Uint32

	// joining says that who sits here sleeps in a join.
	// Writers: owner. Read by [aside-race]; the watchdog may be wrong for a tick.
	joining point.Bool

	parker     park.Parker
	joinParker park.Parker // sleeps in a join

	mu       point.Mutex
	joiners  []*Worker // holding mu: sleep until this worker offers a frame
	steppers []*Hold   // holding mu: guests that want the place back, oldest first
	posted   []*Job    // holding mu: for this worker alone
	running  bool      // holding Pool.mu: the place has a goroutine

	thief     deque.QueueThief[Job] // set once
	forkThief deque.Stealer[Job]    // set once
	_         cpu.CacheLinePad

	// Used by who sits here only.

	pool  *Pool
	index int

	// queue holds spawned jobs, in order; thieves take the older half. Its
	// newest job is the run-next job while hasNext is set.
	queue *deque.Queue[Job]

	// forks holds the published frames of fork-join, the oldest first for
	// thieves. It is empty between jobs.
	forks *deque.Deque[Job]

	// frames holds the frame of each level of fork-join, the oldest first. Those
	// of levels below lo are published, those from lo to hi are private. A level
	// keeps its frame for the next join that comes there.
	frames  []forked
	others  [][]forked // by level: frames of other types
	hi, lo  int
	spare   frameStack  // for the jobs that run while one waits
	offered int         // frames in forks when the owner looked last
	scopes  []scopeMark // the cancellation scopes of the running code, the outermost first
	stolen  *Crash      // of the stolen half whose panic is under way

	hasNext    bool          // the newest job of queue is to be run next
	afterPush  bool          // what hasNext is after Push; set once
	afterNext  bool          // what hasNext is after PushNext; set once
	maxStreak  uint8         // set once
	searching  bool          // counted as searching in the idle set
	guest      bool          // a guest sits here
	slept      bool          // the last sleep was over by time: OnIdle is to be asked first
	owesP      bool          // a goroutine that a job made ready waits in this P's queue
	streak     uint8         // run-next jobs in a row
	othersTurn bool          // the next job is none of own
	atMost     time.Duration // the longest sleep, if positive
	tick       uint32        // jobs looked for since the injector's turn
	lookAt     uint32        // the tick of that turn; 0 with lanes, and with own jobs
	lanes      *laneSet      // in a pool with levels; else nil
	rng        uint32
	victim     int // where the last theft succeeded
	current    *Job
	unparks    []*park.Parker // to unpark once the worker searches or runs on
	local      any            // what the layer above keeps for each place
	labels     context.Context
	count      counters

	own     ownQueue // the worker's: jobs that nobody else may run
	kept    int      // the worker's: see Keep
	retires bool     // the worker's: it ends once nothing is kept

	_ cpu.CacheLinePad
}

const (
	attendSample   uint32 = 1 << iota // publish the counters, and show that you live
	attendRetire                      // give your jobs to the others and end
	attendRecall                      // the wait inside a job of this place has ended
	attendHandOver                    // a guest that has stepped out wants the place back
	attendPosted                      // there are jobs that only this worker may run
)

func newWorker(p *Pool, index int) *Worker {
	w := &Worker{
		pool:  p,
		index: index,
		queue: deque.NewQueue[Job](initialQueue),
		forks: deque.NewDeque[Job](initialForks),
		rng:   uint32(index)*2654435761 + 1,

		labels: labelsOf(p, index),
		lookAt: injectEvery,
	}
	if p.levels != nil {
		w.lanes, w.lookAt = newLaneSet(w), 0
	}
	w.setOrder(p.config.order)
	w.thief = w.queue.Thief()
	w.forkThief = w.forks.Stealer()
	w.parker.Init(p.portable)
	w.parker.Under(&p.pressure)
	if p.naps {
		w.parker.Naps()
	}
	w.joinParker.Init(p.portable)
	w.joinParker.Under(&p.pressure)
	w.ask()
	return w
}

// Pool returns the pool that the worker belongs to.
//
// Caller: any.
func (w *Worker) Pool() *Pool { return w.pool }

// Index returns the worker's place in its pool, from 0.
//
// Caller: any.
func (w *Worker) Index() int { return w.index }

// Local returns what [Worker.SetLocal] stored last, or nil.
//
// Caller: owner.
func (w *Worker) Local() any { return w.local }

// SetLocal stores a value with the place. It stays there for the guests and
// goroutines that sit in it later.
//
// Caller: owner, or OnStart.
func (w *Worker) SetLocal(v any) { w.local = v }

// Guest reports whether an ordinary goroutine sits in this place for a call.
//
// Caller: owner.
func (w *Worker) Guest() bool { return w.guest }

// QueueLen returns how many jobs wait in the worker's run queue. From other
// goroutines it is a hint.
//
// Caller: any.
func (w *Worker) QueueLen() int { return w.thief.Len() + w.lanes.len() }

// OweP notes that the running job made an ordinary goroutine runnable. Before
// the worker spins or parks it lets that goroutine have its P, once.
//
// Caller: owner.
func (w *Worker) OweP() { w.owesP = true }

// UnparkSoon unparks p between the running job and the next one. A goroutine
// that waits in p is likely to submit again as soon as it wakes: by then this
// worker is counted as searching, and none other is woken for nothing.
//
// Caller: owner.
func (w *Worker) UnparkSoon(p *park.Parker) { w.unparks = append(w.unparks, p) }

// unparkNow does what UnparkSoon put off.
//
// Caller: owner.
func (w *Worker) unparkNow() {
	for i, p := range w.unparks {
		w.unparks[i] = nil
		p.Unpark()
	}
	w.unparks = w.unparks[:0]
}

// Push queues j behind the worker's other jobs, and wakes another worker if
// nobody is looking for work. One locked instruction, if nobody is to be woken.
//
// Caller: owner.
func (w *Worker) Push(j *Job) {
	if invariant.Enabled {
		w.checkSitter()
		checkJob(j, "Push")
	}
	w.hasNext = w.afterPush
	w.queue.Push(j)                 // [wake-race] P1 publish the job
	if w.pool.idle.load().quiet() { // [wake-race] P2 read the idle word
		w.pool.wakeOne(w)
	}
}

// PushNext queues j to be run next, right after the running job. Thieves take
// it only when they find nothing else. It wakes nobody unless it displaces an
// older run-next job.
//
// Caller: owner.
func (w *Worker) PushNext(j *Job) {
	if invariant.Enabled {
		w.checkSitter()
		checkJob(j, "PushNext")
	}
	if !w.afterNext {
		w.Push(j)
		return
	}
	displaced := w.hasNext
	w.queue.Push(j)
	w.hasNext = true
	if displaced && w.pool.idle.load().quiet() {
		w.pool.wakeOne(w)
	}
}

// PushYielded queues j behind all other jobs of the worker. It wakes another
// worker only if there are others: a job that yields to nobody stays here.
//
// Caller: owner.
func (w *Worker) PushYielded(j *Job) {
	if invariant.Enabled {
		w.checkSitter()
		checkJob(j, "PushYielded")
	}
	alone := w.queue.OwnerLen() == 0
	w.hasNext = false
	w.queue.Push(j)
	if !alone && w.pool.idle.load().quiet() {
		w.pool.wakeOne(w)
	}
}
