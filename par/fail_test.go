// SPDX-License-Identifier: Apache-2.0

package par

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

// failingCalls returns the functions that take one of the elements to fail. Each calls
// visit with the number of every element that it looks at.
func failingCalls(rt sched.Spawner, ctx context.Context, s []int, visit func(i int) error, opts []Option) map[string]func() error {
	index := func(v int) (int, error) { return v, visit(v) }
	is := func(v int) (bool, error) { return false, visit(v) }
	return map[string]func() error{
		"For":     func() error { return ForContext(ctx, rt, len(s), visit, opts...) },
		"ForEach": func() error { return ForEachContext(ctx, rt, s, func(i, _ int) error { return visit(i) }, opts...) },
		"Map":     func() error { _, err := MapContext(ctx, rt, s, index, opts...); return err },
		"Find":    func() error { _, err := FindContext(ctx, rt, s, is, opts...); return err },
		"Filter":  func() error { _, err := FilterContext(ctx, rt, s, is, opts...); return err },
		"Count":   func() error { _, err := CountContext(ctx, rt, s, is, opts...); return err },
		"GroupBy": func() error { _, err := GroupByContext(ctx, rt, s, index, opts...); return err },
		"Fold": func() error {
			_, err := FoldContext(ctx, rt, s, func() int { return 0 }, func(_, v int) (int, error) { return v, visit(v) }, addInts, opts...)
			return err
		},
		"Reduce": func() error {
			_, err := ReduceContext(ctx, rt, s, 0, func(_, b int) (int, error) { return b, visit(b) }, opts...)
			return err
		},
	}
}

func numbers(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

func TestFirstErrorByIndex(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		testkit.Stress(t, 0, func(rng *rand.Rand) {
			for _, n := range []int{3, 100, 5000} {
				for _, opts := range ways {
					c := &crowd{seed: rng.Uint64()}
					bad := 1 + rng.IntN(n-1)
					visit := func(i int) error {
						c.meet(i)
						if i == bad || i > bad && i%5 == 0 {
							return fmt.Errorf("element %d", i)
						}
						return nil
					}
					for name, call := range failingCalls(rt, background, numbers(n), visit, opts) {
						if name == "Reduce" {
							continue // op is called with partial results too
						}
						require.EqualError(t, call(), fmt.Sprintf("element %d", bad), "%s of %d", name, n)
					}
				}
			}
		})
	})
}

func TestPanicHasItsIndex(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		boom := errors.New("boom")
		testkit.Stress(t, 0, func(rng *rand.Rand) {
			for _, n := range []int{3, 100, 5000} {
				for _, opts := range ways {
					bad := 1 + rng.IntN(n-1)
					c := &crowd{seed: rng.Uint64()}
					visit := func(i int) error {
						c.meet(i)
						if i >= bad {
							panic(boom)
						}
						return nil
					}
					check := func(name string, err error) {
						t.Helper()
						var p *PanicError
						require.ErrorAs(t, err, &p, name)
						require.Equal(t, bad, p.Index, name)
						require.ErrorIs(t, err, boom, name)
						require.Contains(t, string(p.Stack), "TestPanicHasItsIndex", name)
					}
					s := numbers(n)
					for name, call := range failingCalls(rt, background, s, visit, opts) {
						if name != "Reduce" {
							check(name, call())
						}
					}
					check("For", panicOf(func() { For(rt, n, func(i int) { visit(i) }, opts...) }))
					check("ForEach", panicOf(func() { ForEach(rt, s, func(i, _ int) { visit(i) }, opts...) }))
					check("Map", panicOf(func() { Map(rt, s, func(v int) int { visit(v); return v }, opts...) }))
					check("Find", panicOf(func() { Find(rt, s, func(v int) bool { visit(v); return false }, opts...) }))
					check("Filter", panicOf(func() { Filter(rt, s, func(v int) bool { visit(v); return false }, opts...) }))
					check("Count", panicOf(func() { Count(rt, s, func(v int) bool { visit(v); return false }, opts...) }))
				}
			}
		})
	})
}

// panicOf returns the error that f panics with.
func panicOf(f func()) (err error) {
	defer func() { err, _ = recover().(error) }()
	f()
	return errors.New("no panic")
}

func TestPanicOfSeveralElements(t *testing.T) {
	rt := newRuntime(t, 2)
	for _, opts := range ways {
		var p *PanicError
		require.ErrorAs(t, panicOf(func() { ForBlocks(rt, 1000, func(lo, hi int) { panic("no") }, opts...) }), &p)
		require.Equal(t, -1, p.Index)
		require.Equal(t, "no", p.Value)
		require.ErrorAs(t, panicOf(func() {
			Fold(rt, numbers(1000), func() int { return 0 }, func(a, b int) int { return 0 }, func(a, b int) int { panic("no") }, opts...)
		}), &p)
		require.Equal(t, -1, p.Index)
	}
}

func TestNestedPanicHasBothIndexes(t *testing.T) {
	rt := newRuntime(t, 2)
	err := panicOf(func() {
		For(rt, 50, func(i int) {
			For(rt, 50, func(j int) {
				if i == 20 && j == 30 {
					panic("no")
				}
			})
		})
	})
	var outer, inner *PanicError
	require.ErrorAs(t, err, &outer)
	require.Equal(t, 20, outer.Index)
	require.ErrorAs(t, outer.Unwrap(), &inner)
	require.Equal(t, 30, inner.Index)
}

