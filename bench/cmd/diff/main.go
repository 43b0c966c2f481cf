// SPDX-License-Identifier: Apache-2.0

// Diff measures this tree against another revision, and prints what got slower
// beyond noise. That is no error: it is for a person to judge.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"github.com/pilfer-go/pilfer/bench"
	"github.com/pilfer-go/pilfer/bench/diff"
)

// short are the rows of -short: one for each part of the runtime.
const short = "fib,uts-t3,spawn-inside,submit-1,yield,wavefront,run-empty"

func main() {
	o := diff.Options{Out: os.Stdout}
	flag.StringVar(&o.Base, "base", "", "revision to compare with; if empty, one some way back")
	rows := flag.String("only", "", "workloads, separated by commas; if empty, all with a figure that is a time")
	brief := flag.Bool("short", false, "less than a minute: few rows, one worker, one time each in a round")
	flag.StringVar(&o.Runtime, "runtime", "pilfer", "of ours")
	flag.StringVar(&o.Workers, "workers", "2", "numbers of workers, separated by |; 1 with -short")
	flag.IntVar(&o.Count, "count", 10, "rounds")
	flag.StringVar(&o.Time, "benchtime", "100ms", "of each benchmark in a round")
	flag.Parse()
	if *brief {
		// One worker: what others on the machine do hardly reaches it.
		o.Workers, o.Time = "1", "1x"
		if *rows == "" {
			*rows = short
		}
	}
	if *rows != "" {
		o.Rows = strings.Split(*rows, ",")
	}
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(o diff.Options) error {
	for _, name := range o.Rows {
		if _, err := bench.Find(name); err != nil {
			return err
		}
	}
	if len(o.Rows) == 0 {
		for _, w := range bench.Workloads() {
			if !strings.HasPrefix(w.Name, "wake") && w.Name != "coarse" && w.Name != "idle" {
				o.Rows = append(o.Rows, w.Name)
			}
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return diff.Run(ctx, o)
}
