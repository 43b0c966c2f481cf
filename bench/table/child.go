// SPDX-License-Identifier: Apache-2.0

package table

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/pilfer-go/pilfer/bench"
)

// A run is one child process's figures.
type run struct {
	sample *bench.Sample
	rss    int64   // peak bytes of the child
	others float64 // CPUs that others used meanwhile
}

// disturbed is how much of a CPU others may use before a run is marked.
const disturbed = 0.15

// measure runs a cell in a process of its own.
func (o *options) measure(ctx context.Context, c bench.Cell) (run, error) {
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	exe := c.Runtime.Command
	if exe == "" {
		var err error
		if exe, err = os.Executable(); err != nil {
			return run{}, err
		}
	}
	cmd := exec.CommandContext(ctx, exe, "-cell", c.Name(), "-units", strconv.Itoa(o.units(c.Workload)), "-for", o.measured.String())
	var out, trouble bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &trouble
	before := readLoad()
	err := cmd.Run()
	after := readLoad()
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return run{}, fmt.Errorf("no end after %v", o.timeout)
	case err != nil:
		return run{}, fmt.Errorf("%s: %w: %s", c.Name(), err, firstLine(trouble.String()))
	}
	r := run{sample: &bench.Sample{}, rss: peakBytes(cmd.ProcessState)}
	if err := json.Unmarshal(out.Bytes(), r.sample); err != nil {
		return run{}, fmt.Errorf("%s: what it printed: %w", c.Name(), err)
	}
	own := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	r.others = after.since(before, own)
	return r, nil
}

// units is the size of a round.
func (o *options) units(w bench.Workload) int {
	if o.short {
		return max(w.Small, w.Size/10)
	}
	return w.Size
}

// child is the other side: it runs the cell and prints the sample.
func (o *options) child(runtimes []bench.Runtime, name string, units int) error {
	part := strings.Split(name, "/")
	if len(part) != 3 {
		return fmt.Errorf("table: cell %q is not workload/runtime/workers", name)
	}
	w, err := bench.Find(part[0])
	if err != nil {
		return err
	}
	rt, err := bench.FindRuntime(runtimes, part[1])
	if err != nil {
		return err
	}
	workers, err := strconv.Atoi(part[2])
	if err != nil {
		return err
	}
	const enough = 1 << 20
	s, err := bench.Cell{Workload: w, Runtime: rt, Workers: workers}.Run(units, 1, enough, o.measured)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(s)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// load is how much CPU time the machine has spent.
type load struct {
	at   time.Time
	busy time.Duration
}

// since returns how many CPUs others kept busy between two loads.
func (l load) since(before load, own time.Duration) float64 {
	wall := l.at.Sub(before.at)
	if wall <= 0 || l.busy == 0 {
		return 0
	}
	return max(0, float64(l.busy-before.busy-own)/float64(wall))
}
