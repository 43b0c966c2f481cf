// SPDX-License-Identifier: Apache-2.0

//go:build explore

package park

import (
	"time"

	"github.com/pilfer-go/pilfer/internal/explore"
	"github.com/pilfer-go/pilfer/internal/point"
)

// haveFutex says whether a Parker that is made now can sleep in a futex.
func haveFutex() bool { return explore.Exploring() }

func futexWait(word *point.Uint32, want uint32) { explore.FutexWait(word, want) }

// futexWaitFor is over before it begins, as it may be.
func futexWaitFor(*point.Uint32, uint32, time.Duration) (over bool) { return true }

func futexWake(word *point.Uint32) { explore.FutexWake(word) }
