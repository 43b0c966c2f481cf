// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pilfer-go/pilfer/deque"
	"github.com/pilfer-go/pilfer/internal/park"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/self"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

// anyStack reports whether some goroutine stands in all of these functions.
func anyStack(functions ...string) bool {
	buf := make([]byte, 1<<20)
	for stack := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		all := true
		for _, f := range functions {
			all = all && strings.Contains(stack, f)
		}
		if all {
			return true
		}
	}
	return false
}

// sit makes the calling goroutine the sitter of a place of a bare pool.
func sit(w *Worker) *Worker {
	w.sitter.Store(uint64(self.Goroutine()))
	return w
}

// A stolenHalf is a join on one worker whose second half sits on another until
// it is told what to do.
type stolenHalf struct {
	joiner *Worker
	fr     *forkHead
	half   chan func(w *Worker) // what the half does; closed: it ends
	idle   chan struct{}        // the half has done it
	joined chan struct{}
}

// steal starts a join in a job of p, and returns once its second half runs
// elsewhere.
func steal(t *testing.T, p *Pool) *stolenHalf {
	t.Helper()
	s := &stolenHalf{half: make(chan func(*Worker)), idle: make(chan struct{}), joined: make(chan struct{})}
	forked, begun := make(chan struct{}), make(chan struct{})
	p.Submit(do(func(w *Worker) {
		s.joiner = w
		JoinFunc(w, func(w *Worker) int {
			s.fr = w.frames[0].head()
			close(forked)
			<-begun
			return 0
		}, func(w *Worker) int {
			<-forked
			close(begun)
			for f := range s.half {
				f(w)
				s.idle <- struct{}{}
			}
			return 0
		})
		close(s.joined)
	}))
	testkit.Receive(t, begun, "the half is stolen")
	return s
}

// in runs f inside the half.
func (s *stolenHalf) in(t *testing.T, f func(w *Worker)) {
	t.Helper()
	s.half <- f
	testkit.Receive(t, s.idle, "the half has done it")
}

func (s *stolenHalf) end(t *testing.T) {
	t.Helper()
	close(s.half)
	testkit.Receive(t, s.joined, "the join ends")
}

// forkAndWait forks g at w, and returns when g is run. It must be run by another
// worker, and the fork has to offer it by itself.
func forkAndWait(t *testing.T, w *Worker, g func(by *Worker)) {
	ran := make(chan struct{})
	JoinFunc(w, func(*Worker) int {
		testkit.Receive(t, ran, "somebody runs the fork")
		return 0
	}, func(by *Worker) int {
		g(by)
		close(ran)
		return 0
	})
}

// A joiner that sleeps wakes up for a fork that it may run. [leap-race] Q1, Q2
func TestJoinerWakesForOffer(t *testing.T) {
	for _, opts := range [][]Option{nil, {PortableParking()}, {LockThreads(false)}} {
		p := newPool(t, 2, opts...)
		s := steal(t, p)
		for range 20 {
			testkit.Eventually(t, "the joiner sleeps", func() bool { return s.fr.state.Load() == forkAsleep })
			s.in(t, func(w *Worker) {
				forkAndWait(t, w, func(by *Worker) {
					if by != s.joiner {
						t.Errorf("worker %d ran the fork", by.index)
					}
				})
			})
		}
		s.end(t)
	}
}

// The fork is offered after the joiner saw nothing, before it is in the list of
// joiners. [leap-race] J1, J2
func TestJoinerLooksOnceMore(t *testing.T) {
	p := barePool(2, 0)
	thief, joiner := sit(p.places()[0]), p.places()[1]
	var fr frame[int, int]
	fr.owner = joiner
	fr.thief.Store(thief)
	thief.mu.Lock()
	goesOn := make(chan struct{})
	go func() { sit(joiner).sleepInJoin(&fr.forkHead); close(goesOn) }()
	testkit.Eventually(t, "the joiner waits for the list", func() bool { return anyStack("sleepInJoin", "Lock") })
	thief.ask()
	Join(thief, func(*Worker, int) int {
		if thief.forkThief.Len() != 1 {
			t.Fatal("nothing on offer")
		}
		thief.mu.Unlock()
		testkit.Receive(t, goesOn, "the joiner looks")
		return 0
	}, 0, nothing, 0)
}

func nothing(*Worker, int) int { return 0 }

// A joiner that is woken finds the fork: it is offered first. [leap-race] Q1, Q2
func TestOfferComesBeforeTheWake(t *testing.T) {
	p := barePool(2, 0)
	thief, joiner := p.places()[0], p.places()[1]
	rounds := 20_000
	if testing.Short() {
		rounds = 2_000
	}
	var round, seen, blind point.Int32
	var over point.Bool
	var looking sync.WaitGroup
	thief.joiners = []*Worker{joiner}
	looking.Go(func() {
		defer over.Store(true)
		begin := time.Now() // two threads that spin on one CPU take milliseconds for a round
		for i := int32(1); i <= int32(rounds) && time.Since(begin) < 5*time.Second; i++ {
			round.Store(i)
			for n := 0; !joiner.joinParker.TryPark(); n++ {
				if n%1000 == 999 {
					runtime.Gosched()
				}
			}
			if thief.forkThief.Len() == 0 {
				blind.Inc()
			}
			seen.Store(i)
		}
	})
	looking.Go(func() {
		sit(thief)
		for i := int32(1); ; i++ {
			await := func(v *point.Int32) (came bool) {
				for n := 0; v.Load() < i && !over.Load(); n++ {
					if n%1000 == 999 {
						runtime.Gosched()
					}
				}
				return v.Load() >= i
			}
			if !await(&round) {
				return
			}
			thief.waited.Store(1)
			thief.ask()
			JoinFunc(thief, func(*Worker) int { thief.waited.Store(0); await(&seen); return 0 }, func(*Worker) int { return 0 })
		}
	})
	waitGroup(t, "all offers are made", &looking)
	if n := blind.Load(); n > 0 {
		t.Errorf("%d of %d wakes came before the fork they were for", n, seen.Load())
	}
}

