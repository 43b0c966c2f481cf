// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// forkPath is what the code of a join may call, besides the two functions that it
// is given. All of them are for the rare cases, but gcWriteBarrier while the
// collector runs, and deferreturn in JoinSafe.
var forkPath = regexp.MustCompile(`workers\.newFrame|\(\*Worker\)\.(offer|takeBack|settleForks)|\.result\(` +
	`|\(\*cancelScope\)\.cancel|runtime\.(gcWriteBarrier|morestack|deferreturn)`)

// forkFaults looks for what a fork must not cost in the machine code of joins:
// locked instructions, bounds checks, allocations, and small functions that are
// called. It returns the names of the functions, and what it found.
func forkFaults(code string) (functions, faults []string) {
	function := ""
	for line := range strings.Lines(code) {
		if text, ok := strings.CutPrefix(line, "TEXT "); ok {
			function, _, _ = strings.Cut(text, "(SB)")
			functions = append(functions, function)
			continue
		}
		fields := strings.Fields(line)
		if len(fields) < 4 {
			continue
		}
		at, what := fields[0], strings.Join(fields[3:], " ")
		switch {
		case strings.HasPrefix(what, "LOCK"), strings.HasPrefix(what, "XCHG"), strings.HasPrefix(what, "CMPXCHG"):
			faults = append(faults, at+": locked instruction in "+function+": "+what)
		case strings.HasPrefix(what, "CALL") && strings.Contains(what, "(SB)") && !forkPath.MatchString(what):
			faults = append(faults, at+": call in "+function+": "+what)
		}
	}
	return functions, faults
}

// A fork that nobody steals costs no locked instruction, no allocation and no
// bounds check, in any form of join.
func TestForkPath(t *testing.T) {
	if testing.Short() {
		t.Skip("links a program")
	}
	if runtime.GOARCH != "amd64" {
		t.Skip("reads the machine code of amd64")
	}
	program := filepath.Join(t.TempDir(), "fork")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", program, "./internal/lint/testdata/fork")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if _, err := os.Stat(program); err != nil {
		t.Fatal(err)
	}
	const joins = `workers\.(Join|JoinRest|JoinSafe|JoinErr|JoinFunc|\(\*Recursive.*\)\.Join)(\[.*)?$`
	code, err := exec.Command("go", "tool", "objdump", "-s", joins, program).Output()
	if err != nil {
		t.Fatal(err)
	}
	functions, faults := forkFaults(string(code))
	if len(functions) < 8 {
		t.Errorf("found only %q", functions)
	}
	for _, f := range faults {
		t.Error(f)
	}
}

func TestForkPathFinds(t *testing.T) {
	const code = `TEXT workers.Join[go.shape.int](SB) join.go
  join.go:1	0x1	aa	CALL workers.(*Worker).offer(SB)
  join.go:2	0x2	aa	CALL SI
  join.go:3	0x3	aa	XCHGL AX, 0(CX)
  join.go:4	0x4	aa	CALL runtime.panicBounds(SB)
  join.go:5	0x5	aa	CALL runtime.newobject(SB)
  join.go:6	0x6	aa	LOCK XADDL AX, 0(CX)
`
	functions, faults := forkFaults(code)
	if len(functions) != 1 || len(faults) != 4 {
		t.Errorf("found %q in %q", faults, functions)
	}
}
