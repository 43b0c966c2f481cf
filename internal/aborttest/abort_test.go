// SPDX-License-Identifier: Apache-2.0

package aborttest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/waker"
)

// A subject is ready at its third poll, and writes down what happens to it.
type subject struct{ log []string }

func (s *subject) Poll(cx *future.Context) future.Poll[int] {
	s.log = append(s.log, "poll")
	if len(s.log) == 3 {
		return future.Of(3)
	}
	cx.Wake()
	return future.Wait[int]()
}

func (s *subject) Drop() { s.log = append(s.log, "drop") }

// The victim is dropped once at every point of its life, and runs through at last.
func TestEachDropsEverywhere(t *testing.T) {
	var seen [][]string
	Each(t, func(t *testing.T, a *Abort) {
		s := &subject{}
		v := Victim(a, future.Future[int](s))
		var flag waker.Flag
		cx := waker.NewContext(flag.Waker())
		p := v.Poll(cx)
		for !p.Ready {
			require.True(t, flag.Take())
			p = v.Poll(cx)
		}
		require.Equal(t, a.Hit(), p.Err == ErrAborted)
		seen = append(seen, s.log)
	})
	half := [][]string{{"drop"}, {"poll", "drop"}, {"poll", "poll", "drop"}, {"poll", "poll", "poll"}}
	require.Equal(t, slices.Concat(half, half), seen)
}
