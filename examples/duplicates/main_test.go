// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(testkit.Settled(m)) }

// serial finds the groups in the simple way: all files are read as a whole.
func serial(t *testing.T, root string) map[string][]string {
	t.Helper()
	groups := map[[sha256.Size]byte][]string{}
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if len(text) > 0 {
			groups[sha256.Sum256(text)] = append(groups[sha256.Sum256(text)], path)
		}
		return err
	}))
	equal := map[string][]string{}
	for _, g := range groups {
		if len(g) > 1 {
			equal[g[0]] = g
		}
	}
	return equal
}

// find runs the graph.
func find(t *testing.T, roots ...string) *search {
	t.Helper()
	rt, err := sched.New(sched.LockThreads(false))
	require.NoError(t, err)
	defer rt.Close()
	s := newSearch(1)
	require.NoError(t, s.graph(roots).Run(t.Context(), rt))
	return s
}

func (s *search) groups() map[string][]string {
	groups := map[string][]string{}
	for _, g := range s.equal {
		for _, f := range g {
			groups[g[0].path] = append(groups[g[0].path], f.path)
		}
	}
	return groups
}

// On files that lie on every machine that builds this, the graph finds what a serial
// search does, and reads less.
func TestFindsWhatASerialSearchFinds(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	require.NoError(t, err)
	dir := filepath.Join(strings.TrimSpace(string(root)), "src", "cmd")
	s := find(t, dir)
	want := serial(t, dir)
	require.NotEmpty(t, want)
	require.Equal(t, want, s.groups())
	require.Greater(t, s.rounds, 1)
	require.Less(t, s.bytes, s.all)
	require.Empty(t, s.unread)
}

// tree writes files: long ones that differ in the last byte, equal ones, and others.
func tree(t *testing.T) (root string) {
	t.Helper()
	root = t.TempDir()
	long := bytes.Repeat([]byte("0123456789"), 40_000)
	other := bytes.Clone(long)
	other[len(other)-1] = 'x'
	for name, text := range map[string][]byte{
		"a": long, "b/a": long, "b/c/d/a": long, "b/c/other": other, "b/short": long[:firstBlock],
		"c/short": long[:firstBlock], "c/one": []byte("1"), "d/two": []byte("2"), "empty": nil, "d/empty": nil,
	} {
		name = filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o700))
		require.NoError(t, os.WriteFile(name, text, 0o600))
	}
	for n := range 2*partSize + 1 {
		require.NoError(t, os.WriteFile(filepath.Join(root, fmt.Sprintf("many%02d", n)), fmt.Appendf(nil, "%03d", n%3), 0o600))
	}
	return root
}

func TestGroups(t *testing.T) {
	root := tree(t)
	s := find(t, root, filepath.Join(root, "b"), root+"/")
	require.Equal(t, serial(t, root), s.groups())
	require.Equal(t, 5, s.rounds, "4, 20, 84, 340 and all KB")
	require.Len(t, s.equal, 5)
	require.Len(t, s.equal[0], 3, "the long ones waste most")

	require.Zero(t, find(t, t.TempDir()).rounds, "the branch goes past the rounds")
	one := find(t, filepath.Join(root, "b", "c"))
	require.Equal(t, 5, one.rounds)
	require.Empty(t, one.equal, "all but the last byte is the same")
}

// Two names of one file are no duplicates.
func TestLinks(t *testing.T) {
	root := tree(t)
	if err := os.Link(filepath.Join(root, "a"), filepath.Join(root, "linked")); err != nil {
		t.Skip("no links here: ", err)
	}
	require.NoError(t, os.Symlink(filepath.Join(root, "a"), filepath.Join(root, "symbolic")))
	require.Len(t, find(t, root).equal[0], 3)
}

// What cannot be read is left out and told; the others are compared.
func TestUnreadable(t *testing.T) {
	root := tree(t)
	s := newSearch(1)
	_, err := s.list(filepath.Join(root, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	for name, size := range map[string]int64{"none": 4, "many00": 4, "many01": 3, "many04": 3} {
		s.files = append(s.files, &file{path: filepath.Join(root, name), size: size})
	}
	s.bySize()
	alike, at, size := s.begin()
	for _, group := range alike {
		s.read(group, at, size)
		s.split(group, size)
	}
	require.Len(t, s.unread, 2)
	require.ErrorContains(t, s.unread[0], "many00: changed while it was read")
	require.ErrorIs(t, s.unread[1], os.ErrNotExist)
	require.Len(t, s.equal, 1, "many01 and many04 are compared")
}

func TestRun(t *testing.T) {
	root := tree(t)
	dot, svg := filepath.Join(t.TempDir(), "g.dot"), filepath.Join(t.TempDir(), "g.svg")
	var out strings.Builder
	require.NoError(t, run(context.Background(), &out, []string{"-dot", dot, "-timeline", svg, "-least", "100", root}))
	require.Equal(t, fmt.Sprintf(`3 files of 400000 bytes:
  %[1]s/a
  %[1]s/b/a
  %[1]s/b/c/d/a
2 files of 4096 bytes:
  %[1]s/b/short
  %[1]s/c/short
2 groups; without 3 of 6 files there would be 804096 bytes less
read 1608192 of 1608192 bytes, in 5 rounds
`, root), filepath.ToSlash(out.String()))
	for _, name := range []string{dot, svg} {
		picture, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Contains(t, string(picture), "still alike?")
	}
}

func TestBadUse(t *testing.T) {
	bad := func(args ...string) error { return run(context.Background(), &strings.Builder{}, args) }
	none := filepath.Join(t.TempDir(), "none")
	require.ErrorIs(t, bad(none), os.ErrNotExist)
	require.ErrorContains(t, bad(none), "node walk/"+none)
	require.ErrorContains(t, bad("-least", "0"), "want at least 1")
	require.Error(t, bad("-none"))
	require.Error(t, bad("-dot", filepath.Join(none, "x"), t.TempDir()))

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, run(ctx, &strings.Builder{}, nil), context.Canceled)
}
