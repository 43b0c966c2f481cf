// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/workers"
)

// An Option changes how [New] makes a runtime.
type Option func(*config)

type config struct {
	pool     []workers.Option
	blocking int
	onStart  func(index int)
	onStop   func(index int)
	log      *slog.Logger // nil: slog's default
	every    time.Duration
	clock    *timer.Clock
	seed     uint64
	seeded   bool
	track    bool
	borrows  bool // with Borrow, as the next two
	lender   *Runtime
	borrow   int
}

// defaultBlocking is how many blocking functions may run at once. Each has an
// ordinary goroutine, so the bound guards files and connections, not memory.
const defaultBlocking = 512

func defaults() config {
	return config{blocking: defaultBlocking, every: 10 * time.Second, clock: timer.Real()}
}

// apply makes the changes of opts, and checks what they make of it.
func (c *config) apply(opts []Option) error {
	for i, o := range opts {
		if o == nil {
			return &workers.OptionError{Option: fmt.Sprint("number ", i+1), Want: "an Option"}
		}
		o(c)
	}
	return c.check()
}

func (c *config) check() error {
	if c.blocking < 1 {
		return &workers.OptionError{Option: "MaxBlocking", Value: c.blocking, Want: "at least 1"}
	}
	if c.clock == nil {
		return &workers.OptionError{Option: "Clock", Value: c.clock, Want: "timer.Real or one of timer.NewClock"}
	}
	if c.borrows && (c.borrow < 1 || c.lender == nil || c.lender.pool == nil) {
		return &workers.OptionError{Option: "Borrow", Value: c.borrow, Want: "a runtime with workers, and at least 1 of them"}
	}
	return nil
}

// inOurWords gives an option of the pool the name that it has here.
func inOurWords(err error) error {
	var bad *workers.OptionError
	if !errors.As(err, &bad) {
		return err
	}
	name := map[string]string{"Count": "Workers", "Levels": "Priorities"}[bad.Option]
	if name == "" {
		return err
	}
	return &workers.OptionError{Option: name, Value: bad.Value, Want: bad.Want}
}

func pool(o workers.Option) Option {
	return func(c *config) { c.pool = append(c.pool, o) }
}

// Workers sets the number of workers, 1 to 4096; the default is GOMAXPROCS.
// Threads that run tasks never exceed it. More workers than GOMAXPROCS make
// fine-grained work several times slower.
func Workers(n int) Option { return pool(workers.Count(n)) }

// FollowGOMAXPROCS resizes the runtime when GOMAXPROCS changes.
func FollowGOMAXPROCS() Option { return pool(workers.FollowGOMAXPROCS()) }

// LockThreads says whether each worker keeps a thread of its own; the default
// is true. Turn it off if tasks use Go channels and mutexes a lot: a locked
// goroutine pays 30 to 90 us for each time it blocks in one.
func LockThreads(on bool) Option { return pool(workers.LockThreads(on)) }

// OfferAll puts every fork on offer at once: see [workers.OfferAll].
func OfferAll() Option { return pool(workers.OfferAll()) }

// PinCPUs ties each worker to a CPU, where the system can.
func PinCPUs(on bool) Option { return pool(workers.PinCPUs(on)) }

// Name sets the name that profiles and reports show; the default is "pilfer".
func Name(name string) Option { return pool(workers.Name(name)) }

// OnStart calls f with the index of each worker, on its goroutine, before its
// first task.
func OnStart(f func(worker int)) Option { return func(c *config) { c.onStart = f } }

// OnStop calls f with the index of each worker, on its goroutine, after its
// last task.
func OnStop(f func(worker int)) Option { return func(c *config) { c.onStop = f } }

// MaxBlocking sets how many functions of [SpawnBlocking] run at once; the
// default is 512. The others wait.
func MaxBlocking(n int) Option { return func(c *config) { c.blocking = n } }

// Watchdog reports a task that holds its worker for longer than limit, with
// its name and stack, to log, or to slog's default logger if log is nil. The
// default limit is one second; zero turns these reports off.
//
// To log also goes what else the runtime has to say: that a task waits though
// nobody holds its waker, and what a Close waits for that takes long.
func Watchdog(limit time.Duration, log *slog.Logger) Option {
	return func(c *config) {
		pool(workers.Watchdog(limit, log))(c)
		c.log = log
	}
}

// ReportEvery sets how often the watchdog may report, and after how long a Close
// that waits does; the default is ten seconds.
func ReportEvery(d time.Duration) Option {
	return func(c *config) {
		pool(workers.ReportEvery(d))(c)
		c.every = d
	}
}

// OnStuck calls f for each report of the watchdog, instead of logging it.
func OnStuck(f func(workers.Stuck)) Option { return pool(workers.OnStuck(f)) }

// Clock sets the clock of the timers that the tasks arm; the default is
// [timer.Real]. Tests use one of [timer.NewClock], which stands still until it is
// told to go on.
func Clock(c *timer.Clock) Option { return func(cfg *config) { cfg.clock = c } }

// Seed makes a [RoundRobin] poll its tasks in random order, the same for the same
// seed. A [Runtime], whose order depends on the machine, pays it no heed.
func Seed(seed uint64) Option {
	return func(c *config) { c.seed, c.seeded = seed, true }
}
