// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"text/tabwriter"
)

// A report is the result of a comparison, as -json prints it. Times are those of
// the median runs, in seconds.
type report struct {
	Patterns    []string  `json:"patterns"`
	Go          string    `json:"go"`       // that listed the packages
	Compiler    string    `json:"compiler"` // that built this program, and its go/types
	Target      string    `json:"target"`
	CPUs        int       `json:"cpus"`
	Workers     int       `json:"workers"`
	Locked      bool      `json:"locked"`
	GC          int       `json:"gc"`
	Repeat      int       `json:"repeat"`
	Packages    int       `json:"packages"`
	Files       int       `json:"files"`
	Lines       int       `json:"lines"`
	Errors      []string  `json:"errors"`
	Nodes       int       `json:"nodes"`
	Runs        []timing  `json:"runs"` // serial, hand, pilfer
	Speedup     float64   `json:"speedup"`
	Parallelism float64   `json:"parallelism"`
	WorkS       float64   `json:"work_s"`
	CriticalS   float64   `json:"critical_s"`
	Critical    []string  `json:"critical"` // nodes of the critical path
	Busy        []float64 `json:"busy"`     // share of each of pilfer's workers
	Steals      uint64    `json:"steals"`
	Parks       uint64    `json:"parks"`
	Line        string    `json:"line"` // the line for programs
}

// A timing is the row of one variant.
type timing struct {
	Variant   string  `json:"variant"`
	Workers   int     `json:"workers"`
	MedianS   float64 `json:"median_s"`
	FastestS  float64 `json:"fastest_s"`
	SlowestS  float64 `json:"slowest_s"`
	Speedup   float64 `json:"speedup"`
	Busy      float64 `json:"busy"`
	CPUS      float64 `json:"cpu_s"` // user and system time of its process
	GCs       uint32  `json:"gcs"`
	Allocated uint64  `json:"allocated_bytes"`
}

// onCPU returns the part of the workers' busy time for which the process had CPUs.
// On a machine of its own that is 1 or more: the collector's time, and that of
// starting the process, come on top.
func (t *timing) onCPU() float64 {
	if t.CPUS == 0 {
		return 1 // not known
	}
	return t.CPUS / (t.MedianS * float64(t.Workers) * t.Busy)
}

func (c *comparison) report() *report {
	serial, pooled := c.median(bySerial), c.median(byPilfer)
	critical := c.plan.longest(serial.Spans)
	r := &report{
		Patterns:    c.input.Patterns,
		Go:          c.input.Go,
		Compiler:    runtime.Version(),
		Target:      c.input.GOOS + "/" + c.input.GOARCH,
		CPUs:        runtime.NumCPU(),
		Workers:     c.opts.workers,
		Locked:      c.opts.locked,
		GC:          c.opts.gc,
		Repeat:      c.opts.repeat,
		Packages:    len(serial.Found.Packages),
		Files:       serial.Found.Files,
		Lines:       serial.Found.Lines,
		Errors:      append([]string{}, serial.Found.Errors...), // [], not null
		Nodes:       len(c.plan.nodes),
		Speedup:     c.speedup(byPilfer),
		Parallelism: critical.parallelism(),
		WorkS:       critical.work.Seconds(),
		CriticalS:   critical.length.Seconds(),
		Busy:        pooled.busy(),
		Steals:      pooled.Tally.Steals,
		Parks:       pooled.Tally.Parks,
	}
	for _, i := range critical.nodes {
		r.Critical = append(r.Critical, c.plan.name(i))
	}
	for _, variant := range variants {
		o := c.median(variant)
		fastest, slowest := c.spread(variant)
		r.Runs = append(r.Runs, timing{
			Variant:   variant,
			Workers:   o.Workers,
			MedianS:   o.Wall.Seconds(),
			FastestS:  fastest.Seconds(),
			SlowestS:  slowest.Seconds(),
			Speedup:   c.speedup(variant),
			Busy:      mean(o.busy()),
			CPUS:      o.CPU.Seconds(),
			GCs:       o.GCs,
			Allocated: o.Bytes,
		})
	}
	r.Line = fmt.Sprintf("typecheck packages=%d errors=%d workers=%d serial_s=%.4f parallel_s=%.4f byhand_s=%.4f speedup=%.2f busy=%.2f",
		r.Packages, len(r.Errors), r.Workers, serial.Wall.Seconds(), pooled.Wall.Seconds(),
		c.median(byHand).Wall.Seconds(), r.Speedup, mean(r.Busy))
	return r
}

