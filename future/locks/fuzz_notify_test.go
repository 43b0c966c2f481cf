// SPDX-License-Identifier: Apache-2.0

package locks_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future/locks"
)

// A bulletin is a Notify that is obviously right.
type bulletin struct {
	kept  bool
	line  []int
	alone [twinWaiters]bool // told by One, and does not know yet
	all   [twinWaiters]bool // told by All
}

func (n *bulletin) one() {
	if len(n.line) == 0 {
		n.kept = true
		return
	}
	n.alone[n.line[0]] = true
	n.line = n.line[1:]
}

func (n *bulletin) tellAll() int {
	for _, i := range n.line {
		n.all[i] = true
	}
	told := len(n.line)
	n.line = nil
	return told
}

func (n *bulletin) poll(i int) bool {
	switch {
	case n.alone[i] || n.all[i]:
		n.alone[i], n.all[i] = false, false
		return true
	case slices.Contains(n.line, i):
		return false
	case n.kept:
		n.kept = false
		return true
	}
	n.line = append(n.line, i)
	return false
}

func (n *bulletin) giveUp(i int) {
	if at := slices.Index(n.line, i); at >= 0 {
		n.line = slices.Delete(n.line, at, at+1)
	}
	alone := n.alone[i]
	n.alone[i], n.all[i] = false, false
	if alone {
		n.one()
	}
}

// A script is bytes: who, and what it does: it polls, with its own waker or that of
// another task, or gives up; or somebody calls One or All.
func FuzzNotifyAgainstTwin(f *testing.F) {
	for _, script := range []string{"", "\x00\x0f\x00", "\x00\x01\x02\x0f\x0f\x00\x01", "\x00\x01\x05\x06\x0f\x0a\x01", "\x0f\x0f\x00\x00\x01\x14\x01", "\x00\x05\x0f\x0a\x00"} {
		f.Add([]byte(script))
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		var slow bulletin
		var fast locks.Notify
		var waiters [twinWaiters]locks.Waiter
		var hands [twinWaiters][2]*hand // each task may move to another waker
		var latest [twinWaiters]int
		for i := range hands {
			hands[i] = [2]*hand{newHand(), newHand()}
		}
		for step, b := range script {
			i, op := int(b)%twinWaiters, int(b)/twinWaiters%5
			what := fmt.Sprintf("step %d of %q: waiter %d, op %d", step, script, i, op)
			switch op {
			case 0, 1:
				latest[i] = op
				require.Equal(t, slow.poll(i), fast.Poll(hands[i][op].cx, &waiters[i]), what)
			case 2:
				slow.giveUp(i)
				waiters[i].Cancel()
			case 3:
				slow.one()
				fast.One()
			case 4:
				require.Equal(t, slow.tellAll(), fast.All(), what)
			}
			for j := range hands {
				if h := hands[j][latest[j]]; slow.alone[j] || slow.all[j] {
					require.True(t, h.flag.IsSet(), "%s: waiter %d was told and not woken", what, j)
				}
				if !slow.alone[j] && !slow.all[j] {
					hands[j][0].woken()
					hands[j][1].woken()
				}
			}
		}
	})
}
