// SPDX-License-Identifier: Apache-2.0

package par

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// count is an iterator over 0 to n-1, and counts what it has yielded.
func count(n int, made *point.Int32) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if made != nil {
				made.Inc()
			}
			if !yield(i) {
				return
			}
		}
	}
}

// uneven lets others run for a random while, so that values overtake each other.
func uneven(seed uint64, i int) {
	rng := rand.New(rand.NewPCG(seed, uint64(i)))
	for range rng.IntN(20) {
		runtime.Gosched()
	}
}

func TestPipeKeepsTheOrder(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		testkit.Stress(t, 0, func(rng *rand.Rand) {
			for _, n := range []int{0, 1, 2, 100, 1000} {
				for _, bound := range []int{1, 2, 7, 0} {
					var opts []Option
					if bound > 0 {
						opts = append(opts, InFlight(bound))
					} else {
						bound = tokensEach * rt.Workers()
					}
					seed := rng.Uint64()
					var made, most point.Int32
					var turns []int // of the serial stage: it needs no lock
					delivered := 0
					p := Parallel(From(count(n, &made)), func(i int) (int, error) {
						uneven(seed, i)
						return i * i, nil
					})
					q := Serial(p, func(v int) (string, error) {
						turns = append(turns, v)
						return fmt.Sprint(v), nil
					})
					r := Parallel(q, func(s string) (string, error) {
						uneven(seed+1, len(s))
						return "v" + s, nil
					})
					for s, err := range r.All(background, rt, opts...) {
						require.NoError(t, err)
						require.Equal(t, fmt.Sprintf("v%d", delivered*delivered), s)
						most.Store(max(most.Load(), made.Load()-int32(delivered)))
						delivered++
					}
					require.Equal(t, n, delivered)
					require.Len(t, turns, n)
					require.True(t, slices.IsSorted(turns))
					require.LessOrEqual(t, int(most.Load()), bound, "values in flight")
				}
			}
		})
	})
}

func TestSerialStageIsAlone(t *testing.T) {
	rt := newRuntime(t, 4, sched.LockThreads(false))
	var inside, most point.Int32
	p := Serial(From(count(500, nil)), func(i int) (int, error) {
		most.Store(max(most.Load(), inside.Inc()))
		runtime.Gosched()
		inside.Dec()
		return i, nil
	})
	require.NoError(t, p.Run(background, rt, nil))
	require.Equal(t, int32(1), most.Load())
}

func TestParallelStageIsNot(t *testing.T) {
	rt := newRuntime(t, 3, sched.LockThreads(false))
	var inside point.Int32
	var met point.Bool
	p := Parallel(From(count(5000, nil)), func(i int) (int, error) {
		inside.Inc()
		defer inside.Dec()
		testkit.Eventually(t, "two values are in the stage", func() bool {
			if inside.Load() > 1 {
				met.Store(true)
			}
			return met.Load()
		})
		return i, nil
	})
	require.NoError(t, p.Run(background, rt, nil))
	require.True(t, met.Load(), "values in the stage together")
}

func TestPipeEndsWithTheFirstFailure(t *testing.T) {
	no := errors.New("no")
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		for _, bad := range []int{0, 1, 50, 199} {
			for _, how := range []string{"error", "panic", "source", "exit"} {
				fail := func(i int) error {
					switch {
					case i < bad || how == "source":
						return nil
					case how == "panic":
						panic(no)
					case how == "exit":
						runtime.Goexit()
					}
					return fmt.Errorf("value %d: %w", i, no)
				}
				source := func(yield func(int, error) bool) {
					for i := range 200 {
						if how == "source" && i == bad {
							yield(0, no)
							return
						}
						if !yield(i, nil) {
							return
						}
					}
				}
				for _, serial := range []bool{false, true} {
					p := addStage(FromErr(source), func(i int) (int, error) { uneven(1, i); return i, fail(i) }, serial)
					q := Serial(p, func(i int) (int, error) { return i, nil })
					next, last := 0, error(nil)
					for v, err := range q.All(background, rt) {
						require.NoError(t, last)
						if last = err; err == nil {
							require.Equal(t, next, v)
							next++
						}
					}
					require.Equal(t, bad, next, "results before the failure")
					var crash *PanicError
					switch how {
					case "exit":
						require.ErrorIs(t, last, sched.ErrGoexit)
					case "panic":
						require.ErrorAs(t, last, &crash)
						require.Equal(t, bad, crash.Index)
						fallthrough
					default:
						require.ErrorIs(t, last, no)
					}
				}
			}
		}
	})
}

