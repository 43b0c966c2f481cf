// SPDX-License-Identifier: Apache-2.0

package self_test

import (
	"runtime"
	"sync"
	"testing"

	"github.com/pilfer-go/pilfer/internal/self"
)

// The number of locks can be read with the Go that runs the tests: else what relies
// on it would do without it unnoticed.
func TestLearns(t *testing.T) {
	switch runtime.GOARCH {
	case "amd64", "arm64", "386":
		if !self.Learn() {
			t.Fatal("the word that counts LockOSThread was not found")
		}
	default:
		if self.Learn() {
			t.Fatal("learned without a way to read")
		}
	}
}

// inLock calls f in a goroutine of its own, with the thread locked n times.
func inLock(n int, f func()) {
	var done sync.WaitGroup
	done.Go(func() {
		for range n {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
		}
		f()
	})
	done.Wait()
}

func TestNowFollowsLocks(t *testing.T) {
	if !self.Learn() {
		t.Skip("locks cannot be read on " + runtime.GOARCH)
	}
	inLock(0, func() {
		if now := self.Now(); now.Locked() || now != (self.Thread{}) {
			t.Errorf("without a lock: %+v", now)
		}
	})
	inLock(1, func() {
		one := self.Now()
		runtime.Gosched()
		if !one.Locked() || one != self.Now() {
			t.Errorf("locked: %+v, then %+v", one, self.Now())
		}
		inLock(1, func() {
			if self.Now() == one {
				t.Error("two threads are the same")
			}
		})
		inLock(0, func() {
			if self.Now().Locked() {
				t.Error("a goroutine of its own is locked")
			}
		})
		runtime.LockOSThread()
		if two := self.Now(); two == one || !two.Locked() {
			t.Errorf("locked twice: %+v, once: %+v", two, one)
		}
		if !one.Mend() || self.Now() != one {
			t.Errorf("not mended: %+v", self.Now())
		}
		runtime.UnlockOSThread()
		if !one.Mend() {
			t.Log("the goroutine has moved meanwhile")
		}
		if !self.Now().Locked() {
			t.Error("Mend does not lock")
		}
	})
}

func BenchmarkNow(b *testing.B) {
	self.Learn()
	for b.Loop() {
		self.Now()
	}
}
