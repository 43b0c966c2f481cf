// SPDX-License-Identifier: Apache-2.0

package table

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/pilfer-go/pilfer/bench"
)

// A Machine is what figures depend on besides the code.
type Machine struct {
	CPU      string            `json:"cpu"`
	CPUs     int               `json:"cpus"`
	Memory   string            `json:"memory"`
	System   string            `json:"system"`
	Go       string            `json:"go"`
	Date     string            `json:"date"`
	Revision string            `json:"revision"`
	Load     string            `json:"load"`     // averages of 1, 5 and 15 minutes at the start
	Versions map[string]string `json:"versions"` // of the peers
}

func describeMachine(runtimes []bench.Runtime) Machine {
	m := Machine{
		CPU: field("/proc/cpuinfo", "model name"), CPUs: runtime.NumCPU(),
		Memory: field("/proc/meminfo", "MemTotal"), System: runtime.GOOS + "/" + runtime.GOARCH,
		Go: runtime.Version(), Date: time.Now().UTC().Format(time.DateOnly), Versions: map[string]string{},
	}
	if text, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.System += ", kernel " + strings.TrimSpace(string(text))
	}
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.Load = strings.Join(strings.Fields(string(text))[:3], " ")
	}
	// Not stamped into the program: a build of the same code stays the same.
	if out, err := exec.Command("git", "describe", "--always", "--dirty", "--exclude=*").Output(); err == nil {
		m.Revision = strings.TrimSpace(string(out))
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if d.Replace == nil {
				m.Versions[d.Path] = d.Version
			}
		}
	}
	for _, rt := range runtimes {
		if rt.Version != "" {
			m.Versions[rt.Name] = rt.Version
		}
	}
	return m
}

// field returns the value of a line "name : value" of a file of the kernel.
func field(path, name string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// same reports whether figures of both may stand in one table.
func (m Machine) same(other Machine) bool {
	return m.CPU == other.CPU && m.CPUs == other.CPUs && m.System == other.System && m.Go == other.Go && m.Revision == other.Revision
}

func (m Machine) print(w io.Writer) {
	fmt.Fprintf(w, "%s, %d CPUs, GOMAXPROCS %d, %s; %s %s; revision %s; load %s\n"+
		"Medians of runs in turn, each in a process of its own. ~n: n runs were disturbed by others; they count only if all were.\n",
		m.CPU, m.CPUs, runtime.GOMAXPROCS(0), m.Memory, m.Go, m.System, m.Revision, m.Load)
	var parts []string
	for path, version := range m.Versions {
		parts = append(parts, path+" "+version)
	}
	slices.Sort(parts)
	if len(parts) > 0 {
		fmt.Fprintln(w, strings.Join(parts, ", "))
	}
}
