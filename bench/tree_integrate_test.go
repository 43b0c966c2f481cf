// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIntegrateAgreesWithTheIntegral(t *testing.T) {
	for _, s := range integrateTree().sizes {
		x := float64(s.n)
		exact := x*x*x*x/4 + x*x/2
		got := math.Float64frombits(uint64(integrateTree().answer(s.n)))
		require.InEpsilon(t, exact, got, 1e-6, "n=%d", s.n)
		require.InEpsilon(t, s.units, countForks(wholeRange(s.n)), 1e-3, "n=%d", s.n)
	}
}

// countForks counts the stretches that are halved. A processor that fuses
// operations may need one more or less.
func countForks(s stretch) int {
	left, right, _, enough := s.halves()
	if enough {
		return 0
	}
	return 1 + countForks(left) + countForks(right)
}
