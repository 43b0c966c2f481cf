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
		got := math.Float64frombits(uint64(s.want))
		require.InEpsilon(t, exact, got, 1e-6, "n=%d", s.n)
	}
}
