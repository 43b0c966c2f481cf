// SPDX-License-Identifier: Apache-2.0

// Proof prints docs/reliability.md from what explorations have written to the files
// that are its arguments: see make proof.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/pilfer-go/pilfer/internal/explore"
)

const head = `# Reliability

This page is written by ` + "`make proof`" + `, which runs what it lists. Each row is a model: a few
threads that use the production source, run under the schedules that the row names. What a
complete exploration proves, and what not, is in [internal/explore](../internal/explore/README.md).

In each schedule every check of the model held, nothing panicked, no invariant broke, no
thread was left asleep, and plain memory that is handed over was in order.

* **complete**: every order of the shared steps, up to steps that commute.
* **complete, n preemptions**: every order that interrupts a thread which could go on n
  times at most.
* **at random**: that many schedules by random priorities. This proves nothing.

| structure | threads do | threads | schedules | steps | time | explored | test |
|---|---|---|---|---|---|---|---|
`

func main() {
	if err := print(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "proof:", err)
		os.Exit(1)
	}
}

func print(names []string) error {
	fmt.Print(head)
	rows, schedules, bad := 0, 0, 0
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); rows++ {
			var r explore.Record
			if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			claim := claimOf(r)
			if r.Failed || r.Mode == "exhaustive" && !r.Complete {
				bad++
			}
			schedules += r.Schedules
			fmt.Printf("| %s | %s | %d | %d | %d | %.1f s | %s | `%s` |\n", r.Structure, r.Operations,
				r.Threads, r.Schedules, r.Steps, r.Time.Round(100*time.Millisecond).Seconds(), claim, r.Test)
		}
	}
	fmt.Printf("\n%d models, %d schedules.\n", rows, schedules)
	if rows == 0 || bad > 0 {
		return fmt.Errorf("%d rows, %d of which failed or are not complete", rows, bad)
	}
	return nil
}

func claimOf(r explore.Record) string {
	switch {
	case r.Failed:
		return "**FAILED**"
	case r.Mode != "exhaustive":
		return "at random"
	case !r.Complete:
		return "**not complete**"
	case r.Bound != explore.Unbounded:
		return fmt.Sprintf("complete, %d preemptions", r.Bound)
	}
	return "complete"
}
