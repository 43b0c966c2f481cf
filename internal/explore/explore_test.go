// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPanicIsAFailure(t *testing.T) {
	r := Run(Options{}, func(x *X) {
		var w Int32
		x.Go("a", func() { w.Store(1) })
		x.Go("b", func() {
			if w.Load() == 1 {
				panic("one")
			}
		})
	})
	require.NotNil(t, r.Failure)
	require.Equal(t, "panic", r.Failure.Kind)
	require.Contains(t, r.Failure.What, "one")
}

// Code under test may end its goroutine.
func TestGoexitEndsAThreadOnly(t *testing.T) {
	ends := 0
	r := Run(Options{}, func(x *X) {
		var w Int32
		for i := range 2 {
			x.Go(fmt.Sprint(i), func() {
				defer func() { ends++ }()
				w.Inc()
				runtime.Goexit()
			})
		}
		x.Wait()
		x.Check(w.Load() == 2, "%d", w.Load())
	})
	require.NoError(t, r.Err())
	require.Equal(t, 2, r.Schedules)
	require.Equal(t, 4, ends)
}

// Code under test may recover from whatever panic it sees, for ever: a run that is
// given up ends all the same.
func TestStubbornRecoverEnds(t *testing.T) {
	r := Run(Options{}, func(x *X) {
		var w Int32
		x.Go("stubborn", func() {
			for {
				func() {
					defer func() { _ = recover() }()
					w.Load()
					FutexWait(&Uint32{}, 0)
				}()
			}
		})
	})
	require.NotNil(t, r.Failure)
	require.Equal(t, "deadlock", r.Failure.Kind)
}

func TestStepBound(t *testing.T) {
	r := Run(Options{MaxSteps: 100}, func(x *X) {
		var w Int32
		for w.Load() == 0 {
			w.Store(0)
		}
	})
	require.NotNil(t, r.Failure)
	require.Equal(t, "livelock", r.Failure.Kind)
}

func TestModelThatDependsOnMoreThanTheSchedule(t *testing.T) {
	n := 0
	r := Run(Options{}, func(x *X) {
		n++
		var a, b Int32
		x.Go("a", func() {
			if n%2 == 0 {
				a.Load()
			}
			b.Store(1)
		})
		x.Go("b", func() { b.Store(2); a.Store(2) })
		x.Go("c", func() { b.Store(3) })
	})
	require.NotNil(t, r.Failure)
	require.Equal(t, "not deterministic", r.Failure.Kind)
}

// Plain memory that is handed over by an atomic word is in order; without the word
// it is not, also in the schedules in which nothing goes wrong.
func TestDataRaceIsFound(t *testing.T) {
	for _, ordered := range []bool{true, false} {
		for _, write := range []bool{true, false} {
			r := Run(Options{}, func(x *X) {
				var w, noise Bool
				v := new(int)
				Writes(v)
				x.Go("a", func() {
					Writes(v)
					*v = 1
					w.Store(true)
				})
				x.Go("b", func() {
					if w.Load() || !ordered && noise.Load() {
						Reads(v)
						x.Check(*v == 1, "%d", *v)
						if write {
							Writes(v)
						}
					}
					if !ordered {
						noise.Store(true)
						if write {
							Writes(v)
						} else {
							Reads(v)
						}
					}
				})
				x.Wait()
				Writes(v)
			})
			if ordered {
				require.NoError(t, r.Err())
				continue
			}
			require.NotNil(t, r.Failure)
			require.Equal(t, "data race", r.Failure.Kind)
			require.Contains(t, r.Failure.Trace, "plain memory")
		}
	}
}

// A goroutine that the engine does not run makes any claim worthless.
func TestStrayGoroutineIsNoticed(t *testing.T) {
	r := Run(Options{}, func(x *X) {
		var w Int32
		done := make(chan struct{})
		go func() {
			w.Store(1)
			close(done)
		}()
		<-done
	})
	require.NotNil(t, r.Failure)
	require.Equal(t, "stray goroutine", r.Failure.Kind)
}

func TestLimitsMakeIncomplete(t *testing.T) {
	model := func(x *X) {
		var w Int32
		for i := range 5 {
			x.Go(fmt.Sprint(i), func() { w.Inc() })
		}
	}
	r := Run(Options{MaxRuns: 10}, model)
	require.Equal(t, 10, r.Schedules)
	require.Error(t, r.Err())
	require.Nil(t, r.Failure)
}

func TestOutsideOfExplorationsTwinsAreAtomics(t *testing.T) {
	w := IntegerOf[int32](-5)
	require.Equal(t, int32(-4), w.Inc())
	require.Equal(t, int32(-6), w.Sub(2))
	require.True(t, w.CompareAndSwap(-6, 7))
	require.False(t, w.CompareAndSwap(-6, 8))
	require.Equal(t, int32(7), w.Swap(9))
	w.Store(1)
	require.Equal(t, int32(1), w.Load())
	var u Uint32
	require.Equal(t, ^uint32(0), u.Dec())
	var b Bool
	require.False(t, b.Swap(true))
	require.True(t, b.CompareAndSwap(true, false))
	var p Pointer[int]
	x := 1
	require.True(t, p.CompareAndSwap(nil, &x))
	require.Equal(t, &x, p.Swap(nil))
	var mu Mutex
	mu.Lock()
	require.False(t, mu.TryLock())
	mu.Unlock()
	var g WaitGroup
	var bed Bed
	bed.Init()
	g.Go(bed.Send)
	bed.Receive()
	g.Wait()
	require.False(t, Spin())
	require.False(t, Exploring())
}

func TestSchedules(t *testing.T) {
	for _, s := range []string{"0", "0*3.1.0*2", "15.0"} {
		c, err := parseSchedule(s)
		require.NoError(t, err)
		require.Equal(t, s, formatSchedule(c))
		require.Equal(t, c, flatten(stretches(c)))
	}
	for _, s := range []string{"", "x", "16", "0*", "0*0", "0**2", "-1"} {
		_, err := parseSchedule(s)
		require.Error(t, err, s)
	}
	require.NotNil(t, Run(Options{Schedule: "x"}, func(*X) {}).Failure)
}
