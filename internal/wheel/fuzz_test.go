// SPDX-License-Identifier: Apache-2.0

package wheel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// A twin does what a Wheel does, in a slice, slowly.
type twin struct {
	shift   uint8
	waiting []*entry // in the order of insertion
	come    uint64   // the tick up to which all have expired
}

func (w *twin) tick(when int64) uint64 {
	t := uint64(when) >> w.shift
	if t<<w.shift != uint64(when) {
		t++
	}
	return t
}

// next returns the entry that expires first.
func (w *twin) next() *entry {
	if len(w.waiting) == 0 {
		return nil
	}
	return slices.MinFunc(w.waiting, func(a, b *entry) int {
		switch x, y := w.tick(a.When), w.tick(b.When); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
}

func (w *twin) remove(e *entry) bool {
	i := slices.Index(w.waiting, e)
	if i < 0 {
		return false
	}
	w.waiting = slices.Delete(w.waiting, i, i+1)
	return true
}

// play runs a script on a wheel and its twin. If whole is set, time goes on only
// as far as everything that is due has expired, and then the order is exact; else
// the wheel stops anywhere.
func play(t *testing.T, script []byte, shift uint8, whole bool) {
	w, slow := New[int](shift%30), &twin{shift: shift % 30}
	if shift >= 30 {
		w.pace = shift / 30 % 4 // two entries are a crowd
		shift %= 30
	}
	var now int64
	var all []*entry
	number := 0
	take := func() int {
		if len(script) == 0 {
			return 0
		}
		b := script[0]
		script = script[1:]
		return int(b)
	}
	// span makes a time span of any order of magnitude out of two bytes.
	span := func() int64 { return int64(take()+1) << (take() % 56) }
	step := func(limit int) {
		for range limit {
			e, more := w.Step(now)
			if !more {
				first := slow.next()
				require.True(t, first == nil || slow.tick(first.When) > uint64(now)>>shift, "the wheel forgot one")
				slow.come = uint64(now) >> shift
				return
			}
			if e == nil {
				continue
			}
			require.LessOrEqual(t, slow.tick(e.When), uint64(now)>>shift, "too early")
			first := slow.next()
			if whole {
				require.Same(t, first, e, "order")
			} else {
				require.Equal(t, slow.tick(first.When), slow.tick(e.When), "order of ticks")
			}
			require.True(t, slow.remove(e))
			require.False(t, e.Linked())
		}
	}
	for len(script) > 0 {
		switch op := take() % 8; op {
		case 0, 1, 2:
			e := &entry{When: now, Value: number}
			number++
			if d := span(); e.When <= math.MaxInt64-d {
				e.When += d
			} else {
				e.When = math.MaxInt64
			}
			if w.Insert(e, now) {
				slow.waiting = append(slow.waiting, e)
				all = append(all, e)
			} else {
				require.LessOrEqual(t, slow.tick(e.When), uint64(now)>>shift, "refused in vain")
			}
		case 3, 4:
			if len(all) > 0 {
				e := all[take()%len(all)]
				require.Equal(t, slow.remove(e), w.Remove(e))
			}
		default:
			if d := span(); op < 7 && now <= math.MaxInt64-d {
				now += d
			}
			if whole {
				step(math.MaxInt)
			} else {
				step(take())
			}
		}
		require.Equal(t, len(slow.waiting), w.Len())
		if first := slow.next(); first != nil {
			at := int64(min(slow.tick(first.When)<<shift, math.MaxInt64))
			require.LessOrEqual(t, w.Next(), at)
			if len(slow.waiting) == 1 && w.due == nil && w.pace == aheadPace {
				require.Equal(t, at, w.Next(), "a lone entry")
			}
		} else {
			require.Equal(t, Never, w.Next())
		}
	}
	now = math.MaxInt64
	step(math.MaxInt)
	for _, e := range slow.waiting { // only those whose tick is the end of time
		require.Greater(t, slow.tick(e.When), uint64(now)>>shift)
	}
}

func FuzzAgainstTwin(f *testing.F) {
	rng := rand.New(rand.NewPCG(7, 0))
	for i := range 200 {
		script := make([]byte, 20+rng.IntN(600))
		for j := range script {
			script[j] = byte(rng.Uint32())
		}
		f.Add(script, uint8(i%240), i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, script []byte, shift uint8, whole bool) {
		play(t, script, shift, whole)
	})
}
