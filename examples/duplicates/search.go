// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// A search is the state of the graph's nodes.
type search struct {
	least  int64
	at     int64 // the files that are alike are equal up to here
	block  int64 // how much of them the next round reads
	rounds int

	mu     sync.Mutex
	files  []*file   // holding mu: all
	all    int64     // holding mu: bytes of all
	bytes  int64     // holding mu: bytes that were read
	alike  [][]*file // holding mu: groups that are not read to the end
	equal  [][]*file // holding mu: groups that are
	unread []error   // holding mu: why files and directories are left out
}

// A file belongs to one node at a time.
type file struct {
	path string
	size int64
	info os.FileInfo
	hash [sha256.Size]byte // of the last block
	err  error
}

const (
	firstBlock = 4 << 10 // most files that differ do so here
	mostBlock  = 4 << 20
	partSize   = 16 // files that one node reads
)

func newSearch(least int64) *search { return &search{least: least, block: firstBlock} }

// distinct returns the roots without those that lie in another one: a file would be
// its own duplicate.
func distinct(roots []string) (left []string) {
	clean := make([]string, len(roots))
	for i, r := range roots {
		clean[i] = filepath.Clean(r)
	}
	slices.Sort(clean)
	for _, r := range slices.Compact(clean) {
		if !slices.ContainsFunc(clean, func(o string) bool { return o != r && within(o, r) }) {
			left = append(left, r)
		}
	}
	return left
}

// within reports whether path lies below dir.
func within(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

// list notes the regular files of a directory, and returns the directories in it.
func (s *search) list(path string) (below []string, err error) {
	entries, err := os.ReadDir(path)
	var files []*file
	for _, e := range entries {
		switch {
		case e.IsDir():
			below = append(below, e.Name())
		case e.Type().IsRegular():
			info, failed := e.Info()
			if failed != nil {
				s.note(failed)
			} else if info.Size() >= s.least {
				files = append(files, &file{path: filepath.Join(path, e.Name()), size: info.Size(), info: info})
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files = append(s.files, files...)
	return below, err
}

// note keeps the reason why something is left out.
func (s *search) note(err error) {
	if err == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unread = append(s.unread, err)
}

// bySize makes the first groups.
func (s *search) bySize() {
	slices.SortFunc(s.files, func(a, b *file) int { return cmp.Or(cmp.Compare(a.size, b.size), cmp.Compare(a.path, b.path)) })
	for lo := 0; lo < len(s.files); {
		hi := lo + 1
		for hi < len(s.files) && s.files[hi].size == s.files[lo].size {
			hi++
		}
		if hi-lo > 1 {
			s.alike = append(s.alike, s.files[lo:hi])
		}
		s.all += int64(hi-lo) * s.files[lo].size
		lo = hi
	}
}

// begin returns what the next round is to compare, and where.
func (s *search) begin() (alike [][]*file, at, size int64) {
	alike, at, size = s.alike, s.at, s.block
	s.alike = nil
	s.at += size
	s.block = min(4*size, mostBlock)
	s.rounds++
	return alike, at, size
}

// read reads one block of each file.
func (s *search) read(part []*file, at, size int64) {
	sum := int64(0)
	for _, f := range part {
		n := min(size, f.size-at)
		f.hash, f.err = hashOf(f.path, at, n)
		if f.err != nil {
			s.note(f.err)
			continue
		}
		sum += n
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bytes += sum
}

// hashOf reads n bytes of a file.
func hashOf(path string, at, n int64) (sum [sha256.Size]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	h := sha256.New()
	_, err = io.CopyN(h, io.NewSectionReader(f, at, n), n)
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("%s: changed while it was read", path)
	}
	return [sha256.Size]byte(h.Sum(nil)), errors.Join(err, f.Close())
}

// split divides a group by the last block of its files, and keeps what is not alone.
func (s *search) split(group []*file, read int64) {
	parts := map[[sha256.Size]byte][]*file{}
	for _, f := range group {
		if f.err == nil {
			parts[f.hash] = append(parts[f.hash], f)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range parts {
		switch {
		case len(p) == 1:
		case p[0].size <= read:
			s.equal = append(s.equal, p)
		default:
			s.alike = append(s.alike, p)
		}
	}
}

// sumUp leaves out second names of one file, and sorts the groups.
func (s *search) sumUp() {
	groups := s.equal[:0]
	for _, group := range s.equal {
		if group = once(group); len(group) > 1 {
			groups = append(groups, group)
		}
	}
	waste := func(g []*file) int64 { return int64(len(g)-1) * g[0].size }
	slices.SortFunc(groups, func(a, b []*file) int {
		return cmp.Or(cmp.Compare(waste(b), waste(a)), cmp.Compare(a[0].path, b[0].path))
	})
	s.equal = groups
}

// once returns the files of a group, each under one name.
func once(group []*file) (left []*file) {
	for _, f := range group {
		if !slices.ContainsFunc(left, func(o *file) bool { return os.SameFile(o.info, f.info) }) {
			left = append(left, f)
		}
	}
	return left
}
