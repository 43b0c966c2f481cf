// SPDX-License-Identifier: Apache-2.0

package table

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/bench"
)

// planned returns rows of so many cells each that nobody has run.
func planned(takes time.Duration, names ...string) (rows []*row) {
	for _, name := range names {
		w := bench.Workload{Name: name, Takes: takes}
		rows = append(rows, &row{workload: w, cells: []*cell{runs(w, "pilfer", 1, 0), runs(w, "peer", 1, 0)}})
	}
	return rows
}

func TestPlanFitsTheBudget(t *testing.T) {
	rows := planned(time.Second-starting, "a", "b")
	p := plan{runs: 5, measured: time.Millisecond}
	require.Equal(t, 5, p.affords(rows, 0), "no budget, no bound")
	require.Equal(t, "2 rows, 4 cells, 5 runs of each: about 20 s", p.announce(rows, 0, 0))

	p.budget = 12 * time.Second
	require.Equal(t, 3, p.affords(rows, 0))
	require.Contains(t, p.announce(rows, 0, 0), "3 runs of each: about 12 s; 5 runs would take more than the budget of 12s")
	require.Equal(t, 2, p.affords(rows, 2*time.Second), "what was measured before counts")
	p.budget = time.Second
	require.Equal(t, 1, p.affords(rows, 0), "each cell has a figure")
	require.Contains(t, p.announce(rows, 0, 0), "1 run of each: about 4 s; 5 runs would take more")

	rows[0].cells[0].note = "deadlocks"
	rows[0].cells[1].runs = make([]run, 4)
	p.budget = 11 * time.Second
	require.Equal(t, 5, p.affords(rows, 0), "one is stuck, and of another one run is left")
}

func TestPlanLearnsHowFastTheMachineIs(t *testing.T) {
	rows := planned(0, "a", "b")
	p := plan{budget: time.Hour, runs: 5, measured: (time.Second - starting) * 2 / 3} // and half of that to get warm
	p.note(rows[0], rows[0].cells[0], 2*time.Second)
	require.Equal(t, 2*time.Second, p.cost(rows[0], rows[0].cells[0]), "as before")
	require.Equal(t, time.Second, p.cost(rows[1], rows[1].cells[0]), "one cell tells nothing of others")
	for range 9 {
		p.note(rows[0], rows[0].cells[1], 2*time.Second)
	}
	require.Equal(t, 2*time.Second, p.cost(rows[1], rows[1].cells[0]), "all took twice as long as was guessed")
}

// TestPlanKeepsItsBudgetOnASlowMachine plays a comparison of all rows through: on a
// machine that takes longer than is guessed, all along or from the middle on, rows get
// fewer runs, and then a tenth of their size.
func TestPlanKeepsItsBudgetOnASlowMachine(t *testing.T) {
	for _, slow := range []struct {
		from, factor float64
		shorter      bool
	}{{0, 1, false}, {0, 2, false}, {0.5, 3, true}, {0, 4, true}} {
		var rows []*row
		cells := 0
		for _, w := range bench.Workloads() {
			r := &row{workload: w}
			for n, c := range bench.Cells(w, bench.Runtimes(), []int{1, 2}, 2) {
				r.cells = append(r.cells, &cell{Cell: c})
				if n%3 > 0 { // peers from elsewhere
					c.Runtime.Name += "-peer"
					r.cells = append(r.cells, &cell{Cell: c})
				}
			}
			rows = append(rows, r)
			cells += len(r.cells)
		}
		p := plan{budget: autoBudget(len(rows)), runs: 3, measured: 200 * time.Millisecond}
		spent, short := time.Duration(0), 0
		for n, r := range rows {
			p.shorten(r, rows[n:], spent)
			if r.short {
				short++
			}
			for range p.affords(rows[n:], spent) {
				for _, c := range r.cells {
					took := p.guess(r)
					if float64(n) >= slow.from*float64(len(rows)) {
						took = time.Duration(float64(took) * slow.factor)
					}
					c.runs = append(c.runs, run{})
					p.note(r, c, took)
					spent += took
				}
			}
		}
		require.Less(t, spent, 20*time.Minute, "%+v", slow)
		require.Equal(t, slow.shorter, short > 0, "%+v: %d rows are short", slow, short)
		t.Logf("%+v: %d cells, %v, %d rows short", slow, cells, spent, short)
	}
}

func TestShortRowsAreNotedAndRecalled(t *testing.T) {
	o := planting(t)
	o.budget = time.Hour
	w, err := bench.Find(o.only)
	require.NoError(t, err)
	r := &row{workload: w, short: true, cells: []*cell{{Cell: bench.Cell{Workload: w, Runtime: onePlanted("right")[0], Workers: 1}}}}
	j, err := openJournal(o.json)
	require.NoError(t, err)
	o.measureRow(t.Context(), r, 1, j)
	require.NoError(t, r.wrong)
	require.Contains(t, r.entries()[0].Note, shortNote)

	for budget, short := range map[time.Duration]bool{time.Hour: true, 0: false} {
		j, err = openJournal(o.json)
		require.NoError(t, err)
		again := &row{workload: w, cells: []*cell{{Cell: r.cells[0].Cell}}}
		o.budget = budget
		took := o.recall(again, j)
		require.Equal(t, short, again.short, "budget %v", budget)
		require.Equal(t, short, took > 0)
	}
}

func TestBudgetBoundsTheRuns(t *testing.T) {
	o := planting(t)
	o.runs, o.budget = 50, time.Nanosecond
	require.NoError(t, o.compare(t.Context(), onePlanted("right")))
	book, err := ReadBook(o.json)
	require.NoError(t, err)
	require.Equal(t, 1, book.Entries[0].Runs)
}

func TestBudgetIsReadOrGoesByTheRows(t *testing.T) {
	var o options
	require.NoError(t, o.setBudget("90s"))
	require.Equal(t, 90*time.Second, o.budget)
	for _, text := range []string{"", "soon", "-1s"} {
		require.ErrorContains(t, o.setBudget(text), "want auto or a duration", text)
	}
	require.Less(t, autoBudget(3), 2*time.Minute)
	require.Less(t, autoBudget(len(bench.Workloads())), 20*time.Minute)
	require.Greater(t, autoBudget(10), autoBudget(3))
}

func TestBuildsDoNotMix(t *testing.T) {
	o := planting(t)
	require.NoError(t, o.compare(t.Context(), onePlanted("right")))
	book, err := ReadBook(o.json)
	require.NoError(t, err)
	require.NotEmpty(t, book.Machines[0].Build)
	for name, change := range map[string]func(m *Machine){
		"revision": func(m *Machine) { m.Revision = "0000000" },
		"build":    func(m *Machine) { m.Build = "of a tree that is dirty in another way" },
		"machine":  func(m *Machine) { m.CPU = "another" },
	} {
		other := book.Machines[0]
		change(&other)
		require.NoError(t, writeJSON(machineFile(o.json), []Machine{other}))
		again := *o
		require.ErrorContains(t, again.compare(t.Context(), onePlanted("right")), "has figures of revision", name)
		again.mix = true
		require.NoError(t, again.compare(t.Context(), onePlanted("right")), name)
	}
}
