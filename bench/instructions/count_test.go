// SPDX-License-Identifier: Apache-2.0

package instructions

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/internal/testkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(testkit.Settled(m)) }

// counting returns a counter that is a shell: it prints a count that grows with
// the last argument of the program, as callgrind would.
func counting(base, each int) Counter {
	script := fmt.Sprintf(`for last; do :; done; echo "== Collected : $((%d + %d * last))" >&2; echo $last`, base, each)
	return Counter{"shell", []string{"sh", "-c", script}, counters[1].found}
}

func TestCountIsWithoutTheStart(t *testing.T) {
	each, err := counting(610_000_000, 37).Count(t.Context(), Op{Name: "x", few: 10, many: 50}, "program")
	require.NoError(t, err)
	require.Equal(t, 37.0, each)
}

func TestWhatGoesWrongIsTold(t *testing.T) {
	_, _, err := Counter{"shell", []string{"sh", "-c", "exit 3"}, counters[1].found}.run(t.Context(), "x")
	require.ErrorContains(t, err, "exit status 3")
	_, _, err = Counter{"perf", []string{"sh", "-c", "echo '<not supported>,,instructions:u' >&2"}, counters[0].found}.run(t.Context(), "x")
	require.ErrorContains(t, err, "not supported")
	_, err = Find("wrong")
	require.ErrorContains(t, err, "known are fork spawn poll wake steal")
}

func TestOperationsAreDone(t *testing.T) {
	for _, op := range Ops() {
		done, err := op.Do(2_000)
		require.NoError(t, err, op.Name)
		require.Positive(t, done, op.Name)
	}
}

// The true program runs under the counter of this machine, if there is one.
func TestCounterOfThisMachine(t *testing.T) {
	c, err := FindCounter(t.Context())
	if err != nil {
		require.ErrorIs(t, err, ErrNone)
		return
	}
	few, _, err := c.run(t.Context(), "sh", "-c", ":")
	require.NoError(t, err)
	many, _, err := c.run(t.Context(), "sh", "-c", "i=0; while [ $i -lt 1000 ]; do i=$((i+1)); done")
	require.NoError(t, err)
	require.Greater(t, many, few+1000, "%s on %s", c.Name, os.Getenv("GOARCH"))
}
