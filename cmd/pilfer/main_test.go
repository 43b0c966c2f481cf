// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/internal/testkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(testkit.Settled(m)) }

func TestDoctorMeasuresEverything(t *testing.T) {
	var out strings.Builder
	require.NoError(t, doctor(&out, 2*time.Millisecond))
	for _, p := range probes {
		require.Contains(t, out.String(), p.name)
	}
	require.NotContains(t, out.String(), " 0s", "every probe did something")
}

// A machine that stands still for the whole time of a probe gets figures all the same.
func TestDoctorMeasuresOnceAtLeast(t *testing.T) {
	for _, p := range probes {
		took, err := measure(p, false, 0)
		require.NoError(t, err)
		require.Positive(t, took, p.name)
	}
}

func TestVersion(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, []string{"version"}))
	require.Contains(t, out.String(), "go1.")
}

func TestHelp(t *testing.T) {
	for _, args := range []string{"help", "-h", "--help", "help run", "doctor -h", "version --help"} {
		var out strings.Builder
		require.NoError(t, run(t.Context(), &out, strings.Fields(args)))
		require.Contains(t, out.String(), "usage:")
	}
}

func TestWrongArguments(t *testing.T) {
	for args, want := range map[string]string{
		"":              "want a command",
		"doctor please": `doctor: want nothing behind it, got ["please"]`,
		"heal":          `unknown command "heal"`,
	} {
		err := run(t.Context(), &strings.Builder{}, strings.Fields(args))
		require.ErrorIs(t, err, errUsage)
		require.ErrorContains(t, err, want)
	}
}
