// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// A progress shows how far the program is: a bar on a terminal, a line for each
// run elsewhere.
type progress struct {
	to    io.Writer
	bar   *progressbar.ProgressBar // nil when to is not a terminal
	runs  int                      // in all
	run   int                      // the one that is under way, from 1
	nodes int64                    // of one run
}

func newProgress(to io.Writer, runs, nodes int) *progress {
	p := &progress{to: to, runs: runs, nodes: int64(nodes)}
	if f, ok := to.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bar = progressbar.NewOptions64(int64(runs)*p.nodes,
			progressbar.OptionSetWriter(to),
			progressbar.OptionThrottle(tellEvery/2),
			progressbar.OptionSetWidth(40),
			progressbar.OptionUseANSICodes(true),
			progressbar.OptionClearOnFinish(),
			progressbar.OptionSetPredictTime(false))
	}
	return p
}

// begin says which run comes next.
func (p *progress) begin(variant string) {
	p.run++
	if p.bar != nil {
		p.bar.Describe(fmt.Sprintf("run %d of %d: %-6s", p.run, p.runs, variant))
	}
}

// at says how many nodes of the run are done.
func (p *progress) at(nodes int64) {
	if p.bar != nil {
		_ = p.bar.Set64(int64(p.run-1)*p.nodes + min(nodes, p.nodes))
	}
}

// ended says how long the run took.
func (p *progress) ended(variant string, wall time.Duration) {
	p.at(p.nodes)
	if p.bar == nil {
		fmt.Fprintf(p.to, "run %d of %d: %-6s %7.3f s\n", p.run, p.runs, variant, wall.Seconds())
	}
}

// stop takes the bar off the screen.
func (p *progress) stop() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
