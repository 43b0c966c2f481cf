// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A pkg is one package as `go list` describes it, reduced to what the runs need.
// It crosses the pipe to the child processes, hence the exported fields.
type pkg struct {
	Path      string
	Dir       string
	Files     []string          // names in Dir, for this machine's build constraints
	Imports   []int             // the packages that it imports, by index
	Renamed   map[string]string // import paths that mean another, as vendoring has it
	GoVersion string            // of its module; empty for the standard library
	Sizes     []int64           // of Files, in bytes
	Missing   string            // why there is nothing to check, if there is not
}

// bytes returns the size of all files.
func (p *pkg) bytes() (sum int64) {
	for _, size := range p.Sizes {
		sum += size
	}
	return sum
}

// An input is what one invocation checks.
type input struct {
	Patterns []string
	GOOS     string
	GOARCH   string
	Go       string // version of the go command that listed the packages
	Packages []pkg  // dependencies included
}

// An inputError is a mistake of whoever called the program.
type inputError struct{ err error }

func (e inputError) Error() string { return e.err.Error() }
func (e inputError) Unwrap() error { return e.err }

func badInput(format string, args ...any) error {
	return inputError{fmt.Errorf(format, args...)}
}

// A listed is one object of the output of go list -json.
type listed struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
	ImportMap  map[string]string
	Match      []string
	DepOnly    bool
	Module     *struct{ GoVersion string }
	Error      *struct{ Err string }
}

// load asks the go command, in directory dir, for the packages that match the
// patterns and for all that they import.
func load(ctx context.Context, dir string, patterns []string) (*input, error) {
	in := &input{Patterns: patterns}
	env, err := goCommand(ctx, dir, "env", "-json", "GOOS", "GOARCH", "GOVERSION")
	if err != nil {
		return nil, err
	}
	var vars struct{ GOOS, GOARCH, GOVERSION string }
	if err := json.Unmarshal(env, &vars); err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	in.GOOS, in.GOARCH, in.Go = vars.GOOS, vars.GOARCH, vars.GOVERSION
	found, err := list(ctx, dir, patterns)
	if err != nil {
		return nil, err
	}
	if in.Packages, err = link(found); err != nil {
		return nil, err
	}
	return in, in.readOnce()
}

// list runs go list -deps. -e keeps it from giving up at the first package that
// is wrong: whether errors are found is the type checker's business.
func list(ctx context.Context, dir string, patterns []string) ([]listed, error) {
	args := []string{"list", "-e", "-buildvcs=false", "-deps",
		"-json=ImportPath,Dir,GoFiles,Imports,ImportMap,Match,DepOnly,Module,Error", "--"}
	out, err := goCommand(ctx, dir, append(args, patterns...)...)
	if err != nil {
		return nil, err
	}
	var found []listed
	matched := make(map[string]bool)
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var l listed
		if err := dec.Decode(&l); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		if !l.DepOnly && l.Error != nil && len(l.GoFiles) == 0 {
			return nil, badInput("%s: %s", l.ImportPath, l.Error.Err)
		}
		for _, pattern := range l.Match {
			matched[pattern] = true
		}
		found = append(found, l)
	}
	for _, pattern := range patterns {
		if !matched[pattern] {
			return nil, badInput("%s: no packages match", pattern)
		}
	}
	return found, nil
}

// link turns import paths into indexes.
func link(found []listed) ([]pkg, error) {
	index := make(map[string]int, len(found))
	for i, l := range found {
		if _, twice := index[l.ImportPath]; twice {
			return nil, fmt.Errorf("go list names %s twice", l.ImportPath)
		}
		index[l.ImportPath] = i
	}
	packages := make([]pkg, len(found))
	for i, l := range found {
		p := pkg{Path: l.ImportPath, Dir: l.Dir, Files: l.GoFiles, Renamed: l.ImportMap}
		if l.Module != nil && l.Module.GoVersion != "" {
			p.GoVersion = "go" + l.Module.GoVersion
		}
		if l.Error != nil && len(l.GoFiles) == 0 {
			p.Missing = l.Error.Err
		}
		for _, path := range l.Imports {
			if to, ok := l.ImportMap[path]; ok {
				path = to
			}
			// What go list does not know, the type checker will report.
			if at, ok := index[path]; ok && !slices.Contains(p.Imports, at) {
				p.Imports = append(p.Imports, at)
			}
		}
		packages[i] = p
	}
	return packages, nil
}

// readOnce reads every file, to know its size, and to have the system's cache warm
// for all variants alike.
func (in *input) readOnce() error {
	for i := range in.Packages {
		p := &in.Packages[i]
		for _, name := range p.Files {
			text, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				return err
			}
			p.Sizes = append(p.Sizes, int64(len(text)))
		}
	}
	return nil
}

// paths returns the import paths of all packages, sorted.
func (in *input) paths() []string {
	paths := make([]string, len(in.Packages))
	for i, p := range in.Packages {
		paths[i] = p.Path
	}
	slices.Sort(paths)
	return paths
}

// listPaths asks the go command again, for the import paths only and without
// JSON: what the self-check compares with.
func listPaths(ctx context.Context, dir string, patterns []string) ([]string, error) {
	out, err := goCommand(ctx, dir, append([]string{"list", "-e", "-buildvcs=false", "-deps", "--"}, patterns...)...)
	if err != nil {
		return nil, err
	}
	paths := strings.Fields(string(out))
	slices.Sort(paths)
	return paths, nil
}

// goCommand returns what `go args...` prints. Without cgo every package is plain
// Go, which is all that go/types understands.
func goCommand(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.Is(err, exec.ErrNotFound):
		return nil, badInput("this program needs the go command: %w", err)
	case err != nil:
		return nil, badInput("go %s: %w: %s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return out, nil
}
