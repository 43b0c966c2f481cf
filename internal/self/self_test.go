// SPDX-License-Identifier: Apache-2.0

package self_test

import (
	"runtime"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/internal/self"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(testkit.Settled(m)) }

func TestGoroutinesDiffer(t *testing.T) {
	if self.Goroutine() == 0 {
		t.Log("goroutines cannot be told apart on " + runtime.GOARCH)
		return
	}
	const n = 100
	var (
		mu   sync.Mutex
		seen = map[uintptr]bool{self.Goroutine(): true}
		in   sync.WaitGroup
		out  = make(chan struct{})
		done sync.WaitGroup
	)
	for range n {
		in.Add(1)
		done.Go(func() {
			mine := self.Goroutine()
			mu.Lock()
			seen[mine] = true
			mu.Unlock()
			in.Done()
			<-out // so that none takes over the descriptor of one that ended
		})
	}
	in.Wait()
	close(out)
	done.Wait()
	if len(seen) != n+1 {
		t.Errorf("%d identities for %d goroutines", len(seen), n+1)
	}
}

func grow(n int) int {
	var page [1024]byte
	page[n%1024] = 1
	if n == 0 {
		return int(page[0])
	}
	return grow(n-1) + int(page[1])
}

func TestStaysTheSame(t *testing.T) {
	before := self.Goroutine()
	grow(1000) // moves the stack
	runtime.Gosched()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if after := self.Goroutine(); after != before {
		t.Errorf("identity changed from %#x to %#x", before, after)
	}
}

func BenchmarkGoroutine(b *testing.B) {
	for b.Loop() {
		self.Goroutine()
	}
}
