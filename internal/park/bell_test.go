// SPDX-License-Identifier: Apache-2.0

package park

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestBell(t *testing.T) {
	var b Bell
	b.Init()
	alarm := make(chan time.Time, 1)
	b.Ring()
	require.True(t, b.Wait(alarm, nil), "the ring lay there")
	alarm <- time.Time{}
	require.False(t, b.Wait(alarm, nil), "the alarm came")
	end := make(chan struct{})
	close(end)
	require.False(t, b.Wait(alarm, end), "the end came")
	go b.Ring()
	require.True(t, b.Wait(nil, nil), "the ring came")
}

func TestGate(t *testing.T) {
	var g Gate
	g.Init()
	require.False(t, g.IsOpen())
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	require.False(t, g.Wait(ended))
	through := make(chan bool)
	for range 2 {
		go func() { through <- g.Wait(context.Background()) }()
	}
	g.Open()
	require.True(t, <-through)
	require.True(t, <-through)
	require.True(t, g.IsOpen())
	require.True(t, g.Wait(context.Background()))
}

func TestAfterEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	called := make(chan struct{})
	stop := AfterEnd(ctx, func() { close(called) })
	cancel()
	<-called
	require.False(t, stop())
	ctx, cancel = context.WithCancel(context.Background())
	require.True(t, AfterEnd(ctx, func() { t.Error("called after stop") })())
	cancel()
}
