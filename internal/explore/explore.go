// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// A Mode says how schedules are chosen.
type Mode uint8

const (
	Exhaustive Mode = iota // every schedule, up to steps that commute
	Plain                  // every schedule, one by one: to check Exhaustive
	Random                 // each step at random
	Priorities             // PCT: random priorities that change at random moments
	Storm                  // each step at random, as on a machine where much goes wrong
)

var modeNames = [...]string{"exhaustive", "plain", "random", "priorities", "storm"}

func (m Mode) String() string { return modeNames[m] }

// Unbounded is the value of [Options.Preemptions] for no bound.
const Unbounded = -1

// Options says how to explore a model. The zero value explores every schedule.
type Options struct {
	// Mode is how schedules are chosen.
	Mode Mode

	// Preemptions, if above zero, leaves out schedules in which threads that could
	// go on are interrupted more often.
	Preemptions int

	// MaxSteps is how many steps a run may take until it counts as a livelock; 0
	// is 10,000.
	MaxSteps int

	// MaxRuns ends the exploration, incomplete, after that many runs; 0 is no
	// limit, and 10,000 in the modes that are random.
	MaxRuns int

	// MaxTime ends it after that time; 0 is no limit.
	MaxTime time.Duration

	// Seed is that of the random modes. It is counted up for each run.
	Seed uint64

	// Spurious is how many sleeps in a futex may end without a wake in a run, in the
	// mode Storm and in a Schedule.
	Spurious int

	// Schedule, as printed with a failure, runs that schedule once.
	Schedule string

	allowDeadlock bool
	onRun         func(*engine)
}

// A Result is what an exploration has found.
type Result struct {
	Mode      Mode          // as asked for
	Bound     int           // preemptions at most, or [Unbounded]
	Schedules int           // that were run to their end
	Pruned    int           // that turned out to equal another one on the way
	Threads   int           // the most in a run
	Steps     int           // the most in a run
	Time      time.Duration // for all
	Complete  bool          // no schedule within the bound was left out
	Failure   *Failure      // nil if all went well
}

// A Failure is a run that ended badly.
type Failure struct {
	Kind     string // deadlock, livelock, panic, failed check, ...
	What     string
	Schedule string // for [Options.Schedule]
	Trace    string // who did what, step by step, for the run with the fewest switches
	Switches int

	choices []uint8
}

func (f *Failure) Error() string {
	return fmt.Sprintf("%s: %s\nschedule: %s\n%s", f.Kind, f.What, f.Schedule, f.Trace)
}

// String is a line for a log.
func (r Result) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v: %d schedules, %d pruned, %d threads, %d steps at most, %v", r.Mode, r.Schedules, r.Pruned, r.Threads, r.Steps, r.Time.Round(time.Millisecond))
	if r.Bound != Unbounded {
		fmt.Fprintf(&b, ", %d preemptions at most", r.Bound)
	}
	switch {
	case r.Failure != nil:
		fmt.Fprintf(&b, ", FAILED")
	case r.Complete:
		fmt.Fprintf(&b, ", complete")
	default:
		fmt.Fprintf(&b, ", incomplete")
	}
	return b.String()
}

// Err returns an error unless every schedule was run, and went well.
func (r Result) Err() error {
	switch {
	case r.Failure != nil:
		return r.Failure
	case !r.Complete:
		return errors.New("explore: not all schedules were run: " + r.String())
	}
	return nil
}

// Run explores a model. It is run many times, and must do the same each time but
// for the schedule: it makes its own words, and reads no clock.
//
// Caller: any, but one at a time.
func Run(opts Options, model func(x *X)) Result {
	if opts.MaxSteps <= 0 {
		opts.MaxSteps = 10_000
	}
	if opts.MaxSteps > 60_000 {
		opts.MaxSteps = 60_000 // clocks have 16 bits
	}
	r := Result{Mode: opts.Mode, Bound: Unbounded}
	if opts.Preemptions > 0 {
		r.Bound = opts.Preemptions
	}
	e := &engine{opts: opts, model: model}
	p, err := policyFor(opts, r.Bound)
	if err != nil {
		r.Failure = &Failure{Kind: "bad options", What: err.Error()}
		return r
	}
	began := time.Now()
	l := &limited{policy: p, runs: opts.MaxRuns, began: began, time: opts.MaxTime, result: &r}
	e.policy = l
	e.explore()
	r.Time = time.Since(began)
	r.Failure = e.failure
	if s, ok := p.(*search); ok {
		r.Pruned = s.pruned
		r.Schedules -= s.pruned
		r.Complete = l.through && e.failure == nil
	}
	if r.Failure != nil {
		explain(&r, opts, model)
	}
	return r
}

func policyFor(opts Options, bound int) (policy, error) {
	if opts.Schedule != "" {
		choices, err := parseSchedule(opts.Schedule)
		return &scripted{choices: choices}, err
	}
	switch opts.Mode {
	case Exhaustive:
		return &search{reduce: true, bound: bound}, nil
	case Plain:
		return &search{bound: bound}, nil
	case Random:
		return &random{seed: opts.Seed}, nil
	case Priorities:
		return &priorities{seed: opts.Seed, changes: max(opts.Preemptions, 2)}, nil
	case Storm:
		return &storm{seed: opts.Seed}, nil
	}
	return nil, fmt.Errorf("explore: unknown mode %d", opts.Mode)
}

// limited ends an exploration early, and counts.
type limited struct {
	policy
	runs    int
	began   time.Time
	time    time.Duration
	result  *Result
	through bool // the policy has ended by itself
}

func (l *limited) again() {
	l.result.Schedules, l.result.Steps = 0, 0
	l.policy.again()
}

func (l *limited) end(e *engine) bool {
	r := l.result
	r.Schedules++
	r.Steps = max(r.Steps, e.steps)
	r.Threads = max(r.Threads, len(e.threads))
	if !l.policy.end(e) {
		l.through = true
		return false
	}
	return (l.runs <= 0 || r.Schedules < l.runs) &&
		(l.time <= 0 || r.Schedules%64 != 0 || time.Since(l.began) < l.time)
}
