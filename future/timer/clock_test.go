// SPDX-License-Identifier: Apache-2.0

package timer

import (
	"math"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/testkit"
)

func TestClockByHand(t *testing.T) {
	c := NewClock(epoch)
	assert.Equal(t, epoch, c.Now())
	c.Advance(0)
	c.Advance(time.Hour)
	assert.Equal(t, epoch.Add(time.Hour), c.Now())
	c.AdvanceTo(epoch.Add(time.Hour))
	c.AdvanceTo(epoch.Add(2 * time.Hour))
	assert.Equal(t, epoch.Add(2*time.Hour), c.Now())
	assert.Equal(t, c.Now(), c.Time(c.Instant()))
	assert.PanicsWithValue(t, "timer: Clock.Advance by -1ns: a clock does not go back", func() { c.Advance(-1) })
	assert.PanicsWithValue(t, "timer: Clock.AdvanceTo 2030-01-01 00:00:00 +0000 UTC, before 2030-01-01 02:00:00 +0000 UTC: a clock does not go back",
		func() { c.AdvanceTo(epoch) })
	assert.Equal(t, epoch.Add(2*time.Hour), c.Now(), "as before the misuse")
	c.Advance(math.MaxInt64)
	assert.Equal(t, Never, c.Instant(), "the end of time")
	c.Advance(math.MaxInt64)
	assert.Equal(t, Never, c.Instant())
}

func TestClockRunsAndStands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewClock(epoch)
		told := 0
		stop := c.Watch(func() { told++ })
		time.Sleep(time.Second)
		assert.Equal(t, epoch, c.Now())
		at := c.Instant() + 10
		d, runs := c.Until(at)
		assert.False(t, runs)
		assert.EqualValues(t, 10, d)
		c.Resume()
		time.Sleep(time.Second)
		c.Advance(time.Hour)
		time.Sleep(time.Second)
		assert.Equal(t, epoch.Add(time.Hour+2*time.Second), c.Now())
		d, runs = c.Until(c.Instant() + 7)
		assert.True(t, runs)
		assert.EqualValues(t, 7, d)
		c.Pause()
		time.Sleep(time.Second)
		assert.Equal(t, epoch.Add(time.Hour+2*time.Second), c.Now())
		_, runs = c.Until(at)
		assert.True(t, runs, "it is over")
		assert.Equal(t, 3, told)
		stop()
		c.Advance(1)
		assert.Equal(t, 3, told)
	})
}

func TestRealClock(t *testing.T) {
	const refused = " of the system's clock; use one of NewClock"
	for method, call := range map[string]func(){
		"Advance":     func() { Real().Advance(1) },
		"AdvanceTo":   func() { Real().AdvanceTo(time.Now()) },
		"Pause":       Real().Pause,
		"Resume":      Real().Resume,
		"AutoAdvance": func() { Real().AutoAdvance(true) },
	} {
		assert.PanicsWithValue(t, "timer: Clock."+method+refused, call)
	}
	assert.WithinDuration(t, time.Now(), Real().Now(), time.Minute)
	Real().Watch(nil)()
	synctest.Test(t, func(t *testing.T) {
		assert.Equal(t, time.Now(), Real().Now().Local().Round(0))
		before := Real().Instant()
		time.Sleep(time.Hour)
		assert.EqualValues(t, time.Hour, Real().Instant()-before)
		assert.Equal(t, Real().Instant(), instantOf(time.Now()))
	})
}

func TestAutoAdvance(t *testing.T) {
	c := NewClock(epoch)
	at := c.Instant() + 5
	assert.False(t, c.Idle(at), "not told to")
	c.AutoAdvance(true)
	assert.False(t, c.Idle(Never))
	assert.True(t, c.Idle(at))
	assert.Equal(t, at, c.Instant())
	assert.True(t, c.Idle(at), "its timers are due")
	assert.False(t, c.Idle(at-1))
	c.AutoAdvance(false)
	assert.False(t, c.Idle(at+1))
	assert.False(t, Real().Idle(Never-1))

	const one = "timer: a clock with AutoAdvance serves one executor only"
	stop := c.Watch(func() {})
	c.AutoAdvance(true)
	assert.PanicsWithValue(t, one, func() { c.Watch(func() {}) })
	c.AutoAdvance(false)
	c.Watch(func() {})
	assert.PanicsWithValue(t, "timer: Clock.AutoAdvance of a clock that serves several executors", func() { c.AutoAdvance(true) })
	assert.False(t, c.Auto())
	stop()
	c.AutoAdvance(true)
}

// TestRunningClockKeepsTime, however often it is set.
func TestRunningClockKeepsTime(t *testing.T) {
	c := NewClock(epoch)
	c.Resume()
	first := c.Instant()
	from := time.Now()
	for range 2000 {
		c.Advance(0)
		c.Resume()
	}
	passed := time.Since(from)
	require.GreaterOrEqual(t, time.Duration(c.Instant()-first), passed)
}

// TestSettleWaitsForAJump: who has settled during a jump reads the time after it.
func TestSettleWaitsForAJump(t *testing.T) {
	c := NewClock(epoch)
	c.AutoAdvance(true)
	assert.False(t, c.IdleIf(func() Instant { return Never }))
	at := c.Instant() + 5
	read := make(chan Instant, 1)
	assert.True(t, c.IdleIf(func() Instant {
		begun := make(chan bool)
		go func() {
			close(begun)
			c.Settle()
			read <- c.Instant()
		}()
		<-begun
		for range 1000 {
			runtime.Gosched() // it would have read by now
		}
		return at
	}))
	assert.Equal(t, at, testkit.Receive(t, read, "who settles"))
	Real().Settle()
}
