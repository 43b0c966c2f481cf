// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"
)

// A Stuck is the watchdog's report of a job that has held its worker for too
// long.
type Stuck struct {
	Pool   string        // the pool's name
	Worker int           // the worker's index
	Held   time.Duration // for how long at least
	Task   string        // the task's name, from its profiler label; else empty
	Stack  string        // where the worker is, as in a goroutine profile
}

// LabelTask is the profiler label that carries the name of a named task while
// it runs.
const LabelTask = "pilfer_task"

// A watchdog finds long jobs.
type watchdog struct {
	pool     *Pool
	silent   []int // ticks without an answer, by place
	reported []bool
	last     time.Time
}

// look asks every worker for a sign of life, and acts on those that owe one.
//
// Caller: the monitor.
func (d *watchdog) look() {
	p := d.pool
	places := p.places()
	for len(d.silent) < len(places) {
		d.silent = append(d.silent, 0)
		d.reported = append(d.reported, false)
	}
	for i, w := range places {
		switch {
		case p.idle.isParked(i), w.attention.Load()&attendSample == 0:
			d.silent[i], d.reported[i] = 0, false
			w.setAttention(attendSample)
			continue
		}
		d.silent[i]++
		if w.QueueLen() > 0 && p.idle.load().quiet() {
			p.wakeOne(nil)
		}
		if w.joining.Load() {
			d.silent[i], d.reported[i] = 0, false // others hold it
			continue
		}
		held := time.Duration(d.silent[i]) * monitorTick
		if limit := p.config.watchdog; limit > 0 && held >= limit && !d.reported[i] {
			d.report(w, held)
		}
	}
}

// forget drops what was seen before the pool slept.
func (d *watchdog) forget() {
	clear(d.silent)
	clear(d.reported)
}

// report tells of one stuck worker, unless the last report is too young or the
// worker's goroutine turns out to sleep (a guest sits in its place).
func (d *watchdog) report(w *Worker, held time.Duration) {
	p := d.pool
	now := time.Now()
	if !d.last.IsZero() && now.Sub(d.last) < p.config.report {
		return
	}
	task, stack := stackOf(p.number, w.index)
	d.reported[w.index] = true
	if stack == "" || strings.Contains(stack, sleeps) {
		return
	}
	d.last = now
	s := Stuck{Pool: p.config.name, Worker: w.index, Held: held, Task: task, Stack: stack}
	if p.config.onStuck != nil {
		p.config.onStuck(s)
		return
	}
	log := p.config.logger
	if log == nil {
		log = slog.Default()
	}
	log.LogAttrs(context.Background(), slog.LevelWarn, "pilfer: a job holds its worker",
		slog.String("pool", s.Pool), slog.Int("worker", s.Worker),
		slog.Duration("held", s.Held), slog.String("task", s.Task), slog.String("stack", frames(s.Stack)))
}

// frames returns a stack of a profile in one line, the innermost call first, down to
// where the worker began the job: a log would quote the lines of a profile.
func frames(stack string) string {
	var calls []string
	for line := range strings.Lines(stack) {
		words := strings.Fields(line) // # 0x1f8 function+0x28 file:line
		if len(words) < 4 || words[0] != "#" || !strings.HasPrefix(words[1], "0x") {
			continue
		}
		if len(calls) > 0 && strings.Contains(words[2], "pilfer/workers.(*Worker).") {
			break
		}
		function, _, _ := strings.Cut(words[2], "+0x")
		calls = append(calls, path.Base(function)+" "+strings.Join(words[3:], " "))
	}
	return strings.Join(calls, " < ")
}

// Functions by which a stack in a profile shows whose it is: that of a worker, not
// of a goroutine that a job started and that inherited the labels; and that the
// worker sleeps.
const (
	works  = "pilfer/workers.(*Worker).main+"
	sleeps = "pilfer/workers.(*Worker).sleep+"
)

// stackOf finds the stack of a worker's goroutine in a goroutine profile, by
// its labels, and the name of the task that it runs.
func stackOf(pool uint32, index int) (task, stack string) {
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		return "", ""
	}
	wantPool := fmt.Sprintf("%q:%q", labelNumber, strconv.Itoa(int(pool)))
	wantWorker := fmt.Sprintf("%q:%q", LabelWorker, strconv.Itoa(index))
	for record := range bytes.SplitSeq(profile.Bytes(), []byte("\n\n")) {
		labels := lineWith(record, "# labels: ")
		if !bytes.Contains(labels, []byte(wantPool)) || !bytes.Contains(labels, []byte(wantWorker)) {
			continue
		}
		task, stack = labelValue(labels, LabelTask), string(record)
		if strings.Contains(stack, works) {
			break // else it may be a worker so deep that the profile cuts off its main
		}
	}
	return task, stack
}

// lineWith returns the line of record that starts with prefix, or nil.
func lineWith(record []byte, prefix string) []byte {
	for line := range bytes.Lines(record) {
		if bytes.HasPrefix(line, []byte(prefix)) {
			return line
		}
	}
	return nil
}

// labelValue returns the value of one label in a profile's label line.
func labelValue(labels []byte, name string) string {
	_, rest, found := bytes.Cut(labels, fmt.Appendf(nil, "%q:", name))
	if !found {
		return ""
	}
	quoted, err := strconv.QuotedPrefix(string(rest))
	if err != nil {
		return ""
	}
	value, _ := strconv.Unquote(quoted)
	return value
}
