// SPDX-License-Identifier: Apache-2.0

package park

import (
	"runtime"
	"testing"
)

// kinds are the two beds of a Parker, for benchmarks that compare them.
var kinds = []struct {
	name string
	make func() *Parker
}{
	{"system", New},
	{"portable", NewPortable},
}

// BenchmarkPingPongLocked is a round trip between two goroutines that are both
// locked to their threads, as workers are: two wakes and two sleeps.
func BenchmarkPingPongLocked(b *testing.B) {
	for _, kind := range kinds {
		b.Run(kind.name, func(b *testing.B) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			ping, pong := kind.make(), kind.make()
			over := false // guarded by the permit of ping
			done := make(chan struct{})
			go func() {
				runtime.LockOSThread()
				defer runtime.UnlockOSThread()
				defer close(done)
				for ping.Park(); !over; ping.Park() {
					pong.Unpark()
				}
			}()
			for b.Loop() {
				ping.Unpark()
				pong.Park()
			}
			over = true
			ping.Unpark()
			<-done
		})
	}
}

// BenchmarkUnparkAwake is what a wake costs when the owner does not sleep.
func BenchmarkUnparkAwake(b *testing.B) {
	for _, kind := range kinds {
		b.Run(kind.name, func(b *testing.B) {
			p := kind.make()
			for b.Loop() {
				p.Unpark()
			}
		})
	}
}

// BenchmarkPermit is Unpark and Park without a sleep.
func BenchmarkPermit(b *testing.B) {
	for _, kind := range kinds {
		b.Run(kind.name, func(b *testing.B) {
			p := kind.make()
			for b.Loop() {
				p.Unpark()
				p.Park()
			}
		})
	}
}

func BenchmarkInBubble(b *testing.B) {
	for b.Loop() {
		InBubble()
	}
}

// BenchmarkRelax reports one turn.
func BenchmarkRelax(b *testing.B) {
	for b.Loop() {
		Relax(1000)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/turn")
}