func TestContextEndsTheCall(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		why := errors.New("enough")
		for _, opts := range ways {
			for name := range failingCalls(nil, nil, nil, nil, nil) {
				ctx, cancel := context.WithCancelCause(background)
				var visits point.Int32
				calls := failingCalls(rt, ctx, numbers(1_000_000), func(int) error {
					if n := visits.Inc(); n == 100 {
						cancel(why)
					} else if n > 100 {
						<-ctx.Done() // who cancels may have lost its CPU
					}
					return nil
				}, opts)
				require.ErrorIs(t, calls[name](), why, name)
				require.Less(t, int(visits.Load()), 500_000, "%s goes on", name)
				visits.Store(1000)
				require.ErrorIs(t, calls[name](), why, name)
				require.Equal(t, int32(1000), visits.Load(), "%s begins after the end", name)
			}
		}
	})
}

func TestErrorStopsTheCall(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		no := errors.New("no")
		for _, opts := range ways {
			for name := range failingCalls(nil, nil, nil, nil, nil) {
				var visits point.Int32
				calls := failingCalls(rt, background, numbers(1_000_000), func(i int) error {
					n := visits.Inc()
					if i == 10 {
						return no
					}
					giveWay(i, n)
					return nil
				}, opts)
				require.ErrorIs(t, calls[name](), no, name)
				require.Less(t, int(visits.Load()), 900_000, "%s goes on", name)
			}
		}
	})
}

// giveWay lets the element go on that ends the call: it may have lost its CPU, in which
// time others could come to their ends. After so many visits it has lost it for long.
func giveWay(i int, visits int32) {
	if visits > 200_000 {
		time.Sleep(100 * time.Microsecond)
	} else if i > 10_000 {
		runtime.Gosched()
	}
}

func TestFindStopsEarly(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		for _, opts := range ways {
			var looks point.Int32
			s := numbers(1_000_000)
			match := func(v int) bool { giveWay(v, looks.Inc()); return v == 5000 }
			require.Equal(t, 5000, Find(rt, s, match, opts...))
			n := looks.Swap(0)
			require.True(t, n > 5000 && n < 900_000, "%d looks", n)
			require.True(t, Any(rt, s, match, opts...))
			require.Less(t, looks.Swap(0), int32(900_000))
		}
	})
}

func TestGoexitEndsTheCaller(t *testing.T) {
	rt := newRuntime(t, 2)
	for _, opts := range ways {
		for _, bad := range []int{0, 700, 999} {
			left, returned := make(chan none), false
			go func() {
				defer close(left)
				For(rt, 1000, func(i int) {
					if i == bad {
						runtime.Goexit()
					}
				}, opts...)
				returned = true
			}()
			<-left
			require.False(t, returned)
		}
	}
	require.Equal(t, 499500, Sum(rt, numbers(1000), Grain(10)), "the runtime goes on")
}

// A scan by blocks fails as its functions do, wherever that is.
// Of two blocks that fail, the first counts, also if the other one panics.
func TestFirstBlockCounts(t *testing.T) {
	boom := errors.New("boom")
	fail := func(lo, hi int) (int, error) {
		switch {
		case lo >= 50_000: // where the second worker begins
			panic("later")
		case hi > 40_000:
			return 0, boom
		}
		return 0, nil
	}
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		for range 20 {
			for _, opts := range ways {
				_, err := ReduceBlocksContext(background, rt, 100_000, fail, plusOrError, opts...)
				require.Equal(t, boom, err)
				require.Equal(t, boom, ScanBlocksContext(background, rt, 100_000, 0, fail,
					func(int, int, int) error { return nil }, plusOrError, opts...))
				require.Equal(t, boom, ScanBlocksContext(background, rt, 100_000, 0,
					func(int, int) (int, error) { return 0, nil },
					func(_, lo, hi int) error { _, err := fail(lo, hi); return err }, plusOrError, opts...))
			}
		}
	})
}

func plusOrError(a, b int) (int, error) { return a + b, nil }

func TestScanBlocksFails(t *testing.T) {
	boom := errors.New("boom")
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		for _, opts := range ways {
			for _, bad := range []string{"total", "write", "op"} {
				fail := func(who string, when bool) error {
					if who == bad && when {
						return boom
					}
					return nil
				}
				scan := func(fail func(who string, when bool) error) error {
					return ScanBlocksContext(background, rt, 100_000, 0,
						func(lo, hi int) (int, error) { return hi, fail("total", hi > 50_000) },
						func(_, lo, _ int) error { return fail("write", lo > 50_000) },
						func(_, b int) (int, error) { return b, fail("op", b > 50_000) }, opts...)
				}
				require.ErrorIs(t, scan(fail), boom, bad)
				var p *PanicError
				require.ErrorAs(t, scan(func(who string, when bool) error {
					if err := fail(who, when); err != nil {
						panic(err)
					}
					return nil
				}), &p, bad)
				require.ErrorIs(t, p, boom)
				require.Equal(t, -1, p.Index)
			}
		}
		require.NoError(t, ScanBlocksContext(background, rt, 0, 0,
			func(int, int) (int, error) { return 0, boom }, func(int, int, int) error { return boom }, plusOrError))
	})
}
