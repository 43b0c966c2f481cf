// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/sched"
)

// stateDir is where it is noted what was built, beside the recipe.
const stateDir = ".pilfer"

// pauses says how long a task that failed waits for its next try. A test has its own.
var pauses = graph.Backoff(time.Second, time.Minute)

// A runner runs the tasks of a recipe.
type runner struct {
	recipe *recipe
	dir    string // of the recipe: commands run there
	store  *store
	out    io.Writer
	dry    bool

	mu    sync.Mutex
	ended map[string]bool // holding mu: tasks that have ended, and will not be tried again
	fresh map[string]bool // holding mu: tasks that were run, or would be
	tries map[string]int  // holding mu: how often tasks were begun
}

// A picture is a file that tells of a run.
type picture struct {
	flag, file string
	write      func(to io.Writer) error
}

// runFile is the command run.
func runFile(ctx context.Context, out io.Writer, args []string) (err error) {
	fs := flag.NewFlagSet("run", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	dry := fs.Bool("dry-run", false, "say what would run, and run nothing")
	jobs := fs.Int("jobs", runtime.GOMAXPROCS(0), "how many tasks run at once")
	keep := fs.Bool("keep-going", false, "after a failure run what does not depend on it")
	var report graph.Report
	pictures := []picture{
		{flag: "trace", write: func(to io.Writer) error { return lanes(&report).WriteTrace(to) }},
		{flag: "timeline", write: func(to io.Writer) error { return lanes(&report).WriteSVG(to) }},
		{flag: "dot", write: report.WriteDOT},
	}
	for i := range pictures {
		fs.StringVar(&pictures[i].file, pictures[i].flag, "", "write it to this `file`")
	}
	files, err := parseAll(fs, args)
	if errors.Is(err, flag.ErrHelp) {
		return say(out, usage)
	}
	if err != nil {
		return fmt.Errorf("%w: run: %w", errUsage, err)
	}
	if len(files) != 1 {
		return fmt.Errorf("%w: run: want one file, got %d", errUsage, len(files))
	}
	if *jobs < 1 {
		return fmt.Errorf("%w: run: -jobs %d: want at least 1", errUsage, *jobs)
	}
	for i, p := range pictures {
		if same := slices.IndexFunc(pictures[:i], func(o picture) bool { return p.file != "" && o.file == p.file }); same >= 0 {
			return fmt.Errorf("%w: run: -%s and -%s name the same file, %s", errUsage, pictures[same].flag, p.flag, p.file)
		}
	}
	r, err := newRunner(files[0], out, *dry)
	if err != nil {
		return err
	}
	for _, p := range pictures {
		if p.file == "" {
			continue
		}
		if err := writable(p.file); err != nil {
			return fmt.Errorf("run: -%s: cannot write %s: %w", p.flag, p.file, err)
		}
	}
	rt, err := sched.New(sched.LockThreads(false))
	if err != nil {
		return err
	}
	defer rt.Close()
	opts := []graph.RunOption{graph.Limit(*jobs), graph.Profile(&report)}
	if *keep {
		opts = append(opts, graph.OnFailure(graph.StopDependents))
	}
	err = r.byTask(r.graph().Run(ctx, rt, opts...))
	if !*dry {
		err = errors.Join(err, r.store.save())
	}
	r.summary(err, &report)
	for _, p := range pictures {
		if p.file != "" {
			err = errors.Join(err, writeFile(p.file, p.write))
		}
	}
	return err
}

// parseAll parses flags before and after files, which it returns.
func parseAll(fs *flag.FlagSet, args []string) (files []string, err error) {
	for {
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		if fs.NArg() == 0 {
			return files, nil
		}
		files, args = append(files, fs.Arg(0)), fs.Args()[1:]
	}
}

func newRunner(file string, out io.Writer, dry bool) (*runner, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	recipe, err := readRecipe(file, text)
	if err != nil {
		return nil, err
	}
	dir := filepath.Dir(file)
	return &runner{
		recipe: recipe,
		dir:    dir,
		store:  openStore(filepath.Join(dir, stateDir, filepath.Base(file)+".json")),
		out:    out,
		dry:    dry,
		ended:  map[string]bool{},
		fresh:  map[string]bool{},
		tries:  map[string]int{},
	}, nil
}

// graph makes the recipe a graph: a node for each task, which waits for its
// commands without holding a worker.
func (r *runner) graph() *graph.Graph {
	g := graph.New(r.recipe.name)
	pools := map[string]*graph.Semaphore{}
	for name, size := range r.recipe.pools {
		pools[name] = graph.NewSemaphore(name, size)
	}
	byName := map[string]*task{}
	for _, t := range r.recipe.tasks {
		n := graph.Blocking(g, t.name, func(ctx context.Context) (struct{}, error) { return struct{}{}, r.run(ctx, t, byName) }).Node()
		byName[t.name] = t
		if t.retry > 0 {
			n.Retry(t.retry, pauses)
		}
		if t.timeout > 0 {
			n.Timeout(t.timeout)
		}
		for pool, weight := range t.uses {
			n.Uses(pools[pool], weight)
		}
	}
	for _, t := range r.recipe.tasks {
		for _, a := range t.after {
			g.Node(t.name).After(g.Node(a))
		}
	}
	g.ByCriticalPath(nil)
	return g
}

// run brings one task up to date.
func (r *runner) run(ctx context.Context, t *task, byName map[string]*task) error {
	if len(t.run) == 0 {
		r.note(t, "", 0, nil)
		return nil
	}
	key, err := r.key(t, byName)
	if err != nil {
		r.note(t, "FAILED", 0, nil)
		if errors.Is(err, os.ErrNotExist) {
			err = fmt.Errorf("%w; if another task makes it, name that one in after", err)
		}
		return graph.Permanent(fmt.Errorf("inputs: %w", err))
	}
	if r.upToDate(t, key) {
		r.note(t, "up to date", 0, nil)
		return nil
	}
	mayTry := r.begin(t)
	if r.dry {
		r.note(t, "would run", 0, []byte(strings.Join(t.run, "\n")+"\n"))
		return nil
	}
	r.store.forget(t.name) // until it has succeeded
	begin := time.Now()
	var text bytes.Buffer
	for _, command := range t.run {
		if err = r.command(ctx, t, command, &text); err != nil {
			break
		}
	}
	outputs := ""
	if err == nil {
		if outputs, err = hashFiles(r.dir, t.outputs); err != nil {
			err = fmt.Errorf("outputs, which the commands should have made: %w", err)
		}
	}
	if err != nil {
		how := "FAILED"
		if ctx.Err() != nil {
			how, mayTry = stoppedOrLate(ctx, mayTry)
		}
		if mayTry {
			how = strings.ToLower(how) + again
		}
		r.note(t, how, time.Since(begin), text.Bytes())
		return err
	}
	r.store.set(t.name, built{key, outputs})
	r.note(t, "done", time.Since(begin), text.Bytes())
	return nil
}

// key hashes what the task is made from.
func (r *runner) key(t *task, byName map[string]*task) (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q %q\n", t.run, t.dir, t.env, r.recipe.env)
	parts := [][]string{t.inputs}
	for _, a := range t.after {
		parts = append(parts, byName[a].outputs)
	}
	for i, patterns := range parts {
		sum, err := hashFiles(r.dir, patterns)
		if err != nil && !(r.dry && i > 0) { // in a dry run they may not be there yet
			return "", err
		}
		fmt.Fprintln(h, sum)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// upToDate reports whether the task need not run.
func (r *runner) upToDate(t *task, key string) bool {
	was, ok := r.store.get(t.name)
	if !ok || t.always || len(t.inputs) == 0 && len(t.outputs) == 0 || was.Key != key || r.freshBefore(t) {
		return false
	}
	outputs, err := hashFiles(r.dir, t.outputs)
	return err == nil && outputs == was.Outputs
}

// freshBefore reports whether, in a dry run, a task before t would run: nobody
// knows what it would make.
func (r *runner) freshBefore(t *task) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range t.after {
		if r.dry && r.fresh[a] {
			return true
		}
	}
	return false
}

// begin counts a try of the task, and reports whether another may follow.
func (r *runner) begin(t *task) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fresh[t.name] = true
	r.tries[t.name]++
	return r.tries[t.name] <= t.retry
}

// stoppedOrLate says why the task's context has ended: with the run, after which it
// is not tried again, or at its own deadline.
func stoppedOrLate(ctx context.Context, mayTry bool) (string, bool) {
	if _, own := context.Cause(ctx).(*graph.DeadlineError); own {
		return "timed out", mayTry
	}
	return "stopped", false // the cause may be the deadline of another, inside its error
}

// command runs one command in a shell of its own.
func (r *runner) command(ctx context.Context, t *task, command string, text io.Writer) error {
	shell, option := "sh", "-ec"
	if runtime.GOOS == "windows" {
		shell, option = "cmd", "/C"
	}
	cmd := exec.CommandContext(ctx, shell, option, command)
	cmd.Dir = filepath.Join(r.dir, t.dir)
	if _, err := os.Stat(cmd.Dir); err != nil {
		return fmt.Errorf("dir: %w", err) // else the shell would seem to be missing
	}
	cmd.Env = append(append(os.Environ(), r.recipe.env...), t.env...)
	cmd.Stdout, cmd.Stderr = text, text
	cmd.WaitDelay = 50 * time.Millisecond // for what the command has left running
	killAll(cmd)
	err := cmd.Run()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", command, err)
	}
	return nil
}

// writable returns an error if the file cannot be written, which a long run should not
// find out at its end. It leaves all as it was.
func writable(name string) error {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		f, err := os.CreateTemp(filepath.Dir(name), ".pilfer*")
		if err != nil {
			return err
		}
		return errors.Join(f.Close(), os.Remove(f.Name()))
	case err != nil:
		return err
	case info.IsDir():
		return errors.New("it is a directory")
	case !info.Mode().IsRegular():
		return nil // to open a pipe may wait for its reader
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

// writeFile creates a file and lets write fill it.
func writeFile(name string, write func(io.Writer) error) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
