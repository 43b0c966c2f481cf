// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The rest of a job's nodes is handed over as it lies: among long nodes that happens
// again and again, and a copy each time would make a million nodes take minutes.
func TestRestIsHandedOverWhole(t *testing.T) {
	x := &exec{}
	j := x.newJob()
	for i := range int32(1000) {
		j.ids = append(j.ids, i)
	}
	first := &j.ids[1]
	one := j.split(1)
	require.Equal(t, []int32{0}, one.ids)
	rest := j.split(999)
	require.Same(t, first, &rest.ids[rest.lo])
	require.Equal(t, 999, len(rest.ids)-rest.lo)
	require.Empty(t, j.ids[j.lo:])
}
