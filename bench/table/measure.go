// SPDX-License-Identifier: Apache-2.0

package table

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/pilfer-go/pilfer/bench"
)

// errInterrupted is the error of a comparison that was interrupted.
var errInterrupted = errors.New("table: interrupted; what was measured is kept")

// compare measures row after row and prints each as soon as it is there. What
// was measured before an interrupt is kept.
func (o *options) compare(ctx context.Context, runtimes []bench.Runtime) error {
	workloads, chosen, workers, err := o.choose(runtimes)
	if err != nil {
		return err
	}
	j, err := openJournal(o.json)
	if err != nil {
		return err
	}
	book, err := openBook(o.json)
	if err != nil {
		return err
	}
	o.begun, o.builds, o.left = time.Now(), builds{}, 0
	here, err := o.describe(chosen)
	if err != nil {
		return err
	}
	if err := book.mixes(here, o.mix); err != nil {
		return err
	}
	here.print(os.Stdout)
	o.plan = plan{budget: o.budget, runs: o.runs, measured: o.measured}
	rows, before, failed := o.prepare(workloads, chosen, workers, j)
	if o.budget == auto {
		o.plan.budget = autoBudget(len(rows))
	}
	spent := func() time.Duration { return before + o.spent + time.Since(o.begun) }
	o.tell("%s", o.plan.announce(rows, before, spent()))
	done := rows[:0:0]
	for n, r := range rows {
		began := time.Now()
		o.plan.shorten(r, rows[n:], spent())
		o.measureRow(ctx, r, o.plan.affords(rows[n:], spent()), j)
		r.print(os.Stdout)
		done = append(done, r)
		failed = errors.Join(failed, r.wrong, book.write(r, here))
		if o.over(ctx) {
			o.left += len(rows) - n - 1
			break
		}
		o.tell("%d of %d rows, %s took %.0f s, %.0f s in all, about %s left", n+1, len(rows), r.workload.Name,
			time.Since(began).Seconds(), time.Since(o.begun).Seconds(), about(o.plan.left(rows[n+1:], o.plan.affords(rows[n+1:], spent()))))
	}
	printTargets(os.Stdout, done)
	if ctx.Err() != nil {
		return errors.Join(failed, errInterrupted)
	}
	if o.left > 0 {
		fmt.Printf("\nat least %d runs are left after %v: the same command goes on with them\n", o.left, o.limit)
		failed = errors.Join(failed, errLeft)
	}
	return failed
}

// errLeft makes the exit code tell that there is more to do.
var errLeft = errors.New("table: not all runs were done")

// over reports whether no more runs may begin.
func (o *options) over(ctx context.Context) bool {
	return ctx.Err() != nil || o.limit > 0 && time.Since(o.begun) > o.limit
}

// prepare returns the rows with what the journal has of them, and how long that
// took to measure.
func (o *options) prepare(workloads []bench.Workload, runtimes []bench.Runtime, workers []int, j *journal) (rows []*row, before time.Duration, failed error) {
	for _, w := range workloads {
		r := &row{workload: w, cannot: map[string]string{}}
		for _, rt := range runtimes {
			if word, ok := rt.Cannot[w.Name]; ok {
				r.cannot[rt.Name] = word
			}
			if least := rt.Least[w.Name]; slices.Min(workers) < least {
				r.cannot[rt.Name] = fmt.Sprintf("deadlocks with fewer than %d workers", least)
			}
		}
		for _, c := range bench.Cells(w, runtimes, workers, runtime.GOMAXPROCS(0)) {
			kept := &cell{Cell: c}
			r.cells = append(r.cells, kept)
			if exe, err := program(c); err != nil {
				kept.note, failed = err.Error(), errors.Join(failed, err)
			} else if kept.build, err = o.builds.of(exe); err != nil {
				kept.note, failed = err.Error(), errors.Join(failed, err)
			}
		}
		before += o.recall(r, j)
		if len(r.cells)+len(r.cannot) > 0 {
			rows = append(rows, r)
		}
	}
	return rows, before, failed
}

// measureRow runs the cells of a row in turn, until each has so many runs.
func (o *options) measureRow(ctx context.Context, r *row, runs int, j *journal) {
	inTurn := slices.Clone(r.cells)
	slices.SortStableFunc(inTurn, func(a, b *cell) int { return cmp.Compare(b.Workers, a.Workers) })
	for n := range runs {
		for _, c := range inTurn {
			if c.note != "" || len(c.runs) > n {
				continue
			}
			if o.over(ctx) {
				o.left++
				continue
			}
			progress("%s %d/%d", c.Name(), n+1, runs)
			got, err := o.measure(ctx, c.Cell, o.units(r), r.measured(o.measured))
			if ctx.Err() != nil {
				continue
			}
			o.plan.note(r, c, got.took)
			if err := c.take(got, err); err != nil {
				r.wrong = errors.Join(r.wrong, err)
				continue
			}
			if err := j.add(o.record(r, c, got)); err != nil {
				r.wrong = errors.Join(r.wrong, err)
			}
			if c.note == errDeadlock.word {
				r.deadlocked(c)
			}
		}
	}
	progress("")
}

// deadlocked spares a runtime the wait with fewer workers than it deadlocked with.
func (r *row) deadlocked(with *cell) {
	for _, c := range r.cells {
		if c.Runtime.Name == with.Runtime.Name && c.Workers < with.Workers {
			c.note = with.note
		}
	}
}

// recall gives the cells of a row the runs that the journal has, and returns how long
// they took. A row that a budget had made short stays so, unless there is none now.
func (o *options) recall(r *row, j *journal) (took time.Duration) {
	kept := func(units int) bool {
		return slices.ContainsFunc(r.cells, func(c *cell) bool { return len(j.of(c.Name(), c.build, units)) > 0 })
	}
	r.short = o.budget != 0 && !kept(o.units(r)) && kept(shortUnits(r.workload))
	for _, c := range r.cells {
		for _, old := range j.of(c.Name(), c.build, o.units(r)) {
			if c.note = old.Stuck; old.Sample != nil {
				c.runs = append(c.runs, run{old.Sample, old.RSS, old.Others, old.Took})
			}
			o.plan.note(r, c, old.Took)
			took += old.Took
		}
	}
	return took
}

func (o *options) record(r *row, c *cell, got run) record {
	return record{Cell: c.Name(), Build: c.build, Units: o.units(r), Sample: got.sample, RSS: got.rss, Others: got.others, Stuck: c.note, Took: got.took}
}

// take adds a run, or notes why there is none. It returns an error if the result
// was wrong, or if we are stuck: a peer may be.
func (c *cell) take(got run, err error) error {
	var word stuck
	switch {
	case err == nil:
		c.runs = append(c.runs, got)
		return nil
	case errors.As(err, &word) && !c.ours():
		c.note = word.word
		return nil
	case errors.As(err, &word):
		err = fmt.Errorf("%s: %w", c.Name(), err)
	}
	c.note = err.Error()
	return err
}

// progress replaces the line that a person sees meanwhile; a file gets none.
func progress(format string, args ...any) {
	if onTerminal() {
		fmt.Fprintf(os.Stderr, "\r\x1b[K"+format, args...)
	}
}

// tell writes a line of progress.
func (o *options) tell(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "-- "+format+"\n", args...)
}

func onTerminal() bool {
	s, err := os.Stderr.Stat()
	return err == nil && s.Mode()&os.ModeCharDevice != 0
}
