// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime"
)

// defaultGC is Go's own default for GOGC, so that the figures tell what a plain
// program gets.
const defaultGC = 100

// maxWorkers is what a pilfer runtime takes.
const maxWorkers = 4096

// An options value is the command line.
type options struct {
	workers  int
	repeat   int
	gc       int
	locked   bool
	json     bool
	trace    string
	timeline string
	patterns []string
}

const usage = `usage: typecheck [flags] [packages]

Parses and type-checks Go packages and all that they import, as a graph of
tasks: on one CPU, by hand with goroutines, and with pilfer. Compares the times.
Packages are named as for go list; the default is std.

`

// parseOptions reads the command line. The error of a bad one is an inputError;
// that of -h is flag.ErrHelp. Both are told on stderr.
func parseOptions(args []string, stderr io.Writer) (*options, error) {
	o := new(options)
	fs := flag.NewFlagSet("typecheck", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Usage = func() {
		fmt.Fprint(stderr, usage)
		fs.PrintDefaults()
	}
	fs.IntVar(&o.workers, "workers", runtime.GOMAXPROCS(0), "workers of both parallel runs, and their GOMAXPROCS")
	fs.IntVar(&o.repeat, "repeat", 3, "runs of each variant, taking turns; the table shows medians")
	fs.IntVar(&o.gc, "gc", defaultGC, "garbage collector percentage of all runs, as GOGC; negative turns it off")
	fs.BoolVar(&o.locked, "locked", false, "pilfer's workers keep threads of their own, as is the library's default; see README.md")
	fs.BoolVar(&o.json, "json", false, "print the report as JSON, and the line for programs on standard error")
	fs.StringVar(&o.trace, "trace", "", "write a Chrome/Perfetto trace of the workers to this `file`")
	fs.StringVar(&o.timeline, "timeline", "", "write an SVG timeline of the workers to this `file`")
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil, err
		}
		return nil, inputError{err}
	}
	o.patterns = fs.Args()
	if len(o.patterns) == 0 {
		o.patterns = []string{"std"}
	}
	err := o.validate()
	if err != nil {
		fmt.Fprintln(stderr, "typecheck:", err)
	}
	return o, err
}

func (o *options) validate() error {
	switch {
	case o.workers < 1 || o.workers > maxWorkers:
		return badInput("-workers is %d; it must be 1 to %d", o.workers, maxWorkers)
	case o.repeat < 1:
		return badInput("-repeat is %d; it must be 1 or more", o.repeat)
	case o.trace != "" && o.trace == o.timeline:
		return badInput("-trace and -timeline name the same file, %s", o.trace)
	}
	return nil
}
