// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/internal/testkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(testkit.Settled(m)) }

// The story is the same each time.
func TestSameStory(t *testing.T) {
	var first strings.Builder
	require.NoError(t, run(&first))
	for range 20 {
		var again strings.Builder
		require.NoError(t, run(&again))
		require.Equal(t, first.String(), again.String())
	}
}

func Example() {
	if err := run(os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// 09:00:00  load a
	// 09:00:02  Ann asked for a: "a!", <nil>
	// 09:00:02  Bob asked for a: "a!", <nil>
	// 09:00:30  Cy asked for a: "a!", <nil>
	// 09:02:00  load a
	// 09:02:01  Dan asked for a: "", timer: the time is over
	// 09:02:02  Eve asked for a: "a!", <nil>
	// 09:03:00  load slow
	// 09:03:10  Flo asked for slow: "", timer: the time is over
}
