// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/testkit"
)

func TestRunKeepGoing(t *testing.T) {
	k := newKitchen(t, `
tasks:
  bad: {run: ["while ! test -e begun; do sleep 0.01; done", "echo oops >&2; exit 3"]}
  behind: {run: touch behind, after: bad}
  slow: {run: "touch begun; test -e quick || exec sleep 30"}
  other: {run: touch other, after: slow}
`)
	k.write("quick", "")
	out, err := k.cook("-keep-going", "-jobs", "2")
	require.EqualError(t, err, filepath.Join(k.dir, "pilfer.yaml")+":3: task bad: echo oops >&2; exit 3: exit status 3")
	require.Contains(t, out, "bad: FAILED")
	require.Contains(t, out, "    oops\n")
	require.Contains(t, out, "\nnot run: behind\n")
	require.Contains(t, out, "pilfer.yaml: 3 of 4 tasks run in ")
	require.Contains(t, out, "with failures")
	require.FileExists(t, filepath.Join(k.dir, "other"))
	require.NoFileExists(t, filepath.Join(k.dir, "behind"))

	for _, name := range []string{"begun", "other", "quick"} {
		require.NoError(t, os.Remove(filepath.Join(k.dir, name)))
	}
	out, err = k.cook("-jobs", "2")
	require.Error(t, err)
	require.Contains(t, out, "\nnot run: behind, other\n")
	require.NoFileExists(t, filepath.Join(k.dir, "other"), "the first failure ends the run")
}

func TestRunRetryAndTimeout(t *testing.T) {
	k := newKitchen(t, `
tasks:
  flaky: {run: "echo x >> tries; test $(wc -l < tries) -ge 2", retry: 1}
`)
	out, err := k.cook()
	require.NoError(t, err, out)
	require.Contains(t, out, "[0/1] flaky: failed, tries again")
	require.Contains(t, out, "[1/1] flaky: done")
	require.NotContains(t, out, "FAILED")
	require.NotContains(t, out, "not ")
	require.Contains(t, out, "pilfer.yaml: 1 of 1 tasks run in", "tries of one task count as one")
	k.write("pilfer.yaml", `tasks: {slow: {run: "sleep 30", timeout: 1s}}`) // and a second to be killed and seen dead
	_, err = k.cook()
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.EqualError(t, err, filepath.Join(k.dir, "pilfer.yaml")+":1: task slow: not done after 1s")

	k.write("pilfer.yaml", "tasks:\n  bad: {run: exit 3, retry: 1}\n  bad too: {run: exit 4}")
	out, err = k.cook("-keep-going")
	require.EqualError(t, byLine(err), filepath.Join(k.dir, "pilfer.yaml")+":2: task bad: exit 3: exit status 3\n"+
		filepath.Join(k.dir, "pilfer.yaml")+":3: task bad too: exit 4: exit status 4")
	require.Contains(t, out, "bad: failed, tries again")
	require.Contains(t, out, "[2/2] bad: FAILED", "the last try")
}

// byLine sorts the lines of an error.
func byLine(err error) error {
	lines := strings.Split(err.Error(), "\n")
	slices.Sort(lines)
	return errors.New(strings.Join(lines, "\n"))
}

// What ends with the run is not said to have used up its own time.
func TestRunStopsTheOthers(t *testing.T) {
	k := newKitchen(t, `
tasks:
  slow: {run: exec sleep 30, timeout: 1s, after: gate}
  long: {run: "touch begun; exec sleep 30", retry: 1}
  gate: {run: "while ! test -e begun; do sleep 0.01; done", timeout: 30s}
  all: {after: [slow, long]}
`)
	out, err := k.cook("-jobs", "2")
	require.EqualError(t, err, filepath.Join(k.dir, "pilfer.yaml")+":3: task slow: not done after 1s")
	require.Contains(t, out, "slow: timed out, ")
	require.Contains(t, out, "long: stopped, ")
	require.Contains(t, out, "\nnot run: all\n")
}

// A task between two tries is named if the run ends there.
func TestRunStopsBetweenTries(t *testing.T) {
	k := newKitchen(t, `
tasks:
  flaky: {run: exit 1, retry: 9}
  bad: {run: "while ! test -e pause; do sleep 0.01; done; exit 3", timeout: 30s}
`)
	defer func(before func(int) time.Duration) { pauses = before }(pauses)
	pauses = func(int) time.Duration { k.write("pause", ""); return time.Hour }
	out, err := k.cook("-jobs", "2")
	require.EqualError(t, err, filepath.Join(k.dir, "pilfer.yaml")+":4: task bad: while ! test -e pause; do sleep 0.01; done; exit 3: exit status 3")
	require.Contains(t, out, "[0/2] flaky: failed, tries again, ")
	require.Contains(t, out, "\nnot tried again: flaky\n")
}

// What a command leaves running ends with its time.
func TestTimeoutEndsAllOfTheCommand(t *testing.T) {
	k := newKitchen(t, "")
	k.write("pid", "")
	for limit := time.Second; k.read("pid") == ""; limit *= 2 { // a shell may take long to begin
		require.Less(t, limit, testkit.Patience)
		k.write("pilfer.yaml", fmt.Sprintf("tasks: {a: {run: 'sleep 100 & echo $! > pid; wait', timeout: %v}}\n", limit))
		out, err := k.cook()
		require.ErrorContains(t, err, fmt.Sprintf(":1: task a: not done after %v", limit))
		require.NotContains(t, err.Error(), "goes on")
		require.Contains(t, out, "[1/1] a: timed out")
	}
	pid, err := strconv.Atoi(strings.TrimSpace(k.read("pid")))
	require.NoError(t, err)
	p, err := os.FindProcess(pid)
	require.NoError(t, err)
	testkit.Eventually(t, "the command's child is gone", func() bool { return p.Signal(syscall.Signal(0)) != nil || zombie(pid) })
}

// zombie reports whether the process has ended and nobody has asked how.
func zombie(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && strings.Contains(string(stat), ") Z ")
}
