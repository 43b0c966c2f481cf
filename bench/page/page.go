// SPDX-License-Identifier: Apache-2.0

package page

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pilfer-go/pilfer/bench/instructions"
	"github.com/pilfer-go/pilfer/bench/table"
)

const (
	// File is where the page goes, from the root of the module.
	File = "BENCHMARKS.md"

	// Charts is the directory of its charts.
	Charts = "docs/bench"

	// Results is the file that it is made from.
	Results = Charts + "/results.json"

	// Counts is another, of instructions. It may be missing.
	Counts = Charts + "/instructions.json"
)

// A Source is what a page is made from.
type Source struct {
	*table.Book
	Counts []instructions.Result // may be empty
}

// Read reads what lies below root.
func Read(root string) (s Source, err error) {
	if s.Book, err = table.ReadBook(filepath.Join(root, Results)); err != nil {
		return s, err
	}
	text, err := os.ReadFile(filepath.Join(root, Counts))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(text, &s.Counts)
}

// Make returns the files of the page, by their path from the root.
func Make(s Source) map[string][]byte {
	all := rows(s.Book)
	files := charts(all)
	files[File] = write(s, all)
	return files
}

// charts draws the rows, by path from the root.
func charts(all []*row) map[string][]byte {
	files := map[string][]byte{}
	for _, r := range all {
		files[r.chart()] = r.bars()
	}
	if slices.ContainsFunc(all, (*row).scales) {
		files[scalingChart] = scaling(all)
	}
	return files
}

