// SPDX-License-Identifier: Apache-2.0

package instructions

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// A Counter is a program that counts the instructions of another.
type Counter struct {
	Name  string // of the program
	args  []string
	found *regexp.Regexp // the count in what it prints
}

// counters are tried in this order.
var counters = []Counter{
	{"perf", []string{"perf", "stat", "-x", ",", "-e", "instructions:u"}, regexp.MustCompile(`(?m)^(\d+),[^,]*,instructions:u`)},
	{"callgrind", []string{"valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"}, regexp.MustCompile(`Collected : (\d+)`)},
}

// ErrNone is the error where nothing counts instructions.
var ErrNone = errors.New("instructions: neither perf nor valgrind counts instructions here (apt-get install valgrind)")

// FindCounter returns what counts here.
func FindCounter(ctx context.Context) (Counter, error) {
	for _, c := range counters {
		if _, _, err := c.run(ctx, "true"); err == nil {
			return c, nil
		}
	}
	return Counter{}, ErrNone
}

// run runs a program and returns its instructions and what it printed.
func (c Counter) run(ctx context.Context, program ...string) (count int64, out string, err error) {
	args := append(append([]string(nil), c.args...), program...)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	// Signals that preempt a goroutine confuse callgrind, and with one worker nobody
	// needs them. The collector would count its own work.
	cmd.Env = append(os.Environ(), "GODEBUG=asyncpreemptoff=1", "GOGC=off", "GOMAXPROCS=1", "LC_ALL=C")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return 0, "", fmt.Errorf("instructions: %s: %w: %s", c.Name, err, strings.TrimSpace(stderr.String()))
	}
	m := c.found.FindStringSubmatch(stderr.String())
	if m == nil {
		return 0, "", fmt.Errorf("instructions: %s counts none: %s", c.Name, strings.TrimSpace(stderr.String()))
	}
	count, err = strconv.ParseInt(m[1], 10, 64)
	return count, stdout.String(), err
}

// A Result is a line of what was counted.
type Result struct {
	Op           string  `json:"op"`           // its name
	How          string  `json:"how"`          // it is done
	Counter      string  `json:"counter"`      // that counted
	Instructions float64 `json:"instructions"` // of one
}

// CountAll counts all operations; see [Counter.Count].
func CountAll(ctx context.Context, program ...string) (all []Result, err error) {
	c, err := FindCounter(ctx)
	if err != nil {
		return nil, err
	}
	for _, op := range Ops() {
		each, err := c.Count(ctx, op, program...)
		if err != nil {
			return nil, err
		}
		all = append(all, Result{op.Name, op.How, c.Name, math.Round(each*10) / 10})
	}
	return all, nil
}

// Count returns the instructions of one operation. program is a command that does
// it as often as its next two arguments, a name and a number, say, and prints how
// often that was.
func (c Counter) Count(ctx context.Context, op Op, program ...string) (each float64, err error) {
	var counts, times [2]int64
	for i, n := range []int{op.few, op.many} {
		count, out, err := c.run(ctx, append(append([]string(nil), program...), op.Name, strconv.Itoa(n))...)
		if err != nil {
			return 0, err
		}
		counts[i] = count
		if times[i], err = strconv.ParseInt(strings.TrimSpace(out), 10, 64); err != nil {
			return 0, fmt.Errorf("instructions: %s printed %q, want how often it was done", op.Name, out)
		}
	}
	if times[1] <= times[0] {
		return 0, fmt.Errorf("instructions: %s was done %d times and %d times", op.Name, times[0], times[1])
	}
	return float64(counts[1]-counts[0]) / float64(times[1]-times[0]), nil
}
