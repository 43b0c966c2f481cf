// SPDX-License-Identifier: Apache-2.0

package table

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pilfer-go/pilfer/bench"
)

type options struct {
	only     string
	peers    string
	workers  string
	runs     int
	short    bool
	json     string
	timeout  time.Duration
	measured time.Duration

	cell string // of a child
	size int    // of a child
}

// Main is the program: it measures what its flags choose, and prints the table.
// It returns the exit code.
func Main(runtimes []bench.Runtime) int {
	var o options
	list := flag.Bool("list", false, "list workloads and runtimes, and what each is")
	flag.StringVar(&o.only, "only", "", "workloads, separated by commas; all without it")
	flag.StringVar(&o.peers, "runtimes", "", "runtimes, separated by commas; all without it")
	flag.StringVar(&o.workers, "workers", "1,2", "numbers of workers")
	flag.IntVar(&o.runs, "runs", 5, "runs of each cell, in turn")
	flag.BoolVar(&o.short, "short", false, "a tenth of the size, for a first look")
	flag.StringVar(&o.json, "json", "", "write the figures to this file, too")
	flag.DurationVar(&o.timeout, "timeout", time.Minute, "stop a run that takes longer, and say so in its cell")
	flag.DurationVar(&o.measured, "for", time.Second, "how long one run goes on; at least one round")
	native := flag.String("native", builtNatives(), "programs of native runtimes, separated by commas; by default those that make native has built")
	flag.StringVar(&o.cell, "cell", "", "internal: measure this cell and print the sample")
	flag.IntVar(&o.size, "units", 0, "internal: units in a round of the cell")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if o.cell == "" {
		runtimes, err = withNatives(runtimes, *native)
	}
	switch {
	case err != nil:
	case *list:
		listAll(runtimes)
	case o.cell != "":
		err = o.child(runtimes, o.cell, o.size)
	default:
		err = o.compare(ctx, runtimes)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// builtNatives returns the native programs that are there, if the table runs in
// the root of the checkout or in the module of the peers.
func builtNatives() string {
	var built []string
	for _, pattern := range []string{"bench/native/bin/*", "../native/bin/*"} {
		found, _ := filepath.Glob(pattern) // fails only on a bad pattern
		built = append(built, found...)
	}
	return strings.Join(built, ",")
}

func withNatives(runtimes []bench.Runtime, programs string) ([]bench.Runtime, error) {
	if programs == "" {
		return runtimes, nil
	}
	for program := range strings.SplitSeq(programs, ",") {
		more, err := bench.NativeRuntimes(program)
		if err != nil {
			return nil, err
		}
		runtimes = append(runtimes, more...)
	}
	return runtimes, nil
}

func listAll(runtimes []bench.Runtime) {
	for _, w := range bench.Workloads() {
		fmt.Printf("%-20s %s (ns per %s)\n", w.Name, w.Why, w.Unit)
	}
	fmt.Println()
	for _, rt := range runtimes {
		fmt.Printf("%-20s %s\n", rt.Name, rt.How)
	}
}

// compare measures row after row and prints each as soon as it is there. What
// was measured before an interrupt is kept.
func (o *options) compare(ctx context.Context, runtimes []bench.Runtime) error {
	workloads, chosen, workers, err := o.choose(runtimes)
	if err != nil {
		return err
	}
	printMachine(os.Stdout)
	var (
		rows   []*row
		failed error
	)
	for _, w := range workloads {
		r := o.measureRow(ctx, w, chosen, workers)
		r.print(os.Stdout)
		rows = append(rows, r)
		failed = errors.Join(failed, r.wrong)
		if ctx.Err() != nil {
			failed = errors.Join(failed, errors.New("table: interrupted; the rows above are what was measured"))
			break
		}
	}
	printTargets(os.Stdout, rows)
	if o.json != "" {
		failed = errors.Join(failed, writeJSON(o.json, rows))
	}
	return failed
}

// choose reads what the flags name.
func (o *options) choose(runtimes []bench.Runtime) (workloads []bench.Workload, chosen []bench.Runtime, workers []int, err error) {
	workloads, chosen = bench.Workloads(), runtimes
	if o.only != "" {
		workloads = nil
		for name := range strings.SplitSeq(o.only, ",") {
			w, err := bench.Find(name)
			if err != nil {
				return nil, nil, nil, err
			}
			workloads = append(workloads, w)
		}
	}
	if o.peers != "" {
		chosen = nil
		for name := range strings.SplitSeq(o.peers, ",") {
			rt, err := bench.FindRuntime(runtimes, name)
			if err != nil {
				return nil, nil, nil, err
			}
			chosen = append(chosen, rt)
		}
	}
	for text := range strings.SplitSeq(o.workers, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return nil, nil, nil, fmt.Errorf("table: -workers %q: want numbers from 1, separated by commas", o.workers)
		}
		workers = append(workers, n)
	}
	if o.runs < 1 {
		return nil, nil, nil, fmt.Errorf("table: -runs %d: want at least 1", o.runs)
	}
	return workloads, chosen, workers, nil
}

// measureRow runs the cells of a workload in turn.
func (o *options) measureRow(ctx context.Context, w bench.Workload, runtimes []bench.Runtime, workers []int) *row {
	r := &row{workload: w, cannot: map[string]string{}}
	for _, rt := range runtimes {
		if word, ok := rt.Cannot[w.Name]; ok {
			r.cannot[rt.Name] = word
		}
		if least := rt.Least[w.Name]; slices.Min(workers) < least {
			r.cannot[rt.Name] = fmt.Sprintf("deadlocks with fewer than %d workers", least)
		}
	}
	for _, c := range bench.Cells(w, runtimes, workers, runtime.GOMAXPROCS(0)) {
		r.cells = append(r.cells, &cell{Cell: c})
	}
	for n := range o.runs {
		for _, c := range r.cells {
			if c.note != "" || ctx.Err() != nil {
				continue
			}
			progress("%s %d/%d", c.Name(), n+1, o.runs)
			got, err := o.measure(ctx, c.Cell)
			switch {
			case ctx.Err() != nil:
			case err != nil:
				c.note = err.Error()
				r.wrong = errors.Join(r.wrong, err)
			default:
				c.runs = append(c.runs, got)
			}
		}
	}
	progress("")
	return r
}

// progress replaces the line that a person sees meanwhile; a file gets none.
func progress(format string, args ...any) {
	if s, err := os.Stderr.Stat(); err == nil && s.Mode()&os.ModeCharDevice != 0 {
		fmt.Fprintf(os.Stderr, "\r\x1b[K"+format, args...)
	}
}
