// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// A recipe is a file of tasks, read and checked.
type recipe struct {
	file  string
	name  string
	env   []string // KEY=value
	pools map[string]int
	tasks []*task // in the order of the file
}

// A task is a command, or several in order, and what it depends on.
type task struct {
	name    string
	at      place
	run     []string
	dir     string
	env     []string
	after   []string
	afterAt []place
	inputs  []string // patterns
	outputs []string // patterns
	madeAt  []place  // of outputs
	retry   int
	timeout time.Duration
	uses    map[string]int
	usesAt  map[string]place // of the pool's name
	broken  bool             // is no mapping, which is reported
	always  bool             // runs even if nothing has changed
}

// A place is where something stands in the file.
type place struct{ line, column int }

// A recipeError says what is wrong, and where.
type recipeError struct {
	file string
	at   place
	text string
}

func (e *recipeError) Error() string {
	if e.at.line == 0 {
		return e.file + ": " + e.text
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.file, e.at.line, e.at.column, e.text)
}

// A reader reads a recipe, and collects what is wrong with it.
type reader struct {
	r    *recipe
	errs []*recipeError
}

func at(n *yaml.Node) place { return place{n.Line, n.Column} }

func (r *reader) wrong(p place, format string, args ...any) {
	r.errs = append(r.errs, &recipeError{r.r.file, p, fmt.Sprintf(format, args...)})
}

// readRecipe reads the text of a file.
func readRecipe(file string, text []byte) (*recipe, error) {
	r := &reader{r: &recipe{file: file, name: file, pools: map[string]int{}}}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc, second yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, &recipeError{file, place{1, 1}, "empty: want a mapping with the key tasks"}
	case err != nil:
		return nil, yamlError(file, err)
	}
	r.file(doc.Content[0])
	switch err := dec.Decode(&second); {
	case err == nil:
		r.wrong(at(&second), "a second document: want one in a file")
	case !errors.Is(err, io.EOF):
		return nil, yamlError(file, err)
	}
	r.check()
	slices.SortStableFunc(r.errs, func(a, b *recipeError) int {
		return cmp.Or(cmp.Compare(a.at.line, b.at.line), cmp.Compare(a.at.column, b.at.column))
	})
	var all []error
	for _, e := range r.errs {
		all = append(all, e)
	}
	return r.r, errors.Join(all...)
}

// yamlError gives an error of the parser the form of ours.
func yamlError(file string, err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		if line, what, ok := strings.Cut(rest, ": "); ok {
			if n, err := strconv.Atoi(line); err == nil {
				if strings.Contains(what, "cannot start any token") {
					what += ": a tab or one of @`%? stands where a value begins; indent with spaces, and quote such texts"
				}
				return &recipeError{file, place{n, 1}, what}
			}
		}
	}
	return &recipeError{file, place{1, 1}, text}
}

// meant returns what an alias stands for, or n.
func meant(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// each calls f for the keys of a mapping, and notes keys that come twice or are
// not in the list; a nil list allows all that say something.
func (r *reader) each(n *yaml.Node, what string, allowed []string, f func(key, value *yaml.Node)) {
	n = meant(n)
	if n.Kind != yaml.MappingNode {
		r.wrong(at(n), "%s: want a mapping, got %s", what, kindName(n))
		return
	}
	seen := map[string]place{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], meant(n.Content[i+1])
		if meant(k).Kind != yaml.ScalarNode || meant(k).Value == "" {
			r.wrong(at(k), "%s: want a name, got %s", what, kindName(meant(k)))
			continue
		}
		if first, ok := seen[k.Value]; ok {
			r.wrong(at(k), "%s: %q is here a second time, first in line %d", what, k.Value, first.line)
			continue
		}
		seen[k.Value] = at(k)
		if allowed != nil && !slices.Contains(allowed, k.Value) {
			r.wrong(at(k), "%s: unknown key %q; want one of %s", what, k.Value, strings.Join(allowed, ", "))
			continue
		}
		f(k, v)
	}
}

