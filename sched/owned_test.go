// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
)

// here names the line of its caller.
func here() string {
	_, file, line, _ := runtime.Caller(1)
	return fmt.Sprintf("%s:%d", file, line)
}

func TestOwnedMovesIntoTask(t *testing.T) {
	rt := newRuntime(t, 1)
	o := sched.Own([]int{1, 2})
	*o.Value() = append(*o.Value(), 3)
	var at string
	h := func() sched.JoinHandle[int] {
		at = here()
		return sched.GoOwned(rt, o, func(_ *sched.Context, v []int) (int, error) { return len(v), nil })
	}()
	assert.Equal(t, 3, value(t, h))
	wantMoved(t, at, "[]int", func() { o.Value() })
	wantMoved(t, at, "[]int", func() { o.Take() })
}

func TestOwnedTakeNamesTheCaller(t *testing.T) {
	o := sched.Own(3)
	v, at := o.Take(), here()
	assert.Equal(t, 3, v)
	wantPlace(t, at, "int", func() { o.Take() })
}

// wantMoved wants f to panic and to name the line after at.
func wantMoved(t *testing.T, at, typ string, f func()) {
	t.Helper()
	var line int
	colon := len(at) - 1
	for at[colon] != ':' {
		colon--
	}
	_, err := fmt.Sscan(at[colon+1:], &line)
	require.NoError(t, err)
	wantPlace(t, fmt.Sprintf("%s:%d", at[:colon], line+1), typ, f)
}

func wantPlace(t *testing.T, at, typ string, f func()) {
	t.Helper()
	assert.PanicsWithError(t, fmt.Sprintf("pilfer: use of an owned %s after it was moved at %s", typ, at), f)
}

// TestOwnedTakenByManyAtOnce: one gets the value, the others panic.
func TestOwnedTakenByManyAtOnce(t *testing.T) {
	for range 50 {
		o := sched.Own("one")
		var got, panicked point.Int32
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				defer func() {
					if recover() != nil {
						panicked.Inc()
					}
				}()
				if o.Take() == "one" {
					got.Inc()
				}
			})
		}
		wg.Wait()
		assert.EqualValues(t, 1, got.Load())
		assert.EqualValues(t, 3, panicked.Load())
	}
}
