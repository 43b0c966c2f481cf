// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

// Exit codes.
const (
	exitOK          = 0
	exitFailed      = 1 // the self-check failed, or a run did
	exitBadInput    = 2
	exitInterrupted = 130
)

func main() {
	if isChild() {
		os.Exit(runChild(os.Stdin, os.Stdout))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the program. It returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parseOptions(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitBadInput // parseOptions has said why
	}
	err = compareAndReport(ctx, o, stdout, stderr)
	code := exitCode(ctx, err)
	switch code {
	case exitOK:
	case exitInterrupted:
		fmt.Fprintln(stderr, "typecheck: interrupted")
	default:
		fmt.Fprintln(stderr, "typecheck:", err)
	}
	return code
}

// exitCode tells how the program ended.
func exitCode(ctx context.Context, err error) int {
	switch {
	case err == nil:
		return exitOK
	case ctx.Err() != nil:
		return exitInterrupted
	case errors.As(err, new(inputError)):
		return exitBadInput
	default:
		return exitFailed
	}
}

// compareAndReport makes the runs, checks them against each other and writes what
// was asked for.
func compareAndReport(ctx context.Context, o *options, stdout, stderr io.Writer) error {
	outputs := make(map[string]*output)
	for _, name := range []string{o.trace, o.timeline} {
		if name == "" {
			continue
		}
		out, err := openOutput(name)
		if err != nil {
			return err
		}
		defer out.discard()
		outputs[name] = out
	}
	in, err := load(ctx, ".", o.patterns)
	if err != nil {
		return err
	}
	c, err := compareAll(ctx, in, o, runInChild, stderr)
	if err != nil {
		return err
	}
	listed, err := listPaths(ctx, ".", o.patterns)
	if err != nil {
		return err
	}
	if err := c.verify(listed); err != nil {
		return fmt.Errorf("self-check failed: %w", err)
	}
	r := c.report()
	t := c.timeline(r)
	if out := outputs[o.timeline]; out != nil {
		if err := out.write(t.WriteSVG); err != nil {
			return err
		}
	}
	if out := outputs[o.trace]; out != nil {
		if err := out.write(t.WriteTrace); err != nil {
			return err
		}
	}
	if o.json {
		fmt.Fprintln(stderr, r.Line)
		return r.printJSON(stdout)
	}
	return r.print(stdout)
}
