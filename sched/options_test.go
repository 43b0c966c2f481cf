// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// A user knows the names that sched gives, not those of the pool below.
func TestAbsurdOptionsAreNamed(t *testing.T) {
	for _, c := range []struct {
		name string
		bad  sched.Option
	}{
		{"Workers", sched.Workers(0)},
		{"Workers", sched.Workers(-3)},
		{"Workers", sched.Workers(1 << 20)},
		{"MaxBlocking", sched.MaxBlocking(0)},
		{"Watchdog", sched.Watchdog(-1, nil)},
		{"Clock", sched.Clock(nil)},
		{"number 1", nil},
	} {
		rt, err := sched.New(c.bad)
		require.Nil(t, rt)
		var bad *workers.OptionError
		require.ErrorAs(t, err, &bad)
		require.Equal(t, c.name, bad.Option)
		require.Contains(t, err.Error(), "option "+c.name+":")
		if c.name != "Clock" && c.name != "number 1" {
			continue // the others are of a pool
		}
		_, other := sched.NewStatic[int](1, c.bad)
		require.EqualError(t, other, err.Error())
		require.PanicsWithError(t, err.Error(), func() { sched.NewRoundRobin(c.bad) })
	}
}