func TestPipeLeftInTheMiddle(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		var made, calls, inside point.Int32
		p := Parallel(From(count(1_000_000, &made)), func(i int) (int, error) {
			inside.Inc()
			defer inside.Dec()
			calls.Inc()
			uneven(2, i)
			return i, nil
		})
		bound := int32(10 + tokensEach*rt.Workers())
		quiet := func(how string) {
			t.Helper()
			require.Zero(t, inside.Load(), how)
			require.LessOrEqual(t, made.Swap(0), bound, how)
			require.LessOrEqual(t, calls.Swap(0), bound, how)
		}
		for v, err := range p.All(background, rt) {
			require.NoError(t, err)
			if v == 9 {
				break
			}
		}
		quiet("break")
		err := panicOf(func() {
			for v := range p.All(background, rt) {
				if v == 9 {
					panic(errors.New("out"))
				}
			}
		})
		require.EqualError(t, err, "out")
		quiet("panic")
		ctx, cancel := context.WithCancelCause(background)
		why := errors.New("enough")
		require.ErrorIs(t, p.Run(ctx, rt, func(v int) error {
			if v == 9 {
				cancel(why)
				<-ctx.Done()
			}
			if v > 1000 {
				time.Sleep(100 * time.Microsecond) // what ends the pipeline runs elsewhere
			}
			return nil
		}), why)
		require.Zero(t, inside.Load())
		require.Less(t, made.Load(), int32(900_000))
		require.ErrorIs(t, p.Run(ctx, rt, nil), why)
		require.ErrorIs(t, panicOf(func() {
			source := func(yield func(int) bool) { yield(1); panic(why) }
			for range MapSeq(rt, source, func(v int) int { return v }) {
			}
		}), why)
	})
}

func TestPipeFromInside(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		squares := func(at sched.Spawner) {
			t.Helper()
			sum := 0
			for v := range MapSeq(at, count(100, nil), func(i int) int { uneven(3, i); return i * i }) {
				sum += v
			}
			require.Equal(t, 328350, sum)
		}
		_, err := sched.Go(rt, func(cx *sched.Context) (none, error) { squares(cx); squares(rt); return none{}, nil }).Wait(background)
		require.NoError(t, err)
		_, err = sched.Call(background, rt, func(w *workers.Worker) (none, error) { squares(w); squares(rt); return none{}, nil })
		require.NoError(t, err)
		For(rt, 10, func(int) { squares(rt) }, Grain(1))
	})
}

func TestPipeAfterClose(t *testing.T) {
	rt, err := sched.New(sched.Workers(2))
	require.NoError(t, err)
	p := Parallel(From(count(100, nil)), func(i int) (int, error) { return i, nil })
	closed := make(chan error, 1)
	err = p.Run(background, rt, func(v int) error {
		if v == 20 {
			go func() { closed <- rt.Close() }()
			for { // until it has begun
				if _, _, err := sched.Where(rt); err != nil {
					return nil
				}
				runtime.Gosched()
			}
		}
		return nil
	})
	if err != nil { // the runners that there were may have sufficed
		require.ErrorIs(t, err, sched.ErrClosed)
	}
	require.NoError(t, <-closed)
	require.ErrorIs(t, p.Run(background, rt, nil), sched.ErrClosed)
	require.PanicsWithError(t, sched.ErrClosed.Error(), func() { ForSeq(rt, count(3, nil), func(int) {}) })
}

func TestSeqAgreesWithTheLoop(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		for _, n := range []int{0, 1, 10, 1000} {
			for _, opts := range [][]Option{nil, {Grain(16)}, {Grain(16), InFlight(20)}, {InFlight(1)}, {InFlight(1), Grain(5)}} {
				want := numbers(n)
				got := slices.Collect(MapSeq(rt, count(n, nil), func(i int) int { uneven(4, i); return i }, opts...))
				require.True(t, slices.Equal(want, got))
				calls := make([]int32, n)
				ForSeq(rt, count(n, nil), func(i int) { calls[i]++ }, opts...)
				require.False(t, slices.ContainsFunc(calls, func(n int32) bool { return n != 1 }))
				if n < 10 {
					continue
				}
				var p *PanicError
				require.ErrorAs(t, panicOf(func() {
					ForSeq(rt, count(n, nil), func(i int) {
						if i >= n-2 {
							panic("no")
						}
					}, opts...)
				}), &p)
				require.Equal(t, n-2, p.Index)
			}
		}
	})
}

func TestChunksKeepTheBound(t *testing.T) {
	rt := newRuntime(t, 2)
	var made point.Int32
	done := 0
	for range MapSeq(rt, count(1000, &made), func(i int) int { return i }, Grain(8), InFlight(40)) {
		require.LessOrEqual(t, int(made.Load())-done, 40)
		done++
	}
	require.Equal(t, 1000, done)
}
