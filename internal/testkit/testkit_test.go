// SPDX-License-Identifier: Apache-2.0

package testkit_test

import (
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/internal/testkit"
)

// The tests leave a goroutine behind that ends later than goleak waits: Settled does.
func TestMain(m *testing.M) { goleak.VerifyTestMain(testkit.Settled(straggling{m})) }

type straggling struct{ m *testing.M }

func (s straggling) Run() int {
	code := s.m.Run()
	go time.Sleep(time.Second)
	return code
}

func TestSplitIsTheSameForTheSameSeed(t *testing.T) {
	a, b := rand.New(rand.NewPCG(7, 0)), rand.New(rand.NewPCG(7, 0))
	x, y := testkit.Split(a), testkit.Split(b)
	for range 100 {
		require.Equal(t, x.Uint64(), y.Uint64())
	}
	require.NotEqual(t, testkit.Split(a).Uint64(), testkit.Split(a).Uint64())
}

func TestStressGoesRoundAtLeastOnce(t *testing.T) {
	t.Setenv("PILFER_STRESS", "0s")
	rounds := 0
	testkit.Stress(t, time.Hour, func(*rand.Rand) { rounds++ })
	require.Equal(t, 1, rounds)
}

func TestStressGoesOn(t *testing.T) {
	t.Setenv("PILFER_STRESS", "")
	synctest.Test(t, func(t *testing.T) {
		rounds := 0
		testkit.Stress(t, 10*time.Millisecond, func(rng *rand.Rand) {
			rounds++
			testkit.Dither(rng)
			time.Sleep(time.Millisecond)
		})
		require.Equal(t, 10, rounds)
	})
}

func TestWaits(t *testing.T) {
	ch := make(chan int, 1)
	ch <- 7
	require.Equal(t, 7, testkit.Receive(t, ch, "seven"))
	close(ch)
	require.Zero(t, testkit.Receive(t, ch, "the close"))

	var wg sync.WaitGroup
	wg.Go(func() {})
	testkit.WaitAll(t, &wg, nil)

	done := false
	testkit.Background(t, func() { done = true })()
	require.True(t, done)

	n := 0
	testkit.Eventually(t, "three", func() bool { n++; return n == 3 })

	require.Error(t, testkit.Ended().Err())
	require.NoError(t, testkit.Within(t).Err())
	deadline, ok := testkit.Within(t).Deadline()
	require.True(t, ok)
	require.Less(t, time.Until(deadline), testkit.Patience+time.Second)
}

func ExampleStress() {
	_ = func(t *testing.T) { // a test
		testkit.Stress(t, 100*time.Millisecond, func(rng *rand.Rand) {
			if rng.IntN(2) > 1 {
				t.Error(errors.New("two of 0 and 1"))
			}
		})
	}
	// Output:
}
