// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

func TestBorrowNeedsSomebodyWhoLends(t *testing.T) {
	rt := newRuntime(t, 1)
	for _, o := range []sched.Option{sched.Borrow(rt, 0), sched.Borrow(nil, 1)} {
		_, err := sched.New(o)
		require.ErrorContains(t, err, "option Borrow")
	}
}

// TestBorrowedWorkersComeAndGo: three tasks that hold their workers run at once on one
// worker and two borrowed ones; when the lender has work itself, or the borrower none,
// they go back.
func TestBorrowedWorkersComeAndGo(t *testing.T) {
	lender := newRuntime(t, 2)
	rt := newRuntime(t, 1, sched.Borrow(lender, 2))
	testkit.Eventually(t, "the lender sleeps", func() bool { return lender.Metrics().Parks >= 2 })
	release := occupy(t, rt, 3) // returns when all three run
	require.Equal(t, 3, rt.Workers())
	busy := occupy(t, lender, 2)
	testkit.Eventually(t, "the workers are given back", func() bool { return rt.Workers() == 1 })
	release()
	busy()

	release = occupy(t, rt, 2)
	require.Greater(t, rt.Workers(), 1)
	release()
	testkit.Eventually(t, "the workers are given back", func() bool { return rt.Workers() == 1 })
}
