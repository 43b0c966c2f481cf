// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOutputReplacesFileWhenComplete(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out")
	require.NoError(t, os.WriteFile(name, []byte("old"), 0o600))
	content := func() string {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		return string(text)
	}

	o, err := openOutput(name)
	require.NoError(t, err)
	require.ErrorContains(t, o.write(func(w io.Writer) error {
		_, _ = io.WriteString(w, "half")
		return errors.New("no more")
	}), "no more")
	o.discard()
	require.Equal(t, "old", content())

	o, err = openOutput(name)
	require.NoError(t, err)
	require.Equal(t, "old", content(), "until it is written")
	require.NoError(t, o.write(func(w io.Writer) error {
		_, err := io.WriteString(w, "new")
		return err
	}))
	o.discard()
	require.Equal(t, "new", content())

	left, err := os.ReadDir(filepath.Dir(name))
	require.NoError(t, err)
	require.Len(t, left, 1)
}

func TestProgressWithoutTerminal(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, 2, 10)
	p.begin(bySerial)
	p.at(3)
	require.Empty(t, out.String())
	p.ended(bySerial, 1500*ms)
	p.begin(byPilfer)
	p.ended(byPilfer, 250*ms)
	p.stop()
	require.Equal(t, "run 1 of 2: serial   1.500 s\nrun 2 of 2: pilfer   0.250 s\n", out.String())
}
