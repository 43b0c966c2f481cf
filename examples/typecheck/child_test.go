// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRunInChild(t *testing.T) {
	module(t, small())
	in := loaded(t, "./...")
	for _, variant := range variants {
		var last int64
		o, err := runInChild(t.Context(), request{Variant: variant, Workers: 1, Shape: shapeFor(1), GC: 100, Input: in},
			func(nodes int64) { last = nodes })
		require.NoError(t, err, variant)
		require.Equal(t, variant, o.Variant)
		require.Equal(t, in.paths(), o.Found.Packages)
		require.EqualValues(t, len(o.Spans), last, "progress tells of the end")
		require.Positive(t, o.Wall)
	}
}

func TestRunInChildFails(t *testing.T) {
	_, err := runInChild(t.Context(), request{Variant: "fastest", Workers: 1, Input: fake()}, func(int64) {})
	require.EqualError(t, err, `unknown variant "fastest"`)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = runInChild(ctx, request{Variant: bySerial, Workers: 1, Input: fake()}, func(int64) {})
	require.ErrorIs(t, err, context.Canceled)
}

func TestRunInChildIsKilled(t *testing.T) {
	in := loaded(t, "net/http")
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	_, err := runInChild(ctx, request{Variant: bySerial, Workers: 1, Shape: shapeFor(1), GC: 100, Input: in},
		func(int64) { cancel(stop) })
	require.ErrorIs(t, err, stop)
}

func TestChildRefusesGarbage(t *testing.T) {
	var out bytes.Buffer
	require.Equal(t, 1, runChild(strings.NewReader("garbage"), &out))
	var m message
	require.NoError(t, json.Unmarshal(out.Bytes(), &m))
	require.Contains(t, m.Error, "request: ")
}

func TestFollow(t *testing.T) {
	var seen []int64
	last, err := follow(strings.NewReader(`{"Nodes":1}{"Nodes":5}{"Nodes":9,"Error":"late"}{"Nodes":10}`), func(n int64) { seen = append(seen, n) })
	require.NoError(t, err)
	require.Equal(t, "late", last.Error)
	require.Equal(t, []int64{1, 5, 9}, seen)

	_, err = follow(strings.NewReader(`{"Nodes":1}{"No`), func(int64) {})
	require.Error(t, err, "a child that died while it wrote")
}

func TestFirstLines(t *testing.T) {
	require.Equal(t, "a\nb", firstLines("a\nb\nc\nd", 2))
	require.Equal(t, "a", firstLines("a", 2))
}