func mean(of []float64) (m float64) {
	for _, v := range of {
		m += v / float64(len(of))
	}
	return m
}

func (r *report) printJSON(to io.Writer) error {
	enc := json.NewEncoder(to)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// print writes the report for people, and as its last line the one for programs.
func (r *report) print(to io.Writer) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(to, "\n%s for %s without cgo: %s, %s files, %s lines, errors: %s\n",
		strings.Join(r.Patterns, " "), r.Target, count(r.Packages, "package"), digits(r.Files), digits(r.Lines), digits(len(r.Errors)))
	errs, more := shown(r.Errors, 10)
	for _, e := range errs {
		fmt.Fprintf(to, "  %s\n", strings.ReplaceAll(e, "\n", "\n    "))
	}
	if more > 0 {
		fmt.Fprintf(to, "  and %d more\n", more)
	}
	fmt.Fprintf(to, "%s listed, checked by go/types of %s; %s; GC %s; medians of %s each\n\n",
		r.Go, r.Compiler, count(r.CPUs, "CPU"), percent(r.GC), count(r.Repeat, "run"))
	fmt.Fprintf(w, "variant\tworkers\ttime\tfastest\tslowest\tspeed-up\tbusy\tCPU time\tGCs\tallocated\t\n")
	for _, t := range r.Runs {
		fmt.Fprintf(w, "%s\t%d\t%.3f s\t%.3f s\t%.3f s\t%.2fx\t%.0f %%\t%.2f s\t%d\t%d MB\t\n",
			r.title(t.Variant), t.Workers, t.MedianS, t.FastestS, t.SlowestS, t.Speedup, 100*t.Busy, t.CPUS, t.GCs, t.Allocated>>20)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, t := range r.Runs {
		if share := t.onCPU(); share < 0.9 {
			fmt.Fprintf(to, "\nOther programs used the CPUs meanwhile: %s had them for %.0f %% of its busy time. Measure again.\n",
				r.title(t.Variant), 100*share)
			break
		}
	}
	fmt.Fprintf(to, "\nparallelism of the graph: %.2f (work %.3f s / critical path %.3f s, of the serial run; %s, %d on the path)\n",
		r.Parallelism, r.WorkS, r.CriticalS, count(r.Nodes, "node"), len(r.Critical))
	fmt.Fprintf(to, "pilfer's workers busy:    %s\n", shares(r.Busy))
	fmt.Fprintf(to, "steals:                   %d, and %d parks\n\n", r.Steals, r.Parks)
	_, err := fmt.Fprintln(to, r.Line)
	return err
}

// title is the name of a variant for people.
func (r *report) title(variant string) string {
	switch {
	case variant == bySerial:
		return "serial"
	case variant == byHand:
		return "goroutines and a channel"
	case r.Locked:
		return "pilfer, locked threads"
	default:
		return "pilfer, unlocked"
	}
}

func shares(busy []float64) string {
	words := make([]string, len(busy))
	for i, b := range busy {
		words[i] = fmt.Sprintf("%.0f %%", 100*b)
	}
	return strings.Join(words, ", ")
}

func percent(gc int) string {
	if gc < 0 {
		return "off"
	}
	return strconv.Itoa(gc) + " %"
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return digits(n) + " " + what
}

// digits writes n with commas between thousands.
func digits(n int) string {
	s := strconv.Itoa(n)
	for at := len(s) - 3; at > 0 && s[at-1] != '-'; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}
