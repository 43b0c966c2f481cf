// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// What was built before is known by content: a task is up to date if its commands,
// its inputs, and the outputs of the tasks before it hash to the same as when it
// ran last, and its own outputs have not changed since. Times of files do not
// count.

// A built is what is known of a task that has run.
type built struct {
	Key     string // of what it was made from
	Outputs string // of what it made
}

// A store keeps what was built, beside the recipe.
type store struct {
	file string

	mu    sync.Mutex
	tasks map[string]built // holding mu
}

// openStore reads what was built. A store that cannot be read is empty.
func openStore(file string) *store {
	s := &store{file: file, tasks: map[string]built{}}
	if text, err := os.ReadFile(file); err == nil {
		if json.Unmarshal(text, &s.tasks) != nil || s.tasks == nil {
			s.tasks = map[string]built{}
		}
	}
	return s
}

func (s *store) get(task string) (built, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.tasks[task]
	return b, ok
}

func (s *store) set(task string, b built) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tasks[task] = b
}

func (s *store) forget(task string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tasks, task)
}

// save writes the store, whole or not at all.
func (s *store) save() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, err := json.MarshalIndent(s.tasks, "", "\t")
	if err == nil {
		err = os.MkdirAll(filepath.Dir(s.file), 0o755)
	}
	if err == nil {
		err = os.WriteFile(s.file+".new", text, 0o644)
	}
	if err == nil {
		err = os.Rename(s.file+".new", s.file)
	}
	return err
}

// hashFiles hashes names and contents of the files that match the patterns, below
// dir.
func hashFiles(dir string, patterns []string) (string, error) {
	names, err := match(dir, patterns)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, name := range names {
		fmt.Fprintf(h, "%q ", name)
		if err := hashFile(h, filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func hashFile(to io.Writer, name string) error {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		// A link that leads to a directory, or to nothing: only where it leads counts.
		if target, linkErr := os.Readlink(name); linkErr == nil {
			_, err = fmt.Fprintf(to, "%q\n", target)
		}
		return err
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	_, err = fmt.Fprintf(to, "%x\n", h.Sum(nil))
	return err
}

// match returns the files below dir that match a pattern, sorted, with slashes. In
// a pattern ** stands for any number of directories; a directory that is named
// stands for all files in it. A plain name of nothing is an error. Pipes, sockets and
// devices are left out: to read one might wait for ever.
func match(dir string, patterns []string) ([]string, error) {
	var names []string
	for _, p := range patterns {
		found := len(names)
		root := p
		special := strings.IndexAny(p, `*?[\`)
		if special >= 0 {
			root = path.Dir(p[:special] + "x")
		}
		err := filepath.WalkDir(filepath.Join(dir, filepath.FromSlash(root)), func(at string, d fs.DirEntry, err error) error {
			if err != nil {
				if errors.Is(err, fs.ErrNotExist) {
					return nil
				}
				return err
			}
			rel, err := filepath.Rel(dir, at)
			if err != nil {
				return err
			}
			rel = filepath.ToSlash(rel)
			if d.IsDir() {
				if d.Name() == ".git" || rel == stateDir {
					return fs.SkipDir
				}
				return nil
			}
			readable := d.Type().IsRegular() || d.Type()&fs.ModeSymlink != 0
			if readable && matches(strings.Split(p, "/"), strings.Split(rel, "/")) {
				names = append(names, rel)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if found == len(names) && special < 0 {
			switch info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(p))); {
			case err != nil:
				return nil, err
			case !info.IsDir():
				return nil, fmt.Errorf("%s: no regular file", p)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// matches compares a pattern with a name, element by element.
func matches(pattern, name []string) bool {
	switch {
	case len(pattern) == 0:
		return true // a directory that is named has all below it
	case pattern[0] == "." && len(pattern) == 1:
		return true
	case pattern[0] == "**":
		return matches(pattern[1:], name) && len(pattern) > 1 || len(name) > 0 && (len(pattern) == 1 || matches(pattern, name[1:]))
	case len(name) == 0:
		return false
	}
	ok, err := path.Match(pattern[0], name[0])
	return err == nil && ok && matches(pattern[1:], name[1:])
}
