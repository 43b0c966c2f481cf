// SPDX-License-Identifier: Apache-2.0

// Table measures pilfer and all its Go peers, in turn, and prints the figures
// beside the targets.
package main

import (
	"os"

	"github.com/pilfer-go/pilfer/bench/page"
	"github.com/pilfer-go/pilfer/bench/peers"
	"github.com/pilfer-go/pilfer/bench/table"
)

func main() { os.Exit(table.Main(peers.Runtimes(), page.Draw)) }
