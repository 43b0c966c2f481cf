// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/graph/timeline"
)

// again ends what is said of a task that failed and has tries left.
const again = ", tries again"

// note writes how a task ended, and what its commands wrote.
func (r *runner) note(t *task, how string, took time.Duration, text []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !strings.HasSuffix(how, again) {
		r.ended[t.name] = true
	}
	width := len(fmt.Sprint(len(r.recipe.tasks)))
	fmt.Fprintf(r.out, "[%*d/%d] %s", width, len(r.ended), len(r.recipe.tasks), t.name)
	if how != "" {
		fmt.Fprintf(r.out, ": %s", how)
	}
	if took > 0 {
		fmt.Fprintf(r.out, ", %v", took.Round(time.Millisecond))
	}
	fmt.Fprintln(r.out)
	for line := range bytes.Lines(text) {
		fmt.Fprintf(r.out, "    %s\n", bytes.TrimRight(line, "\r\n"))
	}
}

// summary writes which tasks were left out, and the last line.
func (r *runner) summary(err error, report *graph.Report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.leftOut("not run", func(t *task) bool { return r.tries[t.name] == 0 })
	r.leftOut("not tried again", func(t *task) bool { return r.tries[t.name] > 0 })
	verb := "run"
	if r.dry {
		verb = "to run"
	}
	fmt.Fprintf(r.out, "%s: %d of %d tasks %s", r.recipe.name, len(r.fresh), len(r.recipe.tasks), verb)
	if !r.dry {
		fmt.Fprintf(r.out, " in %v", report.Wall.Round(time.Millisecond))
	}
	if err != nil {
		fmt.Fprint(r.out, ", with failures")
	}
	fmt.Fprintln(r.out)
}

// leftOut names the tasks that have not ended and are as it is asked. The caller
// holds r.mu.
func (r *runner) leftOut(what string, is func(t *task) bool) {
	var names []string
	for _, t := range r.recipe.tasks {
		if !r.ended[t.name] && is(t) {
			names = append(names, t.name)
		}
	}
	if len(names) > 0 {
		fmt.Fprintf(r.out, "%s: %s\n", what, strings.Join(names, ", "))
	}
}

// byTask makes the error of a run one of the file: each failure with the place of
// its task.
func (r *runner) byTask(err error) error {
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		var errs []error
		for _, e := range all.Unwrap() {
			errs = append(errs, r.byTask(e))
		}
		return errors.Join(errs...)
	}
	var failed *graph.NodeError
	if !errors.As(err, &failed) {
		return err
	}
	i := slices.IndexFunc(r.recipe.tasks, func(t *task) bool { return t.name == failed.Node })
	if i < 0 {
		return err
	}
	return fmt.Errorf("%s:%d: task %s: %w", r.recipe.file, r.recipe.tasks[i].at.line, failed.Node, failed.Err)
}

// lanes shows the tasks that ran at the same time beside each other: they hold no
// worker.
func lanes(report *graph.Report) *timeline.Timeline {
	t := report.Timeline()
	for i := range t.Panels {
		p := &t.Panels[i]
		p.Pack()
		p.Title = fmt.Sprintf("%v: work %v, parallelism %.2f",
			report.Wall.Round(time.Millisecond), report.Work().Round(time.Millisecond), report.Parallelism())
	}
	return t
}
