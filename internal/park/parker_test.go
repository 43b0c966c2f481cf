// SPDX-License-Identifier: Apache-2.0

package park

import (
	"runtime"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
)

func TestPermit(t *testing.T) {
	eachKind(t, func(t *testing.T, make func() *Parker) {
		t.Run("a new parker has none", func(t *testing.T) {
			require.False(t, make().TryPark())
		})
		t.Run("given first, Park goes through", func(t *testing.T) {
			p := make()
			p.Unpark()
			p.Park()
			require.False(t, p.TryPark(), "Park left the permit")
		})
		t.Run("many are one", func(t *testing.T) {
			p := make()
			for range 5 {
				p.Unpark()
			}
			require.True(t, p.TryPark())
			require.False(t, p.TryPark())
		})
		t.Run("wakes the sleeping owner", func(t *testing.T) {
			p := make()
			woken := startOwner(p)
			awaitParked(p)
			p.Unpark()
			<-woken
			require.False(t, p.TryPark(), "Park left the permit")
		})
		t.Run("ParkFor goes through, or its time is over", func(t *testing.T) {
			p := make()
			p.Unpark()
			require.True(t, p.ParkFor(time.Hour))
			for _, d := range []time.Duration{-1, 0, 1, time.Millisecond} {
				start := time.Now()
				require.False(t, p.ParkFor(d))
				require.GreaterOrEqual(t, time.Since(start), d)
				require.Equal(t, empty, p.word.Load())
			}
			go p.Unpark()
			require.True(t, p.ParkFor(time.Hour))
		})
		t.Run("two while it sleeps are one", func(t *testing.T) {
			p := make()
			woken := startOwner(p)
			awaitParked(p)
			p.Unpark()
			p.Unpark()
			<-woken
			// The second came before or after the owner took the first.
			p.TryPark()
			require.False(t, p.TryPark())
			p.Unpark()
			p.Park()
		})
		t.Run("Init starts it again without a permit", func(t *testing.T) {
			p := make()
			p.Unpark()
			p.Init(p.Portable())
			require.False(t, p.TryPark())
		})
	})
}

func TestKindOfBed(t *testing.T) {
	require.True(t, NewPortable().Portable())
	require.Equal(t, runtime.GOOS != "linux", New().Portable(),
		"on Linux a parker sleeps in a futex: has the layout of point.Uint32 changed?")
}

// The channel must hold the one message that an Unpark may leave behind.
func TestUnparkNeverWaitsForTheOwner(t *testing.T) {
	p := NewPortable()
	p.word.Store(abed) // an owner that is on its way to sleep and gets no further
	p.Unpark()         // would hang without a buffer
	require.Len(t, p.bed, 1)
}

func TestSmall(t *testing.T) {
	require.LessOrEqual(t, unsafe.Sizeof(Parker{}), uintptr(48), "a worker embeds it")
}

func TestNoAllocation(t *testing.T) {
	eachKind(t, func(t *testing.T, make func() *Parker) {
		p := make()
		require.Zero(t, testing.AllocsPerRun(100, func() {
			p.Unpark()
			p.Park()
		}))
	})
}

func TestRelaxEnds(t *testing.T) {
	for _, n := range []int{-1, 0, 1, 100_000} {
		Relax(n)
	}
	require.NotEqual(t, churn(1), churn(2), "each turn changes the result")
}

// startOwner parks p once on a thread of its own and closes the channel after it.
func startOwner(p *Parker) <-chan struct{} {
	woken := make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(woken)
		p.Park()
	}()
	return woken
}

// awaitParked returns once the owner of p has announced that it sleeps.
func awaitParked(p *Parker) {
	for !sleeps(p) {
		runtime.Gosched()
	}
}

// sleeps reports whether the owner of p has announced that it sleeps.
func sleeps(p *Parker) bool {
	word := p.word.Load()
	return word == parked && !p.portable || word == abed
}

// A group under pressure sleeps in channels, and tries the kernel again later.
func TestPressure(t *testing.T) {
	const lateTicks, first, longest = uint32(late / tick), uint32(firstRelief / tick), uint32(longestRelief / tick)
	for _, zero := range []uint32{1, ^(first / 2)} { // the clock may wrap
		var pressure Pressure
		require.False(t, pressure.high(zero))
		pressure.note(lateTicks-1, zero)
		require.False(t, pressure.high(zero), "not late")
		pressure.note(lateTicks, zero)
		require.True(t, pressure.high(zero+first-1))
		require.False(t, pressure.high(zero+first+1))
		pressure.note(lateTicks, zero)
		require.True(t, pressure.high(zero+2*first-1), "relief doubles")
		for range 20 {
			pressure.note(lateTicks, zero)
		}
		require.False(t, pressure.high(zero+longest+1), "relief is bounded")
		for range 40 {
			pressure.note(0, zero)
		}
		pressure.note(lateTicks, zero)
		require.False(t, pressure.high(zero+first+1), "a punctual time forgives")
	}
}

// The same parker sleeps here and there, as the pressure goes.
func TestParkUnderPressure(t *testing.T) {
	var pressure Pressure
	p := New()
	p.Under(&pressure)
	for i := range 4 {
		if i%2 == 0 {
			pressure.until.Store(clock() + uint32(longestRelief/tick))
		} else {
			pressure.until.Store(0)
		}
		woken := startOwner(p)
		awaitParked(p)
		p.Unpark()
		<-woken
		require.Equal(t, empty, p.word.Load())
	}
}
