// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// Natives are the native runtimes that there may be; the others of their programs
// are serial.
var Natives = []string{"rayon", "tokio", "onetbb", "taskflow"}

// errNative is what opening a native runtime in this process returns.
var errNative = errors.New("bench: a native runtime is measured in a process of its own")

// NativeRuntimes returns the runtimes of a program that `make native` has built.
// It takes the flags of a child of the table, and prints what it knows with -list:
// lines of a workload and a runtime, and of the number of workers if there is no choice,
// after lines "# runtime version".
func NativeRuntimes(program string) ([]Runtime, error) {
	out, err := exec.Command(program, "-list").Output()
	if err != nil {
		return nil, fmt.Errorf("bench: %s -list: %w", program, err)
	}
	var all []Runtime
	versions := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if name, version, ok := strings.Cut(strings.TrimPrefix(line, "# "), " "); ok && strings.HasPrefix(line, "# ") {
			versions[name] = strings.TrimSpace(version)
			continue
		}
		part := strings.Fields(line)
		if len(part) != 2 && len(part) != 3 {
			return nil, fmt.Errorf("bench: %s -list: %q is not a workload and a runtime", program, line)
		}
		workload, name := part[0], part[1]
		at := len(all) - 1
		for at >= 0 && all[at].Name != name {
			at--
		}
		if at < 0 {
			at = len(all)
			all = append(all, Runtime{Name: name, How: "native, built by make native", Version: strings.TrimSpace(name + " " + versions[name]), Sized: true, Command: program, Open: map[string]Open{}, Fixed: map[string]int{}})
		}
		if len(part) == 3 {
			workers, err := strconv.Atoi(part[2])
			if err != nil {
				return nil, fmt.Errorf("bench: %s -list: %q: %w", program, line, err)
			}
			all[at].Fixed[workload] = workers
		}
		all[at].Open[workload] = func(int) (Body, func() error, error) { return nil, nil, errNative }
	}
	return all, nil
}
