// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// A tracer writes down the steps of one run.
type tracer struct {
	lines []line
	files map[string][]string
}

type line struct {
	n      int
	thread string
	did    string
	where  string
	source string
}

// step notes the step that t has just taken, and the place in the code that it
// comes from.
func (tr *tracer) step(t *vthread, ev *event, old, now uint64) {
	did := ev.kind.String()
	switch {
	case ev.word == noWord && ev.kind == kindJoin:
		did += " " + t.op.target.name
	case ev.word == noWord:
	case ev.kind == kindCAS && !ev.write:
		did = fmt.Sprintf("w%d compare-and-swap fails: %s", ev.word, number(old))
	case ev.kind == kindLoad, old == now && !ev.write:
		did = fmt.Sprintf("w%d %v: %s", ev.word, ev.kind, number(old))
	case ev.kind == kindLock, ev.kind == kindUnlock, ev.kind == kindFutexWake, ev.kind == kindSend, ev.kind == kindReceive:
		did = fmt.Sprintf("w%d %v", ev.word, ev.kind)
	default:
		did = fmt.Sprintf("w%d %v: %s to %s", ev.word, ev.kind, number(old), number(now))
	}
	where, source := tr.place()
	tr.lines = append(tr.lines, line{t.e.steps, t.name, did, where, source})
}

// note adds a line that is no step.
func (tr *tracer) note(t *vthread, did string) {
	where, source := tr.place()
	tr.lines = append(tr.lines, line{t.e.steps, t.name, did, where, source})
}

// number shows small numbers in decimal, negative ones too, and pointers in
// hexadecimal.
func number(v uint64) string {
	if s := int64(v); s > -1_000_000 && s < 1<<20 {
		return fmt.Sprint(s)
	}
	return fmt.Sprintf("%#x", v)
}

// place returns the innermost caller that is not part of the seam, and the text of
// its line.
func (tr *tracer) place() (where, source string) {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for {
		f, more := frames.Next()
		base := filepath.Base(f.File)
		if f.File != "" && !(seamDir(f.File) && !strings.HasSuffix(base, "_test.go")) {
			return fmt.Sprintf("%s:%d", base, f.Line), tr.text(f.File, f.Line)
		}
		if !more {
			return "", ""
		}
	}
}

// seamDir says whether a file belongs to the explorer or to the seam.
func seamDir(file string) bool {
	dir := filepath.Base(filepath.Dir(file))
	return dir == "explore" || dir == "point" || dir == "iter"
}

func (tr *tracer) text(file string, n int) string {
	if tr.files == nil {
		tr.files = map[string][]string{}
	}
	lines, ok := tr.files[file]
	if !ok {
		if text, err := os.ReadFile(file); err == nil {
			lines = strings.Split(string(text), "\n")
		}
		tr.files[file] = lines
	}
	if n < 1 || n > len(lines) {
		return ""
	}
	return strings.TrimSpace(lines[n-1])
}

// String returns the steps in columns.
func (tr *tracer) String() string {
	var who, did, where int
	for _, l := range tr.lines {
		who, did, where = max(who, len(l.thread)), max(did, len(l.did)), max(where, len(l.where))
	}
	var b strings.Builder
	for i, l := range tr.lines {
		name := l.thread
		if i > 0 && tr.lines[i-1].thread == name {
			name = ""
		}
		fmt.Fprintf(&b, "%4d  %-*s  %-*s  %-*s  %s\n", l.n, who, name, did, l.did, where, l.where, l.source)
	}
	return b.String()
}
