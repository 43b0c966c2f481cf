// SPDX-License-Identifier: Apache-2.0

// Instructions prints how many instructions a fork, a spawn, a poll, a wake and a
// steal take: a figure that a noisy machine does not move. With -json it writes
// them to a file, too.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"strconv"

	"github.com/pilfer-go/pilfer/bench/instructions"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 2 && args[0] != "-json" { // a child
		return child(args[0], args[1])
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	all, err := instructions.CountAll(ctx, exe)
	if err != nil {
		return err
	}
	fmt.Printf("instructions, counted by %s; one worker\n", all[0].Counter)
	for _, r := range all {
		fmt.Printf("%-6s %8.1f  %s\n", r.Op, r.Instructions, r.How)
	}
	if len(args) < 2 || args[1] == "" {
		return nil
	}
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(args[1], append(text, '\n'), 0o666)
}

// child does an operation and prints how often.
func child(name, times string) error {
	op, err := instructions.Find(name)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(times)
	if err != nil {
		return err
	}
	done, err := op.Do(n)
	if err != nil {
		return err
	}
	fmt.Println(done)
	return nil
}
