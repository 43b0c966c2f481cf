// SPDX-License-Identifier: Apache-2.0

// Locks prints how many locked instructions each unit of a workload takes.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/pilfer-go/pilfer/bench/locks"
)

func main() {
	if len(os.Args) > 1 {
		fmt.Fprintf(os.Stderr, "usage: locks\nprints the locked instructions of a unit of each of %q\n", locks.Workloads)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	counts, err := locks.Count(ctx, locks.Workloads...)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, name := range locks.Workloads {
		fmt.Printf("%-15s %6.2f\n", name, counts[name])
	}
}
