// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"encoding/json"
	"os"
	"testing"
	"time"
)

// A Model is an exploration of a structure, to be checked by a test and printed in
// the table of make proof.
type Model struct {
	Structure  string  // what is explored
	Operations string  // what the threads do, shortly
	Options    Options // how
	Run        func(x *X)

	// Long, if above zero, is the bound on preemptions in a long exploration, which
	// PILFER_LONG asks for: it takes minutes, or more.
	Long int
}

// shortRuns is how many runs a model makes in a short test.
const shortRuns = 1500

// A Record is one row of the table: what is written to the file that PILFER_PROOF
// names, a line each.
type Record struct {
	Structure  string        // as in [Model]
	Operations string        // as in [Model]
	Test       string        // its name
	Threads    int           // as in [Result], and so on
	Mode       string        // how schedules were chosen
	Bound      int           // preemptions at most
	Schedules  int           // that were run
	Pruned     int           // that were not
	Steps      int           // of the longest
	Time       time.Duration // for all
	Complete   bool          // no schedule was left out
	Failed     bool          // one went wrong
}

// Check explores the model. The test fails if a schedule does, or if an
// [Exhaustive] exploration is not complete. With go test -short it makes a few
// thousand runs only, and nothing need be complete. With PILFER_MODE=priorities in the
// environment it makes as many at random, which finds most mistakes soon.
func (m Model) Check(t *testing.T) Result {
	t.Helper()
	opts := m.Options
	if m.Long > 0 && os.Getenv("PILFER_LONG") != "" {
		opts.Preemptions = m.Long
	}
	short := testing.Short() && opts.Schedule == ""
	if short && (opts.MaxRuns == 0 || opts.MaxRuns > shortRuns) {
		opts.MaxRuns = shortRuns
	}
	if os.Getenv("PILFER_MODE") == Priorities.String() {
		opts = Options{Mode: Priorities, MaxSteps: opts.MaxSteps, MaxRuns: shortRuns, Preemptions: 3, Seed: opts.Seed}
	}
	if text := os.Getenv("PILFER_SCHEDULE"); text != "" {
		opts.Schedule = text
	}
	r := Run(opts, m.Run)
	t.Logf("%s, %s: %v", m.Structure, m.Operations, r)
	switch {
	case r.Failure != nil:
		t.Errorf("%s, %s:\n%v\nrun it again with PILFER_SCHEDULE=%s and -run '^%s$'",
			m.Structure, m.Operations, r.Failure, r.Failure.Schedule, t.Name())
	case opts.Mode == Exhaustive && !r.Complete && !short && opts.Schedule == "":
		t.Errorf("%s, %s: not complete: %v", m.Structure, m.Operations, r)
	}
	m.record(t, r)
	return r
}

func (m Model) record(t *testing.T, r Result) {
	name := os.Getenv("PILFER_PROOF")
	if name == "" {
		return
	}
	line, err := json.Marshal(Record{m.Structure, m.Operations, t.Name(), r.Threads, r.Mode.String(), r.Bound,
		r.Schedules, r.Pruned, r.Steps, r.Time, r.Complete, r.Failure != nil})
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
}
