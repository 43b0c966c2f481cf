// SPDX-License-Identifier: Apache-2.0

package table

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/pilfer-go/pilfer/bench"
)

// An Entry is a cell in the JSON file, or the word of a runtime that has no figure
// there (then workers is 0).
type Entry struct {
	Workload  string  `json:"workload"`  // as bench names it
	Runtime   string  `json:"runtime"`   // likewise
	Workers   int     `json:"workers"`   // or GOMAXPROCS
	Unit      string  `json:"unit"`      // what the figures are for one of
	Min       float64 `json:"ns_min"`    // of the runs
	Median    float64 `json:"ns_median"` // of the runs; of a distribution the p50 of all
	Max       float64 `json:"ns_max"`    // of the runs
	P99       float64 `json:"p99_ns"`    // 0 if the row has no distribution
	Allocs    float64 `json:"allocs"`
	Bytes     float64 `json:"bytes"` // of pending: what a waiting task keeps
	RSS       int64   `json:"rss_bytes"`
	Runs      int     `json:"runs"`
	Disturbed int     `json:"disturbed"`
	Note      string  `json:"note"` // other figures, or why there is none
}

// A Book is what a JSON file holds, with the machine it was measured on.
type Book struct {
	Entries  []Entry   // in the order of the table
	Machines []Machine // that they were measured on: one, or the page says so

	path string
}

// ReadBook reads a JSON file and the description of the machine beside it.
func ReadBook(path string) (*Book, error) {
	b := &Book{path: path}
	for file, into := range map[string]any{path: &b.Entries, machineFile(path): &b.Machines} {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(text, into); err != nil {
			return nil, fmt.Errorf("table: %s: %w", file, err)
		}
	}
	return b, nil
}

func machineFile(path string) string { return beside(path, ".machine.json") }

// openBook returns what a file holds, if it is there: rows that are not measured
// this time stay.
func openBook(path string) (*Book, error) {
	if path == "" {
		return &Book{}, nil
	}
	b, err := ReadBook(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Book{path: path}, nil
	}
	return b, err
}

// mixes returns an error if the file has figures of another build or machine, and
// that was not asked for.
func (b *Book) mixes(here Machine, wanted bool) error {
	for _, m := range b.Machines {
		if !wanted && !m.same(here) {
			return fmt.Errorf("table: %s has figures of %s, and this is %s: move it away to begin anew, or say -mix (MIX=1)",
				b.path, m.identity(), here.identity())
		}
	}
	return nil
}

// write puts a row in place of what was there for the same cells.
func (b *Book) write(r *row, here Machine) error {
	if b.path == "" {
		return nil
	}
	for _, e := range r.entries() {
		same := func(old Entry) bool {
			return old.Workload == e.Workload && old.Runtime == e.Runtime &&
				(old.Workers == e.Workers || old.Runs == 0 && old.Workers == 0)
		}
		b.Entries = append(slices.DeleteFunc(b.Entries, same), e)
	}
	sortEntries(b.Entries)
	if !slices.ContainsFunc(b.Machines, here.same) {
		b.Machines = append(b.Machines, here)
	}
	return errors.Join(writeJSON(b.path, b.Entries), writeJSON(machineFile(b.path), b.Machines))
}

func (r *row) entries() (all []Entry) {
	shown := []string{"ns", "allocs", "bytes", "cpu-ns", "p50-ns", "p99-ns"}
	for _, c := range r.cells {
		if len(c.runs) == 0 && c.note == "" {
			continue // not measured yet
		}
		ns, bytes := c.spread("ns"), c.spread("bytes").median
		if c.has("p50-ns") {
			ns = c.spread("p50-ns")
		}
		if c.has("beyond-bytes") {
			bytes = c.spread("beyond-bytes").median
		}
		var notes []string
		if c.note != "" {
			notes = append(notes, c.note)
		}
		if note := c.Runtime.Notes[r.workload.Name]; note != "" && len(c.runs) > 0 {
			notes = append(notes, note)
		}
		if r.short {
			notes = append(notes, shortNote)
		}
		for _, m := range c.metrics() {
			if !slices.Contains(shown, m) {
				notes = append(notes, m+" "+figure(c.spread(m).median))
			}
		}
		all = append(all, Entry{
			Workload: r.workload.Name, Runtime: c.Runtime.Name, Workers: c.Workers, Unit: r.workload.Unit,
			Min: ns.min, Median: ns.median, Max: ns.max, P99: c.spread("p99-ns").median,
			Allocs: c.spread("allocs").median, Bytes: bytes, RSS: c.peakRSS(),
			Runs: len(c.runs), Disturbed: c.disturbed(), Note: strings.Join(notes, ", "),
		})
	}
	for _, name := range slices.Sorted(maps.Keys(r.cannot)) {
		all = append(all, Entry{Workload: r.workload.Name, Runtime: name, Unit: r.workload.Unit, Note: r.cannot[name]})
	}
	return all
}

// sortEntries puts the rows in the order of the table.
func sortEntries(all []Entry) {
	place := map[string]int{}
	for n, w := range bench.Workloads() {
		place[w.Name] = n
	}
	slices.SortStableFunc(all, func(a, b Entry) int { return cmp.Compare(place[a.Workload], place[b.Workload]) })
}

// writeJSON writes a file as a whole or not at all.
func writeJSON(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", append(text, '\n'), 0o666); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
