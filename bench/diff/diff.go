// SPDX-License-Identifier: Apache-2.0

package diff

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Options say what is compared.
type Options struct {
	Base    string   // revision; if empty, HEAD~20 or the oldest there is
	Rows    []string // workloads
	Runtime string   // of ours
	Workers string   // as in the name of a benchmark; 1|2 for both
	Count   int      // rounds, in turn
	Time    string   // of each benchmark, as for -benchtime
	Out     io.Writer
}

// far is how far back the revision is that an Options without one means. Further
// than one commit, or a commit that changes no code would be compared with itself.
const far = 20

// Run compares the tree around the current directory with another revision.
func Run(ctx context.Context, o Options) error {
	root, err := output(ctx, "", "git", "rev-parse", "--show-toplevel")
	if err != nil {
		return fmt.Errorf("diff: not in a git checkout: %w", err)
	}
	if o.Base == "" {
		if o.Base, err = farBack(ctx, root); err != nil {
			return err
		}
	}
	revision, err := output(ctx, root, "git", "rev-parse", "--verify", "--end-of-options", o.Base+"^{commit}")
	if err != nil {
		return fmt.Errorf("diff: no revision %s here: %w", o.Base, err)
	}
	tmp, err := os.MkdirTemp("", "pilfer-diff")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	base := filepath.Join(tmp, "base")
	if err := checkOut(ctx, root, revision, base); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(base, "bench")); err != nil {
		return fmt.Errorf("diff: %s has no benchmarks", o.Base)
	}
	fmt.Fprintf(o.Out, "base is %s (%.12s); new is this tree. %d rounds in turn of: %s\n", o.Base, revision, o.Count, strings.Join(o.Rows, " "))
	trees := []tree{{name: "base", dir: base}, {name: "new", dir: root}}
	for i := range trees {
		trees[i].program = filepath.Join(tmp, trees[i].name+".test")
		if _, err := output(ctx, trees[i].dir, "go", "test", "-c", "-buildvcs=false", "-o", trees[i].program, "./bench"); err != nil {
			return fmt.Errorf("diff: build %s: %w", trees[i].name, err)
		}
	}
	if err := o.measure(ctx, trees); err != nil {
		return err
	}
	return o.report(ctx, root, tmp, trees)
}

// A tree is one side.
type tree struct {
	name, dir, program string
	out                bytes.Buffer // in the format of Go's benchmarks
}

// measure runs both programs in turn, and who begins alternates: what runs second
// may find a warmer machine.
func (o Options) measure(ctx context.Context, trees []tree) error {
	pattern := fmt.Sprintf("^BenchmarkWorkload$/^name=(%s)$/^runtime=%s$/^workers=(%s)$", strings.Join(o.Rows, "|"), o.Runtime, o.Workers)
	for n := range o.Count {
		began := time.Now()
		for i := range trees {
			t := &trees[(i+n)%len(trees)]
			out, err := output(ctx, t.dir, t.program, "-test.run", "^$", "-test.bench", pattern, "-test.benchtime", o.Time)
			if err != nil {
				return fmt.Errorf("diff: %s: %w", t.name, err)
			}
			t.out.WriteString(perOp(out))
		}
		fmt.Fprintf(os.Stderr, "-- %d of %d rounds, %.0f s\n", n+1, o.Count, time.Since(began).Seconds())
	}
	for i := range trees {
		if !strings.Contains(trees[i].out.String(), "Benchmark") {
			return fmt.Errorf("diff: %s has none of the benchmarks %s", trees[i].name, pattern)
		}
	}
	return nil
}

// alpha is how sure benchstat is that a change is none. With dozens of figures on a
// noisy machine 5% would be a false alarm in most runs.
const alpha = "0.01"

// report prints benchstat's tables and what got slower.
func (o Options) report(ctx context.Context, root, tmp string, trees []tree) error {
	args := []string{"tool", "-modfile=tools/go.mod", "benchstat", "-alpha", alpha}
	var files []string
	for i := range trees {
		path := filepath.Join(tmp, trees[i].name+".txt")
		if err := os.WriteFile(path, trees[i].out.Bytes(), 0o666); err != nil {
			return err
		}
		files = append(files, trees[i].name+"="+path)
	}
	text, err := output(ctx, root, "go", append(args, files...)...)
	if err != nil {
		return fmt.Errorf("diff: %w", err)
	}
	fmt.Fprintf(o.Out, "\n%s\n\n", text)
	table, err := output(ctx, root, "go", append(append(args, "-format", "csv"), files...)...)
	if err != nil {
		return fmt.Errorf("diff: %w", err)
	}
	worse, err := slower(table)
	if err != nil {
		return err
	}
	if len(worse) == 0 {
		fmt.Fprintln(o.Out, "nothing got slower beyond noise")
		return nil
	}
	fmt.Fprintln(o.Out, "slower beyond noise:")
	for _, w := range worse {
		fmt.Fprintf(o.Out, "  %s\n", w)
	}
	return nil
}

// checkOut lays a revision into a directory. It leaves nothing in the repository,
// as a worktree would.
func checkOut(ctx context.Context, root, revision, dir string) error {
	if err := os.Mkdir(dir, 0o777); err != nil {
		return err
	}
	archive := dir + ".tar"
	if _, err := output(ctx, root, "git", "archive", "-o", archive, revision); err != nil {
		return fmt.Errorf("diff: %w", err)
	}
	if _, err := output(ctx, dir, "tar", "-xf", archive); err != nil {
		return fmt.Errorf("diff: %w", err)
	}
	return nil
}

func farBack(ctx context.Context, root string) (string, error) {
	out, err := output(ctx, root, "git", "rev-list", "--first-parent", fmt.Sprintf("--max-count=%d", far+1), "HEAD")
	if err != nil {
		return "", fmt.Errorf("diff: %w", err)
	}
	all := strings.Fields(out)
	if len(all) < 2 {
		return "", errors.New("diff: no earlier revision here: a shallow clone?")
	}
	return all[len(all)-1], nil
}

// output runs a command and returns what it prints.
func output(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	var out, trouble bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &trouble
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", name, args[0], err, strings.TrimSpace(trouble.String()+out.String()))
	}
	return strings.TrimRight(out.String(), "\n"), nil
}
