// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(testkit.Settled(m)) }

// tree writes n files, of which every third has i lines to find in file i.
func tree(t *testing.T, n int) (root, want string) {
	t.Helper()
	root = t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, ".hidden"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(root, ".hidden", "x.go"), []byte("needle"), 0o600))
	lines, files := 0, 0
	for i := range n {
		text := "hay\n"
		name := filepath.Join(root, fmt.Sprintf("f%03d.go", i))
		if i%3 == 1 {
			text += strings.Repeat("a needle or a needle\n", i)
			want += fmt.Sprintf("%s: %d\n", name, i)
			lines, files = lines+i, files+1
		}
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	}
	return root, want + fmt.Sprintf("%d lines in %d files\n", lines, files)
}

func TestFindsAll(t *testing.T) {
	root, want := tree(t, 200)
	for _, args := range [][]string{{}, {"-readers", "1", "-searchers", "1"}, {"-readers", "30", "-searchers", "9"}} {
		var out strings.Builder
		require.NoError(t, run(context.Background(), &out, append(args, "-for", "needle", root)))
		require.Equal(t, want, out.String())
	}
}

// An error in one stage ends all, with nothing left behind.
func TestErrorEndsAll(t *testing.T) {
	root, _ := tree(t, 50)
	var out strings.Builder
	require.ErrorIs(t, run(context.Background(), &out, []string{filepath.Join(root, "none")}), os.ErrNotExist)

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, run(ctx, &out, []string{root}), context.Canceled)
	rt, err := sched.New(sched.Workers(2))
	require.NoError(t, err)
	defer rt.Close()
	broken := errors.New("broken")
	q := query{root: root, what: "needle", readers: 2, searchers: 2, readFile: func(name string) ([]byte, error) {
		if filepath.Base(name) == "f030.go" {
			return nil, broken
		}
		return os.ReadFile(name)
	}}
	_, err = q.search(context.Background(), rt)
	require.ErrorIs(t, err, broken)
}

func TestBadFlags(t *testing.T) {
	for _, args := range [][]string{{"-readers", "0"}, {"-for", ""}, {"-none"}, {"a", "b"}} {
		require.Error(t, run(context.Background(), &strings.Builder{}, args), args)
	}
}
