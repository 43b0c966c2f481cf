// SPDX-License-Identifier: Apache-2.0

package future

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFromChan(t *testing.T) {
	t.Run("a value is there", func(t *testing.T) {
		ch := make(chan int, 2)
		ch <- 1
		ch <- 2
		k := new(task)
		require.Equal(t, Of(1), FromChan(ch).Poll(k.cx()))
		require.Len(t, ch, 1, "one value is taken")
		require.Empty(t, startedHere(t), "no goroutine is needed")
	})
	t.Run("nothing happens before the first poll", func(t *testing.T) {
		ch := make(chan int, 1)
		ch <- 1
		Drop(FromChan(ch))
		require.Len(t, ch, 1)
	})
	t.Run("a value comes", func(t *testing.T) {
		ch := make(chan int)
		f, b := FromChan(ch), newBell()
		cx := bellContext(b)
		require.False(t, f.Poll(cx).Ready)
		require.False(t, f.Poll(cx).Ready)
		require.Len(t, startedHere(t), 1)
		ch <- 3
		<-b
		require.Equal(t, Of(3), f.Poll(cx))
	})
	t.Run("closed", func(t *testing.T) {
		ch := make(chan int)
		f, b := FromChan(ch), newBell()
		cx := bellContext(b)
		require.False(t, f.Poll(cx).Ready)
		close(ch)
		<-b
		require.Equal(t, Fail[int](ErrClosed), f.Poll(cx))
		require.Equal(t, Fail[int](ErrClosed), await(FromChan(ch)))
	})
	t.Run("dropped while it waits", func(t *testing.T) {
		ch := make(chan int)
		k := new(task)
		f := FromChan(ch)
		require.False(t, f.Poll(k.cx()).Ready)
		Drop(f)
		Drop(f)
		require.Zero(t, k.alive.Load())
		require.PanicsWithValue(t, "future: FromChan"+endedSuffix, func() { f.Poll(k.cx()) })
	})
}

func TestToChan(t *testing.T) {
	w := &ward{t: t}
	for _, want := range []Poll[int]{Of(5), Fail[int](errTest)} {
		f, ch := ToChan(w.add(probe{pending: 1, answer: want}))
		k := new(task)
		require.False(t, f.Poll(k.cx()).Ready)
		require.Empty(t, ch)
		require.True(t, f.Poll(k.cx()).Ready, "without a receiver")
		require.Equal(t, want, <-ch)
		_, open := <-ch
		require.False(t, open)
	}
	f, ch := ToChan(w.value(1, 5))
	Drop(f)
	_, open := <-ch
	require.False(t, open, "dropped: closed without a value")
	w.allEnded()
}

// startedHere returns the stacks of the goroutines that the calling one has started. To
// count all would count those of earlier tests, which are on their way out.
func startedHere(t *testing.T) (started []string) {
	var me int
	all := make([]byte, 1<<20)
	all = all[:runtime.Stack(all, true)] // the caller's is the first
	_, err := fmt.Sscanf(string(all), "goroutine %d ", &me)
	require.NoError(t, err)
	by := fmt.Sprintf(" in goroutine %d\n", me)
	for stack := range strings.SplitSeq(string(all), "\n\n") {
		if strings.Contains(stack, by) {
			started = append(started, stack)
		}
	}
	return started
}

// There and back.
func TestChannelsRoundTrip(t *testing.T) {
	f, ch := ToChan(Ready(5))
	go await(f)
	require.Equal(t, Of(Of(5)), await(FromChan(ch)))
}
