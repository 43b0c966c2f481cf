// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"
)

// Patience is how long a test waits for what must come: a lost wake-up shows as a
// test that waits for ever. Nothing waits for it to pass unless the test fails, so it
// is as long as a slow machine with much else to do may take.
const Patience = 2 * time.Minute

// Within returns a context that ends when the test has lost its patience.
func Within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	t.Cleanup(cancel)
	return ctx
}

// Ended returns a context that has ended.
func Ended() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// Receive waits for ch to deliver or be closed, and fails the test with all stacks
// if nothing comes.
func Receive[T any](t testing.TB, ch <-chan T, what string) T {
	t.Helper()
	late := time.NewTimer(Patience)
	defer late.Stop()
	select {
	case v := <-ch:
		return v
	case <-late.C:
		t.Fatalf("%s: nothing came for %v\n%s", what, Patience, stacks())
		panic("unreachable")
	}
}

// Background calls f on another goroutine; the function it returns waits for it.
func Background(t testing.TB, f func()) (wait func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	return func() { t.Helper(); Receive(t, done, "goroutine") }
}

// WaitAll waits for the group, and fails the test with all stacks if it hangs; what,
// if there is one, tells more.
func WaitAll(t testing.TB, wg *sync.WaitGroup, what func() string) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		wg.Wait()
		close(done)
	}()
	late := time.NewTimer(2 * Patience)
	defer late.Stop()
	select {
	case <-done:
	case <-late.C:
		more := ""
		if what != nil {
			more = what()
		}
		t.Fatalf("somebody waits for ever %s\n%s", more, stacks())
	}
}

// Eventually waits until cond holds, giving way between looks.
func Eventually(t testing.TB, what string, cond func() bool) {
	t.Helper()
	for start := time.Now(); !cond(); runtime.Gosched() {
		if time.Since(start) > Patience {
			t.Fatalf("waited in vain until %s\n%s", what, stacks())
		}
	}
}

// stacks returns the stacks of all goroutines.
func stacks() []byte {
	buf := make([]byte, 1<<20)
	return buf[:runtime.Stack(buf, true)]
}
