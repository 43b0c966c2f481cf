// SPDX-License-Identifier: Apache-2.0

package program

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

// A usageError is a mistake in the command line.
type usageError struct{ error }

// Usage returns the error of a mistake in the command line.
func Usage(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// Main calls run with the command line, prints its error, and ends the process.
func Main(name string, run func(ctx context.Context, out io.Writer, args []string) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // the next interrupt is Go's own
	err := run(ctx, os.Stdout, os.Args[1:])
	os.Exit(exitCode(os.Stderr, name, err, ctx.Err() != nil))
}

// exitCode tells how the program ended, to people and to other programs.
func exitCode(stderr io.Writer, name string, err error, interrupted bool) int {
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return 0
	}
	fmt.Fprintf(stderr, "%s: %v\n", name, err)
	switch {
	case errors.As(err, new(usageError)):
		fmt.Fprintf(stderr, "%s -h lists the flags\n", name)
		return 2
	case interrupted:
		return 130
	}
	return 1
}

// Parse parses the flags of args. It refuses more than most arguments behind them,
// unless that is negative. After -h it prints the flags to out and returns
// [flag.ErrHelp].
func Parse(fs *flag.FlagSet, out io.Writer, args []string, most int) error {
	fs.SetOutput(io.Discard)
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fs.SetOutput(out)
		fs.Usage()
		return err
	case err != nil:
		return usageError{err}
	case most >= 0 && fs.NArg() > most:
		return Usage("argument %q is one too many", fs.Arg(most))
	}
	return nil
}
