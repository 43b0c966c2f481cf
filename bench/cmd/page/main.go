// SPDX-License-Identifier: Apache-2.0

// Page writes BENCHMARKS.md and its charts from the committed results. It runs in
// the root of the module.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/pilfer-go/pilfer/bench/page"
)

func main() {
	mix := flag.Bool("mix", false, "figures of several builds or machines may stand in one page")
	flag.Parse()
	if err := page.Write(".", *mix); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
