// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"slices"
	"syscall"
	"time"
)

func main() {
	// SIGTERM too: commands have process groups of their own, and would stay.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout, os.Args[1:])
	interrupted := ctx.Err() != nil
	stop()
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "pilfer:", err)
	switch {
	case errors.Is(err, errUsage):
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	case interrupted:
		os.Exit(130)
	}
	os.Exit(1)
}

const usage = `usage:
  pilfer run [flags] FILE    run the tasks of a YAML file, each after those it depends on
      -dry-run               say what would run
      -jobs N                how many tasks run at once (default: GOMAXPROCS)
      -keep-going            after a failure run what does not depend on it
      -trace F, -timeline F, -dot F   what happened, for Perfetto, as SVG, for Graphviz
  pilfer doctor              measure the basic operations on this machine (5 s)
  pilfer version             print versions
  pilfer help                print this`

var errUsage = errors.New("wrong arguments")

// run does what the arguments say.
func run(ctx context.Context, out io.Writer, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("%w: want a command", errUsage)
	}
	command, rest := args[0], args[1:]
	if command == "run" {
		return runFile(ctx, out, rest)
	}
	var do func() error
	switch command {
	case "doctor":
		do = func() error { return doctor(out, 400*time.Millisecond) }
	case "version":
		do = func() error { return say(out, version()) }
	default:
		if isHelp(command) {
			return say(out, usage)
		}
		return fmt.Errorf("%w: unknown command %q", errUsage, command)
	}
	switch {
	case len(rest) == 1 && isHelp(rest[0]):
		return say(out, usage)
	case len(rest) > 0:
		return fmt.Errorf("%w: %s: want nothing behind it, got %q", errUsage, command, rest)
	}
	return do()
}

func isHelp(arg string) bool { return slices.Contains([]string{"help", "-h", "-help", "--help"}, arg) }

func say(out io.Writer, text string) error {
	_, err := fmt.Fprintln(out, text)
	return err
}

// version names the module's version and the toolchain.
func version() string {
	of := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		of = info.Main.Version
	}
	return fmt.Sprintf("pilfer %s, %s, %s/%s", of, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
