// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTaskScripts runs the lives of tasks under testdata. A line is an event, an
// arrow and the order that it gives; "start" sets the first state, "is" looks at
// the word.
func TestTaskScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			runScript(t, string(text))
		})
	}
}

func runScript(t *testing.T, text string) {
	var s taskState
	n := 0
	for line := range strings.Lines(text) {
		n++
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		event, want, _ := strings.Cut(line, "->")
		event, want = strings.TrimSpace(event), strings.TrimSpace(want)
		switch event {
		case "":
		case "start outside":
			s.init(queued)
		case "start inside":
			s.init(running)
		case "is":
			require.Equal(t, want, s.load().String(), "line %d: %s", n, line)
		default:
			require.Equal(t, want, apply(&s, event), "line %d: %s", n, line)
		}
	}
}
