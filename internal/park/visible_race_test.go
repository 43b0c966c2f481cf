// SPDX-License-Identifier: Apache-2.0

//go:build race

package park

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// A giver that finds the permit given already must still be visible to the owner
// that takes it. Only the race detector can tell, and only if nothing else puts
// the two in order: so the test waits for the givers behind the detector's back.
func TestSecondGiverIsVisible(t *testing.T) {
	for name, take := range map[string]func(*Parker){
		"Park":    (*Parker).Park,
		"TryPark": func(p *Parker) { p.TryPark() },
	} {
		t.Run(name, func(t *testing.T) {
			p, words := New(), make([]int, 2)
			for i := range words {
				var given hidden
				go func() {
					words[i] = i + 1
					p.Unpark()
					given.set()
				}()
				given.await()
			}
			take(p)
			require.Equal(t, []int{1, 2}, words) // the detector objects if unordered
		})
	}
}

// hidden is a flag that the race detector does not see.
type hidden struct{ up bool }

//go:norace
func (h *hidden) set() { h.up = true }

//go:norace
func (h *hidden) await() {
	for !h.up {
		runtime.Gosched()
	}
}
