// SPDX-License-Identifier: Apache-2.0

package timer

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
)

// next takes the next tick, and returns how long after the epoch it was to come and
// how long it had to be waited for.
func next(t *testing.T, h *host, i *Interval) (at, waited time.Duration) {
	t.Helper()
	k := new(task)
	start := h.clock.Now()
	for f := i.Tick(); ; h.pass(1) {
		if p := f.Poll(h.cx(k, -1)); p.Ready {
			require.NoError(t, p.Err)
			return p.Value.Sub(epoch), h.clock.Now().Sub(start)
		}
	}
}

func TestInterval(t *testing.T) {
	for _, c := range []struct {
		missed Missed
		at     []time.Duration // after the third tick is 25 late
		waited []time.Duration
	}{
		{Burst, []time.Duration{10, 20, 30, 40, 50, 60, 70}, []time.Duration{10, 10, 0, 0, 0, 5, 10}},
		{Delay, []time.Duration{10, 20, 30, 65, 75, 85, 95}, []time.Duration{10, 10, 0, 10, 10, 10, 10}},
		{Skip, []time.Duration{10, 20, 30, 60, 70, 80, 90}, []time.Duration{10, 10, 0, 5, 10, 10, 10}},
	} {
		h := newHost()
		i := Every(10).OnMissed(c.missed)
		for n := range c.at {
			if n == 2 {
				h.pass(35)
			}
			at, waited := next(t, h, i)
			assert.Equal(t, c.at[n], at, "%v: tick %d", c.missed, n)
			assert.Equal(t, c.waited[n], waited, "%v: tick %d", c.missed, n)
		}
		assert.Equal(t, 0, h.queue.Len())
	}
}

func TestOnMissedRefusesWhatItDoesNotKnow(t *testing.T) {
	require.PanicsWithValue(t, "timer: unknown Missed 3 given to OnMissed", func() { Every(10).OnMissed(Skip + 1) })
}

func TestIntervalFrom(t *testing.T) {
	h := newHost()
	h.pass(100)
	i := EveryFrom(epoch.Add(150), 10)
	at, waited := next(t, h, i)
	assert.Equal(t, []time.Duration{150, 50}, []time.Duration{at, waited})
	i = EveryFrom(epoch.Add(20), 100).OnMissed(Skip)
	at, waited = next(t, h, i)
	assert.Equal(t, []time.Duration{20, 0}, []time.Duration{at, waited})
	at, waited = next(t, h, i)
	assert.Equal(t, []time.Duration{220, 70}, []time.Duration{at, waited})
}

func TestIntervalReset(t *testing.T) {
	h := newHost()
	i := Every(10)
	next(t, h, i)
	h.pass(5)
	i.Reset()
	at, _ := next(t, h, i)
	assert.EqualValues(t, 25, at)
}

// TestTickDropped: the rhythm goes on.
func TestTickDropped(t *testing.T) {
	h, k := newHost(), new(task)
	i := Every(10)
	f := i.Tick()
	f.Poll(h.cx(k, -1))
	h.pass(3)
	future.Drop(f)
	assert.Equal(t, 0, h.queue.Len())
	assert.PanicsWithValue(t, "timer: Interval's Tick polled after it was ready or dropped", func() { f.Poll(h.cx(k, -1)) })
	at, waited := next(t, h, i)
	assert.Equal(t, []time.Duration{10, 7}, []time.Duration{at, waited})
}

func TestTickWithoutBudget(t *testing.T) {
	h, k := newHost(), new(task)
	i := Every(10)
	f := i.Tick()
	f.Poll(h.cx(k, -1))
	h.pass(10)
	k.woken()
	assert.False(t, f.Poll(h.cx(k, 0)).Ready)
	assert.Equal(t, 1, k.woken())
	p := f.Poll(h.cx(k, 1))
	require.True(t, p.Ready)
	assert.Equal(t, epoch.Add(10), p.Value)
}

func TestIntervalCostsNoAllocation(t *testing.T) {
	h, k := newHost(), new(task)
	i, cx := Every(10), h.cx(k, -1)
	assert.EqualValues(t, 0, testing.AllocsPerRun(100, func() {
		f := i.Tick()
		f.Poll(cx)
		future.Drop(f)
	}))
}
