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
	"strconv"
	"strings"
	"time"

	"github.com/pilfer-go/pilfer/bench"
)

// A Machine is what figures depend on besides the code.
type Machine struct {
	CPU      string            `json:"cpu"`      // as the system names it
	CPUs     int               `json:"cpus"`     // that we may use
	Memory   string            `json:"memory"`   // in GB
	System   string            `json:"system"`   // and its kernel
	Go       string            `json:"go"`       // version
	Date     string            `json:"date"`     // of the run
	Revision string            `json:"revision"` // of the tree; dirty if it was changed
	Build    string            `json:"build"`    // of the program that measured
	Load     string            `json:"load"`     // averages of 1, 5 and 15 minutes at the start
	Versions map[string]string `json:"versions"` // by runtime
	How      map[string]string `json:"how"`      // each runtime is used
}

// describe returns what this comparison is measured on.
func (o *options) describe(runtimes []bench.Runtime) (Machine, error) {
	m := describeMachine(runtimes)
	exe, err := os.Executable()
	if err != nil {
		return m, err
	}
	m.Build, err = o.builds.of(exe)
	return m, err
}

func describeMachine(runtimes []bench.Runtime) Machine {
	m := Machine{
		CPU: field("/proc/cpuinfo", "model name"), CPUs: runtime.NumCPU(),
		Memory: memory(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Go: runtime.Version(), Date: time.Now().UTC().Format(time.DateOnly), Versions: map[string]string{}, How: map[string]string{},
	}
	if text, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.System += ", kernel " + strings.TrimSpace(string(text))
	}
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.Load = strings.Join(strings.Fields(string(text))[:3], " ")
	}
	m.Revision = revision()
	info, _ := debug.ReadBuildInfo()
	for _, rt := range runtimes {
		m.How[rt.Name] = rt.How
		switch {
		case rt.Version != "":
			m.Versions[rt.Name] = rt.Version
		case rt.Module == "":
			m.Versions[rt.Name] = m.Go
		case info != nil:
			for _, d := range info.Deps {
				if d.Path == rt.Module {
					m.Versions[rt.Name] = d.Path + " " + d.Version
				}
			}
		}
		if isOurs(rt.Name) {
			m.Versions[rt.Name] = "revision " + m.Revision
		}
	}
	return m
}

// revision names the tree. It is not stamped into the program: a build of the same
// code stays the same. What a comparison itself writes does not make a tree dirty.
func revision() string {
	out, err := exec.Command("git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "" // no checkout
	}
	name := strings.TrimSpace(string(out))
	changed, err := exec.Command("git", "status", "--porcelain", "--untracked-files=no", "--",
		":(top)", ":(top,exclude)BENCHMARKS.md", ":(top,exclude)docs/bench").Output()
	if err != nil || len(changed) > 0 {
		name += "-dirty"
	}
	return name
}

// memory returns how much the machine has.
func memory() string {
	kB, err := strconv.Atoi(strings.TrimSuffix(field("/proc/meminfo", "MemTotal"), " kB"))
	if err != nil {
		return "memory unknown"
	}
	return fmt.Sprintf("%d GB", (kB+1<<19)>>20)
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
	return m.CPU == other.CPU && m.CPUs == other.CPUs && m.System == other.System && m.Go == other.Go &&
		m.Revision == other.Revision && m.Build == other.Build
}

// identity is what two machines that are not the same may differ in.
func (m Machine) identity() string {
	return fmt.Sprintf("revision %s (build %s), %s, %d CPUs, %s, %s", m.Revision, m.Build, m.CPU, m.CPUs, m.System, m.Go)
}

func (m Machine) print(w io.Writer) {
	fmt.Fprintf(w, "%s, %d CPUs, GOMAXPROCS %d, %s; %s %s; revision %s; load %s\n"+
		"Medians of runs in turn, each in a process of its own. ~n: n runs were disturbed by others; they count only if all were.\n",
		m.CPU, m.CPUs, runtime.GOMAXPROCS(0), m.Memory, m.Go, m.System, m.Revision, m.Load)
	var parts []string
	for _, version := range m.Versions {
		if version != m.Go && !strings.HasPrefix(version, "revision ") {
			parts = append(parts, version)
		}
	}
	slices.Sort(parts)
	if len(parts) > 0 {
		fmt.Fprintln(w, strings.Join(parts, ", "))
	}
}
