// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"fmt"
	"log/slog"
	"runtime"
	"time"
)

// An Option changes how [New] makes a pool.
type Option func(*config)

type config struct {
	workers   int
	follow    bool
	lock      bool
	pin       bool
	portable  bool
	name      string
	onStart   func(*Worker)
	onStop    func(*Worker)
	onQuiet   func()
	onPublish func(*Worker)
	onIdle    func(*Worker) (bool, time.Duration)
	onAside   func(*Worker) func()
	onAwake   func()
	watchdog  time.Duration
	report    time.Duration
	logger    *slog.Logger
	onStuck   func(Stuck)
	onTick    func(*Pool)
	order     Order
	stealOne  bool
	offerAll  bool
	levels    bool
	age       int
}

func defaults() config {
	return config{
		workers:  runtime.GOMAXPROCS(0),
		lock:     true,
		name:     "pilfer",
		watchdog: time.Second,
		report:   10 * time.Second,
	}
}

// An OptionError says which option of [New] had a value that makes no sense.
type OptionError struct {
	Option string // the name of the option
	Value  any    // what it was given
	Want   string // what it takes
}

func (e *OptionError) Error() string {
	return fmt.Sprintf("pilfer: option %s: got %v, want %s", e.Option, e.Value, e.Want)
}

// Count sets the number of workers, 1 to 4096. The default is GOMAXPROCS at
// the call of [New]. More workers than GOMAXPROCS make fine-grained work
// several times slower.
func Count(n int) Option { return func(c *config) { c.workers = n } }

// FollowGOMAXPROCS resizes the pool when GOMAXPROCS changes, as Go itself does
// when the quota of a container changes. It is looked at once a second, and
// only while the pool works.
func FollowGOMAXPROCS() Option { return func(c *config) { c.follow = true } }

// LockThreads says whether each worker keeps an operating-system thread for
// itself; the default is true. A locked worker wakes fast and runs code that
// needs its thread, but pays dearly for Go channels and mutexes inside jobs.
func LockThreads(on bool) Option { return func(c *config) { c.lock = on } }

// PinCPUs ties worker i to the i-th CPU of the process, where the system can.
// It needs locked threads.
func PinCPUs(on bool) Option { return func(c *config) { c.pin = on } }

// Name sets the name that the workers' profiler labels carry; the default is
// "pilfer".
func Name(name string) Option { return func(c *config) { c.name = name } }

// OnStart calls f on each worker's own goroutine before its first job.
func OnStart(f func(*Worker)) Option { return func(c *config) { c.onStart = f } }

// OnStop calls f on each worker's own goroutine after its last job.
func OnStop(f func(*Worker)) Option { return func(c *config) { c.onStop = f } }

// OnQuiet calls f whenever the last awake worker or guest finds nothing to do.
// f is called on that worker, may be called by two workers at once, and must
// not block.
func OnQuiet(f func()) Option { return func(c *config) { c.onQuiet = f } }

// OnTick calls f every 10 ms while the pool works, and a few times after, on a
// goroutine that watches over the pool. f may call [Pool.Resize], and must not block.
func OnTick(f func(*Pool)) Option { return func(c *config) { c.onTick = f } }

// OnPublish calls f whenever a worker publishes its counters, on that worker's
// goroutine or its guest's, so that a layer above can publish its own.
func OnPublish(f func(*Worker)) Option { return func(c *config) { c.onPublish = f } }

// OnIdle calls f on a worker's goroutine when the worker has found no job and is about
// to park, but not for a guest. If f has pushed one it reports true, and the worker
// looks again. Else again, if it is positive, is how long the worker may sleep until f
// is called again.
func OnIdle(f func(w *Worker) (pushed bool, again time.Duration)) Option {
	return func(c *config) { c.onIdle = f }
}

// OnAside calls f when a job that waits in a join lets another goroutine go on with
// a job in the same place, and what f has returned when it has the place back: a
// layer above saves what it keeps for the place and the job.
func OnAside(f func(*Worker) (back func())) Option { return func(c *config) { c.onAside = f } }

// OnAwake calls f whenever a worker or guest has come to a place that was parked, or is
// new, before it looks for a job or runs one.
func OnAwake(f func()) Option { return func(c *config) { c.onAwake = f } }

// Watchdog reports a job that holds its worker for longer than limit: through
// log, or slog's default logger if log is nil, at most once in the interval of
// [ReportEvery]. The default limit is one second; zero turns reports off.
func Watchdog(limit time.Duration, log *slog.Logger) Option {
	return func(c *config) { c.watchdog, c.logger = limit, log }
}

// ReportEvery sets how often the watchdog may report; the default is ten
// seconds. Each report takes one goroutine profile.
func ReportEvery(d time.Duration) Option { return func(c *config) { c.report = d } }

// OnStuck calls f instead of the logger for each report of the watchdog, on
// the watchdog's goroutine.
func OnStuck(f func(Stuck)) Option { return func(c *config) { c.onStuck = f } }

// OfferAll puts every fork on offer to thieves at once, and has [Worker.Hungry] report
// true always: a fork that nobody steals costs 40 ns then, not 3 (workload fib of
// package bench). It is there to compare with.
func OfferAll() Option { return func(c *config) { c.offerAll = true } }

// PortableParking parks workers in Go channels, not in the kernel. It is
// slower, and chosen without asking inside a testing/synctest bubble, with
// unlocked workers, with more workers than GOMAXPROCS, with GOMAXPROCS=1, and on
// systems without a futex. It is chosen by what [New] finds: a pool that grows beyond
// GOMAXPROCS later goes on in the kernel.
func PortableParking() Option { return func(c *config) { c.portable = true } }

// check returns an error that names the first option with a senseless value.
func (c *config) check() error {
	switch {
	case c.workers < 1 || c.workers > maxWorkers:
		return &OptionError{"Count", c.workers, fmt.Sprintf("1 to %d", maxWorkers)}
	case c.pin && !c.lock:
		return &OptionError{"PinCPUs", c.pin, "locked threads (LockThreads(true))"}
	case c.watchdog < 0:
		return &OptionError{"Watchdog", c.watchdog, "zero or a positive duration"}
	case c.order > LIFO:
		return &OptionError{"InOrder", c.order, "RunNext, FIFO or LIFO"}
	case c.levels && (c.age < 2 || c.age > maxAge):
		return &OptionError{"Levels", c.age, fmt.Sprintf("2 to %d", maxAge)}
	case c.report <= 0:
		return &OptionError{"ReportEvery", c.report, "a positive duration"}
	}
	return nil
}