// file reads the outermost mapping.
func (r *reader) file(n *yaml.Node) {
	r.each(n, "file", []string{"name", "env", "pools", "tasks"}, func(k, v *yaml.Node) {
		switch k.Value {
		case "name":
			r.r.name = r.text(v, "name")
		case "env":
			r.r.env = r.pairs(v)
		case "pools":
			r.each(v, "pools", nil, func(k, v *yaml.Node) { r.r.pools[k.Value] = r.number(v, "pool "+k.Value, 1) })
		case "tasks":
			r.each(v, "tasks", nil, func(k, v *yaml.Node) { r.r.tasks = append(r.r.tasks, r.task(k, v)) })
		}
	})
}

// task reads one task.
func (r *reader) task(k, v *yaml.Node) *task {
	t := &task{name: k.Value, at: at(k), uses: map[string]int{}, usesAt: map[string]place{}}
	what := "task " + k.Value
	if t.broken = v.Kind != yaml.MappingNode; t.broken {
		r.wrong(at(v), "%s: want a mapping such as {run: make}, got %s", what, kindName(v))
		return t
	}
	r.each(v, what, []string{"run", "after", "inputs", "outputs", "dir", "env", "retry", "timeout", "uses", "always"}, func(k, v *yaml.Node) {
		switch key := what + ": " + k.Value; k.Value {
		case "run":
			t.run, _ = r.list(v, key)
		case "after":
			t.after, t.afterAt = r.list(v, key)
		case "inputs":
			t.inputs, _ = r.patterns(v, key)
		case "outputs":
			t.outputs, t.madeAt = r.patterns(v, key)
		case "dir":
			t.dir = r.text(v, key)
		case "env":
			t.env = r.pairs(v)
		case "retry":
			t.retry = r.number(v, key, 0)
		case "timeout":
			d, err := time.ParseDuration(r.text(v, key))
			if err != nil || d <= 0 {
				r.wrong(at(v), "%s: want a duration like 30s or 5m, got %q", key, v.Value)
			}
			t.timeout = d
		case "uses":
			r.each(v, key, nil, func(k, v *yaml.Node) {
				t.uses[k.Value], t.usesAt[k.Value] = r.number(v, "uses "+k.Value, 1), at(k)
			})
		case "always":
			if v.Value != "true" && v.Value != "false" {
				r.wrong(at(v), "%s: want true or false, got %q", key, v.Value)
			}
			t.always = v.Value == "true"
		}
	})
	return t
}

// pools finds tasks that use pools which do not exist, or have less.
func (r *reader) pools(t *task) {
	for _, pool := range slices.Sorted(maps.Keys(t.uses)) {
		switch size, ok := r.r.pools[pool]; {
		case !ok:
			r.wrong(t.usesAt[pool], "task %s uses pool %q, and none is named so: add it under pools, with its size", t.name, pool)
		case t.uses[pool] > size:
			r.wrong(t.usesAt[pool], "task %s uses %d of pool %s, which has %d: it could never start", t.name, t.uses[pool], pool, size)
		}
	}
}

func (r *reader) text(v *yaml.Node, what string) string {
	if v = meant(v); v.Kind != yaml.ScalarNode {
		r.wrong(at(v), "%s: want a text, got %s", what, kindName(v))
	}
	return v.Value
}

func (r *reader) number(v *yaml.Node, what string, least int) int {
	n, err := strconv.Atoi(v.Value)
	if v.Kind != yaml.ScalarNode || err != nil || n < least {
		r.wrong(at(v), "%s: want a number, %d at least, got %q", what, least, v.Value)
	}
	return n
}

// list reads one text or several.
func (r *reader) list(v *yaml.Node, what string) (texts []string, places []place) {
	switch v.Kind {
	case yaml.ScalarNode:
		if v.Tag == "!!null" {
			break
		}
		return []string{v.Value}, []place{at(v)}
	case yaml.SequenceNode:
		for _, e := range v.Content {
			texts, places = append(texts, r.text(e, what)), append(places, at(e))
		}
		return texts, places
	}
	r.wrong(at(v), "%s: want a text or a list, got %s", what, kindName(v))
	return nil, nil
}

