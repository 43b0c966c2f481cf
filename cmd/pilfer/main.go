// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"time"
)

func main() {
	if err := run(os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "pilfer:", err)
		if errors.Is(err, errUsage) {
			fmt.Fprintln(os.Stderr, usage)
			os.Exit(2)
		}
		os.Exit(1)
	}
}

const usage = `usage:
  pilfer run [flags] FILE    run the tasks of a YAML file, each after those it depends on
      -dry-run               say what would run
      -jobs N                how many tasks run at once
      -keep-going            after a failure run what does not depend on it
      -trace F, -timeline F, -dot F   what happened, for Perfetto, as SVG, for Graphviz
  pilfer doctor              measure the basic operations on this machine (5 s)
  pilfer version             print versions`

var errUsage = errors.New("wrong arguments")

// run does what the arguments say.
func run(out io.Writer, args []string) error {
	if len(args) > 0 && args[0] == "run" {
		return runFile(context.Background(), out, args[1:])
	}
	if len(args) != 1 {
		return fmt.Errorf("%w: want one command, got %d", errUsage, len(args))
	}
	switch args[0] {
	case "doctor":
		return doctor(out, 400*time.Millisecond)
	case "version":
		_, err := fmt.Fprintln(out, version())
		return err
	}
	return fmt.Errorf("%w: unknown command %q", errUsage, args[0])
}

// version names the module's version and the toolchain.
func version() string {
	of := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		of = info.Main.Version
	}
	return fmt.Sprintf("pilfer %s, %s, %s/%s", of, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
