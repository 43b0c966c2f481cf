// SPDX-License-Identifier: Apache-2.0

// Table measures pilfer and what the standard library offers, in turn, and prints
// the figures beside the targets. The program of the same name in bench/peers does
// it with the peers too.
package main

import (
	"os"

	"github.com/pilfer-go/pilfer/bench"
	"github.com/pilfer-go/pilfer/bench/page"
	"github.com/pilfer-go/pilfer/bench/table"
)

func main() { os.Exit(table.Main(bench.Runtimes(), page.Draw)) }
