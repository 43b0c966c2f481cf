// SPDX-License-Identifier: Apache-2.0

package table

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// A plan fits a comparison into a budget: it knows about how long a run of each
// cell takes, and says how many runs there is time for. It learns while rows are
// measured, so that a slow machine gets fewer runs and not a late end.
type plan struct {
	budget   time.Duration // for all, with what was measured before; 0 if there is none
	runs     int           // the most that a cell gets
	measured time.Duration // how long one run goes on at least
	seen     map[string]seen
	guessed  time.Duration // for the cells that are seen
	took     time.Duration // what they took
}

// auto is a budget that depends on the number of rows: a few end within two minutes,
// all within twenty, with what it takes to build the program.
const (
	auto      = -1
	autoRow   = 35 * time.Second
	autoLeast = 110 * time.Second
	autoMost  = 19 * time.Minute
)

func autoBudget(rows int) time.Duration {
	return min(max(time.Duration(rows)*autoRow, autoLeast), autoMost)
}

// seen is how long the runs of a cell took.
type seen struct {
	runs int
	took time.Duration
}

// starting is what a child takes to start and to end.
const starting = 40 * time.Millisecond

// guess is how long a run of a cell of a row may take that nobody has seen.
func (p *plan) guess(r *row) time.Duration {
	takes, measured := r.workload.Takes, r.measured(p.measured)
	if r.short {
		takes /= shortly
	}
	return starting + max(warm(measured)+measured, takes)
}

// note learns from a run.
func (p *plan) note(r *row, c *cell, took time.Duration) {
	if took <= 0 {
		return // of a journal that did not tell
	}
	if p.seen == nil {
		p.seen = map[string]seen{}
	}
	s := p.seen[c.Name()]
	p.seen[c.Name()] = seen{s.runs + 1, s.took + took}
	p.guessed += p.guess(r)
	p.took += took
}

// cost is how long one more run of a cell takes: as those before, or what it is
// guessed to on a machine as fast as this one has been.
func (p *plan) cost(r *row, c *cell) time.Duration {
	if s, ok := p.seen[c.Name()]; ok {
		return s.took / time.Duration(s.runs)
	}
	// A few cells tell nothing of the others.
	const enough = 10 * time.Second
	if p.took < enough {
		return p.guess(r)
	}
	return time.Duration(float64(p.guess(r)) * float64(p.took) / float64(p.guessed))
}

// left is what remains to be done of some rows if each cell gets so many runs.
func (p *plan) left(rows []*row, runs int) (total time.Duration) {
	for _, r := range rows {
		for _, c := range r.cells {
			if c.note == "" {
				total += time.Duration(max(0, runs-len(c.runs))) * p.cost(r, c)
			}
		}
	}
	return total
}

// affords returns how many runs of each cell of the rows fit into the budget
// after what is spent: one at least.
func (p *plan) affords(rows []*row, spent time.Duration) int {
	runs := p.runs
	for p.budget > 0 && runs > 1 && p.left(rows, runs) > p.budget-spent {
		runs--
	}
	return runs
}

// shorten has a row measured with a tenth of its size, and less long, if there is no time
// for one run of each cell of the rows that are left, and none of this row was measured.
func (p *plan) shorten(r *row, rows []*row, spent time.Duration) {
	none := !slices.ContainsFunc(r.cells, func(c *cell) bool { return len(c.runs) > 0 })
	if p.budget > 0 && none && p.left(rows, 1) > p.budget-spent {
		r.short = true
	}
}

// announce says before the first run what is coming, after what was measured before and
// what else is spent.
func (p *plan) announce(rows []*row, before, spent time.Duration) string {
	cells := 0
	for _, r := range rows {
		cells += len(r.cells)
	}
	runs := p.affords(rows, spent)
	text := fmt.Sprintf("%d rows, %d cells, %s: about %s",
		len(rows), cells, count(runs, "run of each", "runs of each"), about(p.left(rows, runs)))
	if before > 0 {
		text += fmt.Sprintf(", after %s that were measured before", about(before))
	}
	switch {
	case p.budget == 0:
	case runs < p.runs:
		text += fmt.Sprintf("; %d runs would take more than the budget of %v", p.runs, p.budget)
	case p.left(rows, runs) > p.budget-spent:
		text += fmt.Sprintf("; more than the budget of %v, so that some rows will have a tenth of their size", p.budget)
	}
	return text
}

// about writes how long something takes, roughly.
func about(d time.Duration) string {
	if d < 2*time.Minute {
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
	return fmt.Sprintf("%.0f min", d.Minutes())
}

func count(n int, one, more string) string {
	return fmt.Sprintf("%d %s", n, cmp.Or(map[int]string{1: one}[n], more))
}
