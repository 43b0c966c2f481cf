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
	limit    time.Duration
	budget   time.Duration
	spent    time.Duration // before the program began
	mix      bool

	begun  time.Time
	builds builds
	plan   plan
	left   int // runs that the limit left over

	cell string // of a child
	size int    // of a child
}

// Main is the program: it measures what its flags choose, and prints the table. In the
// end, after an interrupt too, it has charts drawn of the JSON file, if there is one and
// charts is not nil. It returns the exit code.
func Main(runtimes []bench.Runtime, charts func(path string) error) int {
	var o options
	list := flag.Bool("list", false, "list workloads and runtimes, and what each is")
	which := flag.Bool("revision", false, "print the revision of the tree that the figures would be of")
	flag.StringVar(&o.only, "only", "", "workloads, separated by commas; all without it")
	flag.StringVar(&o.peers, "peers", "", "runtimes beside ours, separated by commas; go, native and all are groups; with one of ours in it, only those named")
	flag.StringVar(&o.workers, "workers", "1,2", "numbers of workers")
	flag.IntVar(&o.runs, "runs", 5, "runs of each cell, in turn")
	flag.BoolVar(&o.short, "short", false, "a tenth of the size, for a first look")
	flag.StringVar(&o.json, "json", "", "write the figures to this file, too; with runs beside it from which the same command goes on")
	flag.DurationVar(&o.timeout, "timeout", 20*time.Second, "stop a run that takes longer, and say so in its cell")
	flag.DurationVar(&o.limit, "limit", 0, "begin no run after this time, and exit with 3 if some are left; no limit if 0")
	budget := flag.String("budget", "0", "do as many runs of each cell, up to -runs, as end within this time, with what was measured before; auto goes by the number of rows; no bound if 0")
	flag.DurationVar(&o.spent, "spent", 0, "how much of the budget is spent already, to build this program")
	flag.BoolVar(&o.mix, "mix", false, "write into a file that has figures of another build or machine; the page names them all")
	flag.DurationVar(&o.measured, "for", time.Second, "how long one run goes on; at least one round")
	native := flag.String("native", builtNatives(), "programs of native runtimes, separated by commas; by default those that make native has built")
	flag.StringVar(&o.cell, "cell", "", "internal: measure this cell and print the sample")
	flag.IntVar(&o.size, "units", 0, "internal: units in a round of the cell")
	flag.Int("warm", 0, "internal: units in its first round, for natives; a workload of ours knows")
	flag.Parse()
	if flag.NArg() > 0 { // else it would begin with all rows, for an hour
		fmt.Fprintf(os.Stderr, "table: want flags only, got %q; workloads are for -only, see -list and -h\n", flag.Args())
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if o.cell == "" {
		runtimes, err = withNatives(runtimes, *native)
	}
	switch {
	case err != nil:
	case *which:
		fmt.Println(revision())
	case *list:
		listAll(runtimes)
	case o.cell != "":
		err = o.child(runtimes, o.cell, o.size)
	default:
		if err = o.setBudget(*budget); err == nil {
			err = o.compare(ctx, runtimes)
			if o.json != "" && charts != nil && (err == nil || errors.Is(err, errInterrupted) || errors.Is(err, errLeft)) {
				err = errors.Join(err, charts(o.json))
			}
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		if errors.Is(err, errLeft) {
			return 3
		}
		return 1
	}
	return 0
}

// setBudget reads the flag.
func (o *options) setBudget(text string) (err error) {
	if text == "auto" {
		o.budget = auto
		return nil
	}
	o.budget, err = time.ParseDuration(text)
	if err == nil && o.budget < 0 {
		err = errors.New("less than nothing")
	}
	if err != nil {
		return fmt.Errorf("table: -budget %q: want auto or a duration: %w", text, err)
	}
	return nil
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

// choose reads what the flags name.
func (o *options) choose(runtimes []bench.Runtime) (workloads []bench.Workload, chosen []bench.Runtime, workers []int, err error) {
	workloads = bench.Workloads()
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
	if chosen, err = choosePeers(runtimes, o.peers); err != nil {
		return nil, nil, nil, err
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

// choosePeers returns ours and the named ones, in the order of the table.
func choosePeers(runtimes []bench.Runtime, names string) (chosen []bench.Runtime, err error) {
	if names == "" {
		return runtimes, nil
	}
	named := strings.Split(names, ",")
	for _, name := range named {
		if slices.Contains([]string{"go", "native", "all"}, name) {
			continue
		}
		if _, err := bench.FindRuntime(runtimes, name); err != nil {
			return nil, fmt.Errorf("%w; groups are go native all", err)
		}
	}
	ours := !slices.ContainsFunc(named, isOurs)
	for _, rt := range runtimes {
		group := "go"
		if rt.Command != "" {
			group = "native"
		}
		if ours && isOurs(rt.Name) || slices.Contains(named, rt.Name) || slices.Contains(named, group) || slices.Contains(named, "all") {
			chosen = append(chosen, rt)
		}
	}
	return chosen, nil
}

func isOurs(name string) bool { return strings.HasPrefix(name, "pilfer") }
