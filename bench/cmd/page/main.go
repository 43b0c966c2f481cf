// SPDX-License-Identifier: Apache-2.0

// Page writes BENCHMARKS.md and its charts from the committed results. It runs in
// the root of the module.
package main

import (
	"fmt"
	"os"

	"github.com/pilfer-go/pilfer/bench/page"
)

func main() {
	if err := page.Write("."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
