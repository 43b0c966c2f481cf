// SPDX-License-Identifier: Apache-2.0

package park

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// A wake without a permit must send the owner back to sleep. Nothing can wait
// for "it did not return", so this wakes often and looks each time: a Park that
// returns is caught as soon as its goroutine has run once.
func TestSpuriousWakes(t *testing.T) {
	p := New()
	woken := startOwner(p)
	awaitParked(p)
	for range 2000 {
		futexWake(&p.word)
		runtime.Gosched()
		select {
		case <-woken:
			t.Fatal("Park returned without a permit")
		default:
		}
		require.Equal(t, parked, p.word.Load(), "the owner woke up and did not announce its sleep again")
	}
	p.Unpark()
	<-woken
}

// A permit that comes between the announcement and the sleep must keep the owner
// awake: the kernel looks at the word.
func TestWaitReturnsAtOnceWhenWordHasChanged(t *testing.T) {
	p := New()
	p.word.Store(permit)
	futexWait(&p.word, parked) // would hang if it did not compare
}
