// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"testing"
	"unsafe"

	"github.com/pilfer-go/pilfer/internal/point"
)

func word(searching, parked int) idleWord {
	return oneSearching*idleWord(searching) + oneParked*idleWord(parked)
}

func TestIdleWordCounts(t *testing.T) {
	w := word(3, maxWorkers) + 5*oneEpoch
	if w.searching() != 3 || w.parked() != maxWorkers {
		t.Errorf("got %d searching, %d parked", w.searching(), w.parked())
	}
	if got, want := w.String(), "epoch=5 searching=3 parked=4096"; got != want {
		t.Errorf("String: got %q, want %q", got, want)
	}
	if maxWorkers > 1<<15 {
		t.Error("the counts do not fit their fields")
	}
}

func TestQuietAndBusy(t *testing.T) {
	for _, c := range []struct {
		searching, parked int
		quiet, busy       bool
	}{
		{0, 0, false, true}, // all run jobs: nobody to wake
		{0, 1, true, false},
		{0, maxWorkers, true, false},
		{1, 0, false, false},
		{1, 1, false, false}, // the searcher will find it
		{2, 5, false, false},
	} {
		for _, epoch := range []idleWord{0, oneEpoch, (1<<32 - 1) * oneEpoch} {
			w := word(c.searching, c.parked) + epoch
			if w.quiet() != c.quiet || w.busy() != c.busy {
				t.Errorf("%v: quiet %v, busy %v; want %v, %v", w, w.quiet(), w.busy(), c.quiet, c.busy)
			}
		}
	}
}

func TestThrottle(t *testing.T) {
	for _, c := range []struct {
		workers, searching, parked int
		may                        bool
	}{
		{1, 0, 0, true},
		{2, 0, 0, true},
		{2, 1, 0, false}, // half of two
		{2, 0, 1, true},
		{3, 1, 0, true},
		{3, 2, 0, false},
		{8, 3, 0, true},
		{8, 4, 0, false},
		{8, 1, 6, false}, // half of those that are awake
		{8, 1, 5, true},
		{1, 0, 1, false}, // a place beyond the size, after a Resize
		{1, 0, 2, false},
	} {
		var s idleSet
		s.word.Store(uint64(word(c.searching, c.parked)))
		if got := s.tryBeginSearch(c.workers); got != c.may {
			t.Errorf("%d workers, %v: got %v, want %v", c.workers, word(c.searching, c.parked), got, c.may)
		}
		want := c.searching
		if c.may {
			want++
		}
		if got := s.load().searching(); got != want {
			t.Errorf("%d workers: %d searching afterwards, want %d", c.workers, got, want)
		}
	}
}

func TestSearchEnds(t *testing.T) {
	var s idleSet
	s.word.Store(uint64(word(2, 0)))
	if s.endSearch() {
		t.Error("the first of two searchers is not the last")
	}
	if !s.endSearch() {
		t.Error("the second of two searchers is the last")
	}
}

func TestAnnounceParkEndsTheSearch(t *testing.T) {
	var s idleSet
	s.word.Store(uint64(word(2, 0)))
	if got := s.announcePark(70, true); got != word(1, 1) {
		t.Errorf("a searcher parks: %v", got)
	}
	if got := s.announcePark(3, false); got != word(1, 2) {
		t.Errorf("another parks: %v", got)
	}
	if !s.isParked(70) || !s.isParked(3) || s.isParked(6) {
		t.Error("the wrong places are parked")
	}
}

func TestReservations(t *testing.T) {
	var s idleSet
	if s.reserve(0) || s.reserveToWake() {
		t.Fatal("reserved a place where none is parked")
	}
	s.announcePark(0, false)
	s.announcePark(1, false)
	before := s.load()
	if !s.reserve(oneSearching) {
		t.Fatal("could not reserve")
	}
	if got := s.load(); got.parked() != 1 || got.searching() != 1 {
		t.Errorf("after a reservation: %v", got)
	}
	if s.reserveToWake() {
		t.Error("woke a second worker beside a searcher")
	}
	after := s.giveBack(oneSearching)
	if uint32(after) != uint32(before) {
		t.Errorf("given back: %v, want the counts of %v", after, before)
	}
	if after == before {
		t.Error("a reservation leaves no trace, so Asleep would not see it")
	}
}

func TestChooseTakesTheLowestOnce(t *testing.T) {
	p := barePool(130, 0)
	for _, i := range []int{129, 64, 2, 63} {
		p.idle.announcePark(i, false)
	}
	for _, want := range []int{2, 63, 64, 129} {
		if !p.idle.reserve(0) {
			t.Fatal("could not reserve")
		}
		if got := p.idle.choose(p).index; got != want {
			t.Errorf("chose %d, want %d", got, want)
		}
	}
	if p.idle.reserve(0) || p.take(p.places()[2]) {
		t.Error("a place was there twice")
	}
}

// A place whose bit is set must not be missed because another goroutine has
// reserved one: [recall-race], [retire-race] and [handover-race] rest on it.
func TestTakeWaitsForReservations(t *testing.T) {
	p := barePool(2, 1)
	p.idle.reserve(0) // another goroutine, which wants place 1
	took := make(chan bool, 1)
	go func() { took <- p.take(p.places()[0]) }()
	yields()
	select {
	case got := <-took:
		t.Fatalf("take returned %v while the bit was set and nothing could be reserved", got)
	default:
	}
	p.idle.giveBack(0)
	if !<-took {
		t.Fatal("take missed a parked place")
	}
	if p.take(p.places()[1]) {
		t.Fatal("took a place that is not parked")
	}
}

// On 32-bit machines 64-bit atomics panic unless they are aligned; see point.Uint64.
func TestAlignment(t *testing.T) {
	var (
		w Worker
		p Pool
	)
	for name, at := range map[string]uintptr{
		"Worker.sitter":           unsafe.Offsetof(w.sitter),
		"Worker.published":        unsafe.Offsetof(w.published),
		"Pool.idle.word":          unsafe.Offsetof(p.idle) + unsafe.Offsetof(p.idle.word),
		"Pool.idle.mask":          unsafe.Offsetof(p.idle) + unsafe.Offsetof(p.idle.mask),
		"Pool.pressure":           unsafe.Offsetof(p.pressure),
		"an element of published": unsafe.Sizeof(point.Uint64{}),
	} {
		if at%8 != 0 {
			t.Errorf("%s is at offset %d", name, at)
		}
	}
}
