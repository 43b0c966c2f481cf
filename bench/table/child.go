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
	rss    int64         // peak bytes of the child
	others float64       // CPUs that others used meanwhile
	took   time.Duration // with the start of the child and what it does not measure
}

// disturbed is how much of a CPU others may use before a run is marked.
const disturbed = 0.15

// quiet is how long a child may use no CPU at all before it counts as a deadlock.
// The longest wait of a workload is idle's second.
const quiet = 1500 * time.Millisecond

// A stuck is the error of a child that was stopped, or that its system ended. It is
// a word in a cell; anything else is a wrong result.
type stuck struct{ word string }

func (e stuck) Error() string { return e.word }

var errDeadlock = stuck{"deadlocks"}

// program is what measures a cell.
func program(c bench.Cell) (string, error) {
	if c.Runtime.Command != "" {
		return c.Runtime.Command, nil
	}
	return os.Executable()
}

// measure runs a cell in a process of its own.
func (o *options) measure(ctx context.Context, c bench.Cell, units int, measured time.Duration) (run, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, o.timeout, stuck{fmt.Sprintf("no end after %v", o.timeout)})
	defer cancel()
	exe, err := program(c)
	if err != nil {
		return run{}, err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	cmd := exec.CommandContext(ctx, exe, "-cell", c.Name(), "-units", strconv.Itoa(units),
		"-warm", strconv.Itoa(c.Workload.Warm), "-for", measured.String())
	cmd.Env = os.Environ()
	if n := c.Procs(); n > 0 {
		cmd.Env = append(cmd.Env, "GOMAXPROCS="+strconv.Itoa(n))
	}
	var out, trouble bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &trouble
	before, began := readLoad(), time.Now()
	if err := startOn(cmd, c.Procs()); err != nil {
		var word stuck
		if errors.As(context.Cause(ctx), &word) { // its time was over before it began
			err = word
		}
		return run{}, err
	}
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		watch(ctx, cmd.Process.Pid, stop)
	}()
	err = cmd.Wait()
	after, took := readLoad(), time.Since(began)
	why := context.Cause(ctx)
	stop(nil)
	<-watched
	if err != nil {
		var word stuck
		switch {
		case errors.As(why, &word):
			return run{took: took}, word
		case strings.Contains(trouble.String(), "all goroutines are asleep"):
			return run{took: took}, errDeadlock
		case c.Runtime.Command != "" && strings.HasPrefix(err.Error(), "signal: "):
			return run{took: took}, stuck{"crashes: " + strings.TrimPrefix(err.Error(), "signal: ")} // a stack that is too deep
		}
		return run{}, fmt.Errorf("%s: %w: %s", c.Name(), err, firstLine(trouble.String()))
	}
	r := run{sample: &bench.Sample{}, rss: peakBytes(cmd.ProcessState), took: took}
	if err := json.Unmarshal(out.Bytes(), r.sample); err != nil {
		return run{}, fmt.Errorf("%s: what it printed: %w", c.Name(), err)
	}
	own := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	r.others = after.since(before, own)
	return r, nil
}

// watch stops a child that has used no CPU for too long.
func watch(ctx context.Context, pid int, stop context.CancelCauseFunc) {
	const look = quiet / 8
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	last, still := time.Duration(-1), time.Duration(0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now, ok := cpuOf(pid)
		switch {
		case !ok:
			return
		case now != last:
			last, still = now, 0
		default:
			still += look
		}
		if still >= quiet {
			stop(errDeadlock)
			return
		}
	}
}

// units is the size of a round.
func (o *options) units(r *row) int {
	if o.short || r.short {
		return shortUnits(r.workload)
	}
	return r.workload.Size
}

// shortly is what a short run does of the size.
const shortly = 10

// measured is how long a run of the row measures, if others do for that long.
func (r *row) measured(others time.Duration) time.Duration {
	if r.short {
		return others / 4
	}
	return others
}

func shortUnits(w bench.Workload) int { return max(w.Small, w.Size/shortly) }

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
	s, err := bench.Cell{Workload: w, Runtime: rt, Workers: workers}.Run(units, warm(o.measured), enough, 0, o.measured)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(s)
}

// warm is for how long rounds of a run are not measured, one at least. Natives do the
// same. It is enough for what a runtime does after a few rounds: with one round, half of
// what was measured of dag was from before its graph was laid out for its runs.
func warm(measured time.Duration) time.Duration { return measured / 2 }

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
