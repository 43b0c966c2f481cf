// SPDX-License-Identifier: Apache-2.0

package par

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

var background = context.Background()

func callFib(w *workers.Worker, n int) (int, error) { return forkFib(w, n), nil }

func forkFib(w *workers.Worker, n int) int {
	if n < 2 {
		return n
	}
	a, b := workers.Join(w, forkFib, n-1, forkFib, n-2)
	return a + b
}

func TestCallReturnsTheResult(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		n, err := call(background, rt, callFib, 15)
		require.NoError(t, err)
		require.Equal(t, 610, n)
	})
}

func TestCallMakesAPanicAnErrorWherever(t *testing.T) {
	rt := newRuntime(t, 2)
	boom := errors.New("boom")
	crash := func(*workers.Worker, none) (none, error) { panic(boom) }
	check := func(err error) {
		t.Helper()
		var p *PanicError
		require.ErrorAs(t, err, &p)
		require.ErrorIs(t, err, boom)
		require.Equal(t, -1, p.Index)
		require.Contains(t, string(p.Stack), "TestCallMakesAPanicAnErrorWherever")
	}
	_, err := call(background, rt, crash, none{})
	check(err)
	_, err = sched.Go(rt, func(cx *sched.Context) (none, error) {
		_, err := call(background, cx, crash, none{})
		check(err)
		return none{}, err
	}).Wait(background)
	check(err)
}

func TestCallAfterClose(t *testing.T) {
	rt, err := sched.New(sched.Workers(2))
	require.NoError(t, err)
	require.NoError(t, rt.Close())
	_, err = call(background, rt, callFib, 5)
	require.ErrorIs(t, err, sched.ErrClosed)
	require.PanicsWithError(t, sched.ErrClosed.Error(), func() { must(err) })
}

func TestMustGoesOnWithGoexit(t *testing.T) {
	went := make(chan bool)
	go func() {
		on := false
		defer func() { went <- on }()
		must(sched.ErrGoexit)
		on = true
	}()
	require.False(t, <-went)
	runtime.Gosched()
}
