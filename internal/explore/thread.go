// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"fmt"
	"iter"
	"runtime"
	"runtime/debug"

	"github.com/pilfer-go/pilfer/internal/self"
)

// A vthread is a goroutine that runs only while the engine lets it. It is a
// coroutine, so that a switch costs 100 ns and the Go scheduler has no say.
type vthread struct {
	e     *engine
	id    int
	name  string
	g     uintptr // of its goroutine
	body  func()
	next  func() (struct{}, bool)
	yield func(struct{}) bool
	stop  func()

	op      op   // the next step
	ready   bool // op is set
	over    bool // body has returned
	woken   bool // from a futex wait
	wokenAt int32
	asleep  bool  // in one
	bed     int32 // the word of the last futex wait
	broken  bool  // its coroutine cannot be used again
	aborts  int   // steps refused since the run was given up
	left    int   // how often it was resumed to end since then
	clock   clock
	seen    []sight // words it looked at since its last spin
	started []*vthread
}

// A sight is a look at a word: at most the first at writes of it were seen.
type sight struct {
	word   int32
	writes int32
}

// abort is what a step panics with once the run is given up.
type abort struct{}

// newThread makes a coroutine that runs one body after the other.
func newThread(e *engine, id int) *vthread {
	t := &vthread{e: e, id: id}
	t.next, t.stop = iter.Pull(func(yield func(struct{}) bool) {
		t.g = self.Goroutine()
		t.yield = yield
		for t.run(); yield(struct{}{}); t.run() {
		}
	})
	return t
}

// begin makes the thread ready to run another body.
func (t *vthread) begin(name string, body func()) {
	t.name, t.body = name, body
	t.op, t.ready, t.over, t.woken, t.asleep = op{}, false, false, false, false
	t.aborts, t.left = 0, 0
	t.clock = clock{}
	t.seen, t.started = t.seen[:0], t.started[:0]
}

// run runs the body, and ends the thread however that ends.
func (t *vthread) run() {
	returned := false
	defer func() {
		if !returned {
			switch r := recover(); r.(type) {
			case nil:
				t.broken = true // runtime.Goexit: it takes the coroutine with it
			case abort:
			default:
				t.e.fail("panic", fmt.Sprintf("%s panicked: %v\n%s", t.name, r, debug.Stack()))
			}
		}
		t.e.ended(t)
	}()
	t.body()
	returned = true
}

// suspend gives control to the engine's loop, which goes on with engine.next.
//
// Caller: the thread itself.
func (t *vthread) suspend() { t.yield(struct{}{}) }

// refuse ends a thread of a run that is given up. Code that recovers from the
// panic gets a few more; then the goroutine ends.
func (t *vthread) refuse() {
	if t.aborts++; t.aborts > 100 {
		runtime.Goexit()
	}
	panic(abort{})
}

// enabled says whether the thread can take its next step.
func (t *vthread) enabled() bool {
	if t.over || !t.ready {
		return false
	}
	switch t.op.kind {
	case kindResume:
		return t.woken
	case kindJoin:
		return t.op.target.over
	case kindSpin:
		return t.spinEnds()
	}
	if g := guards[t.op.kind]; g != always {
		return g.open(t.e.words[t.op.word].bit)
	}
	return true
}

// saw notes that the thread has read a word, or written it.
func (t *vthread) saw(id int32) {
	writes := t.e.words[id].writes
	for i := range t.seen {
		if t.seen[i].word == id {
			t.seen[i].writes = writes
			return
		}
	}
	t.seen = append(t.seen, sight{id, writes})
}

// spinEnds says whether a word has changed that the thread looked at since its
// last spin: only then can another round of the loop end differently.
func (t *vthread) spinEnds() bool {
	for _, s := range t.seen {
		if t.e.words[s.word].writes != s.writes {
			return true
		}
	}
	return len(t.seen) == 0
}
