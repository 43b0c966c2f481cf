// SPDX-License-Identifier: Apache-2.0

package tick_test

import (
	"testing"
	"time"

	"github.com/pilfer-go/pilfer/internal/tick"
)

// A clock that stands still or runs a hundred times too fast would make every loop
// small, or none.
func TestTicksAreRoughlyTime(t *testing.T) {
	for range 20 { // a thread may have moved to another CPU meanwhile
		began, start := time.Now(), tick.Now()
		for time.Since(began) < time.Millisecond {
		}
		took, ticks := time.Since(began), tick.Now()-start
		if n := ticks / took.Microseconds(); n >= tick.Microsecond/10 && n <= 10*tick.Microsecond {
			return
		}
		t.Logf("%d ticks in %v", ticks, took)
	}
	t.Error("ticks have nothing to do with time")
}

var sink int64

func BenchmarkNow(b *testing.B) {
	b.Run("of=tick", func(b *testing.B) {
		for b.Loop() {
			sink += tick.Now()
		}
	})
	began := time.Now()
	b.Run("of=time.Since", func(b *testing.B) {
		for b.Loop() {
			sink += int64(time.Since(began))
		}
	})
}
