// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"fmt"

	"github.com/pilfer-go/pilfer/internal/point"
)

// An outsideWord counts what runs outside the pool and can finish tasks or
// spawn them: blocking functions, callers that poll a task without a place,
// waits inside tasks. The epoch counts the beginnings: if the word is the same
// as before and the count zero, nothing ran in between.
//
//	63         32 31          0
//	+------------+------------+
//	|   epoch    |   count    |
//	+------------+------------+
type outsideWord uint64

const (
	oneOutside      outsideWord = 1
	oneOutsideEpoch outsideWord = 1 << 32
)

func (w outsideWord) count() int { return int(uint32(w)) }

func (w outsideWord) String() string { return fmt.Sprintf("epoch=%d count=%d", w>>32, w.count()) }

// An outsideCount is the word, shared.
type outsideCount struct {
	// word is an outsideWord.
	// Writers: any, by addition. Invariant: as many ends as beginnings, or fewer.
	word point.Uint64
}

func (c *outsideCount) load() outsideWord { return outsideWord(c.word.Load()) }

// beginOutside says that something begins to run outside the pool. Whoever does
// not own a task of the runtime reads closing after it.
//
// Caller: any; doneOutside follows.
func (rt *Runtime) beginOutside() {
	rt.busyOutside.word.Add(uint64(oneOutside + oneOutsideEpoch))
}

// doneOutside ends what beginOutside began. If that was all that Close waited
// for, somebody in the pool must notice.
//
// Caller: who called beginOutside.
func (rt *Runtime) doneOutside() {
	rt.busyOutside.word.Sub(uint64(oneOutside))  // [quiet-race] O1
	if rt.closing.Load() || rt.clock.Virtual() { // [quiet-race] O2
		rt.pool.Nudge()
	}
}
