// SPDX-License-Identifier: Apache-2.0

package aborttest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/pilfer-go/pilfer/future"
)

// ErrAborted is the error of a victim that was dropped.
var ErrAborted = errors.New("aborttest: dropped")

// tooMany ends a scenario whose victim never comes to an end.
const tooMany = 1000

// An Abort says when the victim of a scenario is dropped.
type Abort struct {
	after  int  // after so many polls
	onWake bool // not before it was woken

	used, hit bool
}

// Each runs scenario with an Abort after 0, 1, 2, ... polls, up to a run in which
// the victim was ready before. It does so for both ways to drop.
//
// Caller: a test.
func Each(t *testing.T, scenario func(t *testing.T, a *Abort)) {
	t.Helper()
	for _, onWake := range []bool{false, true} {
		for n := 0; ; n++ {
			a := &Abort{after: n, onWake: onWake}
			t.Run(a.String(), func(t *testing.T) { scenario(t, a) })
			if !a.used {
				t.Fatal("aborttest: the scenario has no victim, or never polled it")
			}
			if t.Failed() || !a.hit {
				break
			}
			if n == tooMany {
				t.Fatalf("aborttest: the victim is not ready after %d polls", n)
			}
		}
	}
}

func (a *Abort) String() string {
	how := "at once"
	if a.onWake {
		how = "when woken"
	}
	return fmt.Sprintf("after poll %d %s", a.after, how)
}

// Hit reports whether the victim was dropped.
//
// Caller: the scenario, after its run.
func (a *Abort) Hit() bool { return a.hit }

// Victim returns a future that ends as f does, unless a says that it is dropped
// first; then it fails with [ErrAborted]. There is one victim for each Abort.
//
// Caller: the scenario, once.
func Victim[T any](a *Abort, f future.Future[T]) future.Future[T] {
	return &victim[T]{a: a, f: f}
}

type victim[T any] struct {
	a     *Abort
	f     future.Future[T]
	polls int
}

// Poll polls f or drops it.
//
// Caller: owner.
func (v *victim[T]) Poll(cx *future.Context) future.Poll[T] {
	v.a.used = true
	if v.polls == v.a.after && (v.a.onWake || v.polls == 0) {
		return v.drop()
	}
	p := v.f.Poll(cx)
	v.polls++
	if !p.Ready && v.polls == v.a.after && !v.a.onWake {
		return v.drop()
	}
	return p
}

func (v *victim[T]) drop() future.Poll[T] {
	v.a.hit = true
	future.Drop(v.f)
	return future.Fail[T](ErrAborted)
}

// Drop drops f.
//
// Caller: owner.
func (v *victim[T]) Drop() { future.Drop(v.f) }
