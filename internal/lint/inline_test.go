// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"os/exec"
	"strings"
	"testing"
)

// An atomic step that is not inlined is a call, and no other test would notice;
// see docs/decisions/0007-inlined-atomics.md.
func TestAtomicsAreInlined(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles packages of its own")
	}
	cmd := exec.Command("go", "build", "-gcflags=-m", "./sched", "./workers")
	cmd.Dir = "../.."
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		"sched/task_state.go atomic.(*Uint32).Load",
		"sched/task_state.go atomic.(*Uint32).CompareAndSwap",
		"workers/idle.go atomic.(*Uint64).Load",
		"workers/idle.go atomic.(*Uint64).CompareAndSwap",
	} {
		file, method, _ := strings.Cut(want, " ")
		if !inlines(string(out), file, method) {
			t.Errorf("%s: %s is a call: is the method mentioned in internal/point/inline.go?", file, method)
		}
	}
}

func inlines(report, file, method string) bool {
	for line := range strings.Lines(report) {
		if strings.HasPrefix(line, file+":") && strings.Contains(line, "inlining call to "+method) {
			return true
		}
	}
	return false
}
