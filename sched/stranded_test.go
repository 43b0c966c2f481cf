// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/sched"
)

// lockedBuffer is what a logger may write to from a worker while a test reads.
type lockedBuffer struct {
	lock chan struct{}
	buf  bytes.Buffer
}

func newLockedBuffer() *lockedBuffer { return &lockedBuffer{lock: make(chan struct{}, 1)} }

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.lock <- struct{}{}
	defer func() { <-b.lock }()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.lock <- struct{}{}
	defer func() { <-b.lock }()
	return b.buf.String()
}

func TestStrandedTaskIsReported(t *testing.T) {
	out := newLockedBuffer()
	rt, err := sched.New(sched.Workers(1), sched.ReportEvery(time.Hour),
		sched.Watchdog(time.Hour, slog.New(slog.NewTextHandler(out, nil))))
	require.NoError(t, err)

	waits := future.NewPromise[int]()
	held := sched.Spawn(rt, waits.Future())
	first := sched.SpawnWith(rt, future.Pending[int](), sched.Named("first"))
	second := sched.SpawnWith(rt, future.Pending[int](), sched.Named("second"))
	for rt.Metrics().Polls < 3 { // counters of a busy worker lag
		require.NoError(t, rt.Run(t.Context(), func(*sched.Context) error { return nil }))
	}
	first.Abort()
	second.Abort()
	waits.Resolve(1)
	_, err = held.Wait(t.Context())
	require.NoError(t, err)
	require.NoError(t, rt.Close())

	require.Contains(t, out.String(), "task=first")
	require.NotContains(t, out.String(), "task=second", "within the interval")
	require.Equal(t, 1, bytes.Count([]byte(out.String()), []byte("nothing will wake it")))
}
