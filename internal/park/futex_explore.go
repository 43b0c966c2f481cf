// SPDX-License-Identifier: Apache-2.0

//go:build explore

package park

import (
	"math"
	"time"

	"github.com/pilfer-go/pilfer/internal/explore"
	"github.com/pilfer-go/pilfer/internal/point"
)

// haveFutex says whether a Parker that is made now can sleep in a futex.
func haveFutex() bool { return explore.Exploring() }

func futexWait(word *point.Uint32, want uint32) { explore.FutexWait(word, want) }

// forever is a time that is never over.
const forever time.Duration = math.MaxInt64

// futexWaitFor is over before it begins, as it may be, unless it is to last for ever.
func futexWaitFor(word *point.Uint32, want uint32, d time.Duration) (over bool) {
	if d != forever {
		return true
	}
	explore.FutexWait(word, want)
	return false
}

func futexWake(word *point.Uint32) { explore.FutexWake(word) }
