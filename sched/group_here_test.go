// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/self"
)

// A function that has returned is not where its goroutine is, though it may not be
// counted as returned yet.
func TestGroupForgetsWhereAFunctionRan(t *testing.T) {
	if self.Goroutine() == 0 {
		t.Skip("goroutines cannot be told apart on this machine")
	}
	rt, err := New(Workers(1))
	require.NoError(t, err)
	defer func() { require.NoError(t, rt.Close()) }()
	g := rt.Group()
	found, err := Go(rt, func(*Context) (found [2]bool, _ error) {
		e := &groupEntry{group: g, f: func() error { found[0] = g.runsHere(); return nil }}
		g.begin(e)
		e.Poll(nil)
		found[1] = g.runsHere()
		return found, nil
	}).Wait(t.Context())
	require.NoError(t, err)
	require.Equal(t, [2]bool{true, false}, found)
}