func TestLeapRunsDescendantsOnly(t *testing.T) {
	p := barePool(3, 0)
	joiner, thief := sit(p.places()[0]), sit(p.places()[1])
	p.idle.tryBeginSearch(3) // somebody wants forks
	var fr frame[int, int]
	fr.owner = joiner
	leaps := func() *Job {
		j := joiner.leap(&fr.forkHead)
		if j != nil {
			joiner.protect(j)
		}
		return j
	}
	if leaps() != nil {
		t.Error("leapt to a thief that is not known")
	}
	fr.thief.Store(thief)
	if leaps() != nil {
		t.Error("leapt to a thief without forks")
	}
	if !thief.Hungry() {
		t.Error("did not ask the thief")
	}
	offered := func(test func(j *Job)) {
		thief.ask()
		Join(thief, func(*Worker, int) int {
			if thief.forkThief.Len() != 1 {
				t.Fatal("nothing on offer")
			}
			test(&thief.frames[0].head().Job)
			return 0
		}, 0, nothing, 0)
	}
	offered(func(*Job) {
		thief.helping.Store(1)
		if leaps() != nil {
			t.Error("took a fork of a job that is helped to run")
		}
		thief.helping.Store(0)
		fr.state.Store(forkDone)
		if leaps() != nil {
			t.Error("took a fork of what came after the half")
		}
		fr.state.Store(forkAsleep)
	})
	offered(func(j *Job) {
		if leaps() != j {
			t.Error("did not take a fork of the half")
		}
	})
}

// A lock may be held across a join: the joiner runs no job that wants it, though
// its thief has one on offer in Help.
func TestJoinerLeavesHelpedForksAlone(t *testing.T) {
	p := newPool(t, 2)
	s := steal(t, p)
	testkit.Eventually(t, "the joiner sleeps", func() bool { return s.fr.state.Load() == forkAsleep })
	s.in(t, func(w *Worker) {
		h := w.NewHold()
		w.Push(do(func(w *Worker) {
			JoinFunc(w, func(w *Worker) int {
				w.ask()
				Join(w, nothing, 0, nothing, 0)
				if w.forkThief.Len() == 0 {
					t.Error("nothing on offer")
				}
				s.joiner.joinParker.Unpark()
				for range 50 {
					park.Relax(1000)
					runtime.Gosched()
				}
				return 0
			}, func(by *Worker) int {
				if by == s.joiner {
					t.Error("the joiner ran a fork of another job")
				}
				return 0
			})
			h.End()
		}))
		w.Help(h)
	})
	s.end(t)
}

// A thief that found nothing is seen by the next fork. [offer-race] A1, A2, O1
func TestThiefIsSeenByNextFork(t *testing.T) {
	p := barePool(2, 0)
	owner, thief := sit(p.places()[0]), p.places()[1]
	fork := func(f func()) {
		Join(owner, func(*Worker, int) int { f(); return 0 }, 0, nothing, 0)
	}
	fork(func() {
		if owner.Hungry() || owner.forkThief.Len() != 1 {
			t.Fatal("the first fork does not stand on offer") // a new place asks
		}
		j, got := owner.forkThief.Steal() // quietly
		if got != deque.Taken {
			t.Fatal(got)
		}
		fork(func() {
			if owner.forkThief.Len() != 0 {
				t.Error("a fork was offered that nobody asked for")
			}
			if thief.stealFrom(owner, 1) != nil {
				t.Error("stole a private fork")
			}
			fork(func() {
				if owner.forkThief.Len() == 0 {
					t.Error("the thief was not seen")
				}
				if owner.Hungry() {
					t.Error("what was asked for is offered, and still wanted")
				}
			})
		})
		thief.protect(j)
	})
}

// The same, the thief at any moment of an offer: a request that the owner forgets
// while it offers is not seen by its next fork. [offer-race] O1, O2
func TestStressThiefIsSeen(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(8))
	p := barePool(2, 0)
	owner, thief := p.places()[0], p.places()[1]
	const deep = 1000
	var forked point.Int64 // forks begun; negative while joins end
	var over point.Bool
	var all sync.WaitGroup
	for range 3 { // so that the owner is put off its processor at odd moments
		all.Go(func() {
			for !over.Load() {
				park.Relax(1000)
			}
		})
	}
	all.Go(func() {
		defer over.Store(true)
		sit(owner)
		count := int64(0)
		var dive func(w *Worker, n int) int
		dive = func(w *Worker, n int) int {
			count++
			forked.Store(count)
			if n == 0 {
				forked.Store(-count)
				return 0
			}
			Join(w, dive, n-1, nothing, 0)
			return 0
		}
		rounds := 300
		if testing.Short() {
			rounds = 30
		}
		for range rounds {
			dive(owner, deep)
		}
	})
	all.Go(func() {
		for !over.Load() {
			if j := thief.stealFrom(owner, 1); j != nil {
				thief.protect(j)
				continue
			}
			at := forked.Load()
			for f := at; f > 0 && f < at+3; f = forked.Load() {
			}
			then, offers, asked := forked.Load(), owner.forkThief.Len(), owner.demand.Load()
			diving := at > 0 && (forked.Load()-1)/(deep+1) == (at-1)/(deep+1) // all the time since at
			if diving && then >= at+3 && offers == 0 && asked == 0 {
				t.Errorf("fork %d did not see the thief that came at fork %d", then, at)
				return
			}
		}
	})
	waitGroup(t, "all forks are joined", &all)
}