// Write makes the page from the results below root, and removes charts of rows
// that are gone. Results of several builds or machines are an error unless they may
// mix: ratios between rows of different runs mean nothing.
func Write(root string, mix bool) error {
	s, err := Read(root)
	if err != nil {
		return err
	}
	if n := len(s.Machines); n > 1 && !mix {
		return fmt.Errorf("page: %s has figures of %d builds or machines: measure all with make benchmarks, or say -mix (MIX=1)", Results, n)
	}
	files := Make(s)
	old, err := filepath.Glob(filepath.Join(root, Charts, "*.svg"))
	if err != nil {
		return err
	}
	for _, path := range old {
		if _, ok := files[Charts+"/"+filepath.Base(path)]; !ok {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(root, name), text, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// Draw draws the charts of a JSON file into a directory beside it, out.charts for
// out.json.
func Draw(path string) error {
	book, err := table.ReadBook(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // nothing was measured
	}
	if err != nil {
		return err
	}
	dir := strings.TrimSuffix(path, ".json") + ".charts"
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for name, text := range charts(rows(book)) {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), text, 0o666); err != nil {
			return err
		}
	}
	return nil
}

const scalingChart = Charts + "/scaling.svg"

func (r *row) chart() string { return Charts + "/" + r.name + ".svg" }

func write(s Source, all []*row) []byte {
	var p strings.Builder
	p.WriteString(head)
	for _, m := range s.Machines {
		writeMachine(&p, m)
	}
	p.WriteString("\n## At a glance\n\n")
	writeGlance(&p, all)
	if slices.ContainsFunc(all, (*row).scales) {
		fmt.Fprintf(&p, "\n![speed by workers](%s)\n", scalingChart)
	}
	if len(s.Counts) > 0 {
		fmt.Fprintf(&p, counted, s.Counts[0].Counter)
		for _, c := range s.Counts {
			fmt.Fprintf(&p, "| %s | %.1f | %s |\n", c.Op, c.Instructions, c.How)
		}
	}
	p.WriteString(rerun)
	p.WriteString("\n## Row by row\n")
	for _, r := range all {
		r.write(&p)
	}
	writeRuntimes(&p, s.Book)
	return []byte(p.String())
}

func writeMachine(p *strings.Builder, m table.Machine) {
	fmt.Fprintf(p, "* %s, %d CPUs, %s; %s, %s; revision %s, %s; load before the run %s.\n",
		m.CPU, m.CPUs, m.Memory, m.Go, m.System, m.Revision, m.Date, m.Load)
}

// writeGlance puts the best of each kind in a line for each row.
func writeGlance(p *strings.Builder, all []*row) {
	p.WriteString("| row | unit | pilfer | best Go peer | pilfer takes | best native peer | pilfer takes | ahead with less work |\n|---|---|---|---|---|---|---|---|\n")
	for _, r := range all {
		mine, ok := r.bestOf(ours)
		cell := r.cellOf(mine, ok)
		if e, slower := r.slowDefault(mine); ok && slower {
			cell += fmt.Sprintf(", %s (pilfer)", figure(r.median(e)))
		}
		if !ok {
			cell = r.noteOf("pilfer")
		}
		fmt.Fprintf(p, "| [%s](#%s) | %s | %s", r.name, r.name, r.short(), cell)
		for _, k := range []kind{goPeer, nativePeer} {
			peer, there := r.bestOf(k)
			fmt.Fprintf(p, " | %s | %s", r.cellOf(peer, there), r.ratio(mine, peer, ok && there))
		}
		var less []string
		for _, e := range r.lighter(mine) {
			less = append(less, r.cellOf(e, true))
		}
		fmt.Fprintf(p, " | %s |\n", strings.Join(less, ", "))
	}
}

// noteOf returns why a runtime has no figure.
func (r *row) noteOf(runtime string) string {
	for _, e := range r.entries {
		if e.Runtime == runtime && e.Runs == 0 {
			return e.Note
		}
	}
	return "not measured"
}

func (r *row) short() string {
	if r.inBytes() {
		return "bytes per " + r.Unit
	}
	return "ns per " + r.Unit
}

func (r *row) cellOf(e table.Entry, ok bool) string {
	if !ok {
		return ""
	}
	return fmt.Sprintf("%s (%s)", figure(r.median(e)), e.Runtime)
}

func (r *row) ratio(mine, peer table.Entry, ok bool) string {
	if !ok || r.median(peer) == 0 {
		return ""
	}
	v := r.median(mine) / r.median(peer)
	text := digits(v) + "x"
	if v > 1 {
		return "**" + text + "**"
	}
	return text
}

func (r *row) write(p *strings.Builder) {
	fmt.Fprintf(p, "\n### %s\n\n%s.\n\n![%s](%s)\n\n", r.name, sentence(r.Why), r.name, r.chart())
	r.writeStanding(p)
	fmt.Fprintf(p, "<details><summary>All figures: %s</summary>\n\n", r.axisTitle())
	p.WriteString("| runtime | workers | min | median | max | p99 | to pilfer | allocs | bytes | peak MB | runs | |\n" +
		"|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|\n")
	entries := slices.Clone(r.entries)
	slices.SortStableFunc(entries, func(a, b table.Entry) int {
		return cmp.Or(cmp.Compare(min(b.Runs, 1), min(a.Runs, 1)), compareFloat(r.median(a), r.median(b)))
	})
	for _, e := range entries {
		r.writeEntry(p, e)
	}
	p.WriteString("\n</details>\n")
}

func (r *row) writeEntry(p *strings.Builder, e table.Entry) {
	if e.Runs == 0 {
		workers := ""
		if e.Workers > 0 {
			workers = fmt.Sprint(e.Workers)
		}
		fmt.Fprintf(p, "| %s | %s | | | | | | | | | | %s |\n", e.Runtime, workers, e.Note)
		return
	}
	ratio := ""
	base, ok := r.find("pilfer", e.Workers)
	if !ok {
		if counts := r.workerCounts(); len(counts) > 0 {
			base, ok = r.find("pilfer", counts[len(counts)-1])
		}
	}
	if ok && r.median(base) > 0 {
		ratio = digits(r.median(e) / r.median(base))
	}
	p99 := ""
	if e.P99 > 0 {
		p99 = figure(e.P99)
	}
	allocs, bytes := allocated(e.Allocs), allocated(e.Bytes)
	if isNative(e.Runtime) {
		allocs, bytes = "", "" // they do not count
	}
	runs := fmt.Sprint(e.Runs)
	if e.Disturbed > 0 {
		runs += fmt.Sprintf(" ~%d", e.Disturbed)
	}
	fmt.Fprintf(p, "| %s | %d | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", e.Runtime, e.Workers,
		figure(e.Min), figure(e.Median), figure(e.Max), p99, ratio, allocs, bytes,
		figure(float64(e.RSS>>20)), runs, e.Note)
}

// allocated writes allocations; those of the measurement itself are none.
func allocated(v float64) string {
	if v < 0.005 {
		return "0"
	}
	return figure(v)
}

// writeRuntimes says how each runtime was used, and its version.
func writeRuntimes(p *strings.Builder, b *table.Book) {
	p.WriteString("\n## The runtimes\n\n| runtime | version | how it is used |\n|---|---|---|\n")
	versions, how := map[string]string{}, map[string]string{}
	for _, m := range b.Machines {
		maps.Copy(versions, m.Versions)
		maps.Copy(how, m.How)
	}
	var names []string
	for _, e := range b.Entries {
		if !slices.Contains(names, e.Runtime) {
			names = append(names, e.Runtime)
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(kindOf(a), kindOf(b)) })
	for _, name := range names {
		fmt.Fprintf(p, "| %s | %s | %s |\n", name, versions[name], how[name])
	}
}

// sentence begins with a capital.
func sentence(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

const head = `# Benchmarks

<!-- Made by make benchmarks-page from docs/bench/results.json. Do not edit. -->

pilfer beside what else there is, in one run: every runtime does the same work with
the same check of its result, each as its own documentation recommends, in turn, so
that a machine whose speed drifts slows all of them. Trust ratios, not nanoseconds.
Where a peer leaves something out of a row's work, its figure stands there with a note,
and the row that compares the rest is named.

`

const counted = "\n## Instructions\n\nCounted by %s on one worker of ours: a figure that a noisy machine does not move.\n\n" +
	"| operation | instructions | how it is done |\n|---|--:|---|\n"

const rerun = "\n## Run it yourself\n\n" +
	"| what | command |\n|---|---|\n" +
	"| all Go peers | `make compare PEERS=go` |\n" +
	"| native peers too, as far as there are toolchains | `make native`, then `make compare` |\n" +
	"| some rows, some peers | `make compare ONLY=fib,submit-1,wavefront PEERS=ants,pond` |\n" +
	"| this page: all of it, measured and written | `make benchmarks`; again after an interrupt |\n" +
	"| the instructions | `make instructions JSON=docs/bench/instructions.json` |\n" +
	"| this tree against another revision | `make bench-diff BASE=HEAD~1` |\n\n" +
	"How it is measured, and what each figure is: [bench/README.md](bench/README.md).\n"