// patterns reads patterns of files, which are cleaned.
func (r *reader) patterns(v *yaml.Node, what string) (patterns []string, places []place) {
	patterns, places = r.list(v, what)
	for i, p := range patterns {
		patterns[i] = path.Clean(filepath.ToSlash(p))
		switch _, err := path.Match(patterns[i], ""); {
		case err != nil:
			r.wrong(places[i], "%s: %q is no pattern: a [ without its ]?", what, p)
		case p == "":
			r.wrong(places[i], "%s: want the name of a file, or a pattern", what)
		case filepath.IsAbs(p) || path.IsAbs(patterns[i]):
			r.wrong(places[i], "%s: %s: want a path that begins at the directory of this file", what, p)
		}
	}
	return patterns, places
}

// pairs reads a mapping as an environment.
func (r *reader) pairs(v *yaml.Node) (env []string) {
	r.each(v, "env", nil, func(k, v *yaml.Node) {
		if strings.Contains(k.Value, "=") {
			r.wrong(at(k), "env: %q: want a name without =", k.Value)
		}
		env = append(env, k.Value+"="+r.text(v, "env "+k.Value))
	})
	return env
}

func kindName(n *yaml.Node) string {
	switch meant(n).Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	if n.Tag == "!!null" {
		return "nothing"
	}
	return fmt.Sprintf("%q", n.Value)
}

// check finds what is wrong between tasks.
func (r *reader) check() {
	if len(r.r.tasks) == 0 && len(r.errs) == 0 {
		r.wrong(place{1, 1}, "no tasks: want a mapping with the key tasks")
	}
	byName := map[string]*task{}
	for _, t := range r.r.tasks {
		byName[t.name] = t
	}
	makers := map[string]string{} // tasks, by output
	for _, t := range r.r.tasks {
		r.pools(t)
		for i, o := range t.outputs {
			if other, ok := makers[o]; ok {
				r.wrong(t.madeAt[i], "task %s has the output %s, and so has task %s: only one of them can make it", t.name, o, other)
			}
			makers[o] = t.name
		}
		for i, a := range t.after {
			if byName[a] == nil {
				r.wrong(t.afterAt[i], "task %s comes after %q, and no task is named so%s", t.name, a, r.near(a))
			}
		}
		if len(t.run) == 0 && len(t.after) == 0 && !t.broken {
			r.wrong(t.at, "task %s: nothing to do: want run, or after for a task that stands for others", t.name)
		}
	}
	if len(r.errs) == 0 {
		r.cycle(byName)
	}
}

// near returns a hint for a name that was mistyped.
func (r *reader) near(name string) string {
	for _, t := range r.r.tasks {
		if strings.EqualFold(t.name, name) || strings.Contains(t.name, name) || strings.Contains(name, t.name) {
			return fmt.Sprintf("; did you mean %q?", t.name)
		}
	}
	return ""
}

// cycle reports the first circle of tasks, at the edge that closes it.
func (r *reader) cycle(byName map[string]*task) {
	state := map[*task]int{} // 1: on the path, 2: done
	var path []string
	var walk func(t *task) bool
	walk = func(t *task) bool {
		state[t] = 1
		path = append(path, t.name)
		for i, a := range t.after {
			switch before := byName[a]; state[before] {
			case 1:
				from := slices.Index(path, a)
				r.wrong(t.afterAt[i], "cycle: %s -> %s: each comes after the next; take one of them out", strings.Join(path[from:], " -> "), a)
				return false
			case 0:
				if !walk(before) {
					return false
				}
			}
		}
		path = path[:len(path)-1]
		state[t] = 2
		return true
	}
	for _, t := range r.r.tasks {
		if state[t] == 0 && !walk(t) {
			return
		}
	}
}
