// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/testkit"
)

// An instr is one instruction of a random program. Each thread has one register.
type instr struct {
	op   byte
	word int
	a, b int32
	only int32 // run only if the register holds this, or always if negative
}

type program struct {
	threads [][]instr
}

// ops are the instructions. A lock is held for the instruction after it.
const (
	ops      = "lsxac"     // load store swap add compare-and-swap
	lockOps  = "LT"        // lock the mutex around a load and a store; the same with a try
	blockOps = "WUFKGDwSR" // spin until, lock, unlock, futex wait, wake, group add and done, group wait, send, receive
)

func randomProgram(rng *rand.Rand, kinds string, threads, length, words int) program {
	var p program
	for range threads {
		var code []instr
		for range 1 + rng.IntN(length) {
			i := instr{op: kinds[rng.IntN(len(kinds))], word: rng.IntN(words), a: rng.Int32N(3), b: rng.Int32N(3), only: -1}
			if rng.IntN(4) == 0 {
				i.only = rng.Int32N(3)
			}
			code = append(code, i)
		}
		p.threads = append(p.threads, code)
	}
	return p
}

func (p program) String() string {
	var b strings.Builder
	for i, code := range p.threads {
		fmt.Fprintf(&b, "thread %d:", i)
		for _, c := range code {
			fmt.Fprintf(&b, " %c w%d %d %d", c.op, c.word, c.a, c.b)
			if c.only >= 0 {
				fmt.Fprintf(&b, " if %d", c.only)
			}
			b.WriteByte(';')
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// model runs the program and tells found what each run ended with.
func (p program) model(words int, found *string) func(x *X) {
	return func(x *X) {
		w := make([]Uint32, words)
		mu := make([]Mutex, words)
		bed := make([]Bed, words)
		group := make([]WaitGroup, words)
		for i := range w { // so that all runs number the words alike
			w[i].Load()
			mu[i].TryLock()
			mu[i].Unlock()
			bed[i].Send()
			bed[i].Receive()
			group[i].Add(1)
			group[i].Done()
		}
		logs := make([]string, len(p.threads))
		*found = ""
		for i, code := range p.threads {
			x.Go(fmt.Sprint(i), func() {
				reg := uint32(0)
				for _, c := range code {
					if c.only < 0 || uint32(c.only) == reg {
						c.run(&reg, w, mu, bed, group)
					}
					logs[i] += fmt.Sprint(reg)
					*found = strings.Join(logs, " ")
				}
			})
		}
		x.Wait()
		for i := range w {
			*found += fmt.Sprintf(" w%d=%d", i, w[i].Load())
		}
	}
}

func (c instr) run(reg *uint32, words []Uint32, mus []Mutex, beds []Bed, groups []WaitGroup) {
	w, mu, a, b := &words[c.word], &mus[c.word], uint32(c.a), uint32(c.b)
	switch c.op {
	case 'l':
		*reg = w.Load()
	case 's':
		w.Store(a)
	case 'x':
		*reg = w.Swap(a)
	case 'a':
		*reg = w.Add(1)
	case 'c':
		*reg = bit(w.CompareAndSwap(a, b))
	case 'L':
		mu.Lock()
		*reg = w.Load()
		w.Store(*reg + 1)
		mu.Unlock()
	case 'T':
		if mu.TryLock() {
			*reg = w.Load()
			mu.Unlock()
		} else {
			*reg = 9
		}
	case 'W':
		for *reg = w.Load(); *reg != a; *reg = w.Load() {
			Spin()
		}
	case 'V': // until one of two words is not zero
		o := &words[(c.word+1)%len(words)]
		for *reg = w.Load() + 3*o.Load(); *reg == 0; *reg = w.Load() + 3*o.Load() {
			Spin()
		}
	case 'F':
		FutexWait(w, a)
	case 'K':
		FutexWake(w)
	case 'G':
		groups[c.word].Add(1)
		*reg = w.Load()
		groups[c.word].Done()
	case 'w':
		groups[c.word].Wait()
	case 'S':
		beds[c.word].Send()
	case 'R':
		beds[c.word].Receive()
	}
}

// outcomes explores the program and returns what its runs end with, and their
// equivalence classes.
func (p program) outcomes(opts Options, words int) (ends, classes map[string]bool, r Result) {
	ends, classes = map[string]bool{}, map[string]bool{}
	var found string
	opts.allowDeadlock = true
	opts.onRun = func(e *engine) {
		if e.free {
			return
		}
		end := found
		if e.stuck {
			end += " stuck: " + e.waiting
		}
		ends[end] = true
		classes[e.class()] = true
	}
	r = Run(opts, p.model(words, &found))
	return ends, classes, r
}

// class is the same for two runs that differ by the order of steps that commute.
func (e *engine) class() string {
	evs := slices.Clone(e.events)
	slices.SortFunc(evs, func(a, b event) int {
		return 1000*(int(a.tid)-int(b.tid)) + int(a.seq) - int(b.seq)
	})
	var b strings.Builder
	for _, ev := range evs {
		fmt.Fprintf(&b, "%d %d %v %d %t %v\n", ev.tid, ev.seq, ev.kind, ev.word, ev.write, ev.clock[:len(e.threads)])
	}
	return b.String()
}

func testTime(t *testing.T) time.Time {
	d := 400 * time.Millisecond
	if testing.Short() {
		d /= 4
	}
	return time.Now().Add(testkit.StressFor(t, d))
}

// The reduction is right if it finds what running every single interleaving finds:
// the same ends, and one run at least of each class of equivalent ones.
func TestReductionLosesNothing(t *testing.T) {
	for _, c := range []struct {
		name, kinds            string
		threads, length, words int
	}{
		{"words", ops, 3, 3, 2},
		{"two threads", ops, 2, 6, 3},
		{"four threads", ops, 4, 2, 2},
		{"locks", ops + "LLT", 3, 2, 2},
		{"spins", ops + "WV", 3, 3, 2},
		{"spins alone", "slWVV", 3, 4, 2},
		{"futex", ops + "FFKK", 3, 3, 2},
		{"groups", ops + "GGwSR", 3, 3, 1},
		{"beds", ops + "SSRR", 3, 3, 2},
		{"all", ops + "LTWFKGwSR", 3, 3, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			seed := testkit.Seed(t)
			runs, reduced, plain, classes := 0, 0, 0, 0
			for until := testTime(t); time.Now().Before(until); runs++ {
				rng := rand.New(rand.NewPCG(seed, uint64(runs)))
				p := randomProgram(rng, c.kinds, c.threads, c.length, c.words)
				ends, want, full := p.outcomes(Options{Mode: Plain, MaxRuns: 60_000}, c.words)
				if !full.Complete {
					continue
				}
				gotEnds, got, r := p.outcomes(Options{}, c.words)
				require.Nil(t, full.Failure)
				require.Nil(t, r.Failure, "%v", p)
				require.Equal(t, ends, gotEnds, "seed %d, run %d\n%v", seed, runs, p)
				require.Equal(t, len(want), len(got), "seed %d, run %d\n%v", seed, runs, p)
				require.True(t, r.Complete)
				require.LessOrEqual(t, r.Schedules, full.Schedules)
				plain, reduced, classes = plain+full.Schedules, reduced+r.Schedules, classes+len(want)
			}
			t.Logf("%d programs: %d interleavings, %d classes, %d schedules after reduction", runs, plain, classes, reduced)
		})
	}
}

// With a bound on preemptions the ends must be those of all interleavings within
// the bound.
func TestBoundedReductionLosesNothing(t *testing.T) {
	seed := testkit.Seed(t)
	runs, reduced, plain := 0, 0, 0
	for until := testTime(t); time.Now().Before(until); runs++ {
		rng := rand.New(rand.NewPCG(seed, uint64(runs)))
		p := randomProgram(rng, ops+"LTWFKGwSR", 3, 4, 2)
		bound := 1 + rng.IntN(2)
		ends, _, full := p.outcomes(Options{Mode: Plain, Preemptions: bound, MaxRuns: 60_000}, 2)
		if !full.Complete {
			continue
		}
		gotEnds, _, r := p.outcomes(Options{Preemptions: bound}, 2)
		require.Nil(t, r.Failure, "%v", p)
		require.Equal(t, ends, gotEnds, "bound %d\n%v", bound, p)
		require.True(t, r.Complete)
		plain, reduced = plain+full.Schedules, reduced+r.Schedules
	}
	t.Logf("%d programs: %d interleavings, %d schedules after reduction", runs, plain, reduced)
}
