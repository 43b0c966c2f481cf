// SPDX-License-Identifier: Apache-2.0

package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/sched"
)

var pictures = flag.String("pictures", "", "write the pictures of the tests to this directory, to be looked at")

// keepPicture writes a file for people to look at.
func keepPicture(t *testing.T, name string, data []byte) {
	if *pictures != "" {
		require.NoError(t, os.WriteFile(filepath.Join(*pictures, name), data, 0o644))
	}
}

// spin computes for about d.
func spin(d time.Duration) func() {
	return func() {
		for begin := time.Now(); time.Since(begin) < d; {
		}
	}
}

// sampleRun runs a graph with nodes of all kinds, and returns both.
func sampleRun(t *testing.T) (*graph.Graph, *graph.Report) {
	t.Helper()
	rt := newRuntime(t, 2)
	m := graph.New("optimize")
	fold := m.Do("fold", spin(200*time.Microsecond))
	m.Do("inline", spin(300*time.Microsecond)).After(fold)
	g := graph.New("compile")
	parse := g.Do("parse a", spin(time.Millisecond))
	other := g.Do("parse b", spin(500*time.Microsecond))
	check := g.Do("check \"all\"", spin(time.Millisecond)).After(parse, other)
	download := graph.Await(g, "download", func(context.Context) future.Future[int] {
		p := future.NewPromise[int]()
		time.AfterFunc(2*time.Millisecond, func() { p.Resolve(1) })
		return p.Future()
	}).Node()
	opt := g.Module("optimize", m).After(check)
	subs := g.Sub("emit", func(_ context.Context, s *graph.Sub) error {
		for range 4 {
			s.Do("", spin(200*time.Microsecond))
		}
		return nil
	}).After(opt, download)
	link := g.Do("link", spin(300*time.Microsecond)).After(subs)
	done := g.Add("report", broken)
	again := 0
	g.Branch("changed?", func(context.Context) (int, error) { again++; return again / 2, nil }, check, done, g.Do("never", func() {})).After(link)
	var r graph.Report
	require.ErrorIs(t, g.Run(t.Context(), rt, graph.Profile(&r)), errBroken)
	return g, &r
}

func TestReport(t *testing.T) {
	g, r := sampleRun(t)
	require.Equal(t, 2, r.Workers)
	times := map[string]int{}
	for _, s := range r.Spans {
		times[s.Path]++
		require.LessOrEqual(t, s.Start, s.End)
		require.LessOrEqual(t, s.End, r.Wall)
	}
	require.Equal(t, 2, times["optimize/inline"], "in each round of the loop")
	require.Equal(t, 2, times["emit/#3"])
	require.Equal(t, 1, times["report"])
	require.Zero(t, times["never"])
	path, length := r.CriticalPath()
	require.Equal(t, "changed?", path[len(path)-1].Name())
	require.Contains(t, path, g.Node("link"))
	require.Greater(t, length, 4*time.Millisecond)
	require.Greater(t, r.Work(), 6*time.Millisecond)
	require.Len(t, r.Busy(), 2)
	require.Greater(t, r.Took(g.Node("parse a")), 999*time.Microsecond)
	g.ByCriticalPath(r.Cost())
	require.NoError(t, g.Validate())

	var table bytes.Buffer
	require.NoError(t, r.WriteTable(&table, 5))
	keepPicture(t, "report.txt", table.Bytes())
	require.Contains(t, table.String(), "graph compile: ")
	require.Contains(t, table.String(), "1 failed")
	require.Equal(t, 2+2+1+5, strings.Count(table.String(), "\n"))
}

func TestReportPictures(t *testing.T) {
	_, r := sampleRun(t)
	var svg bytes.Buffer
	require.NoError(t, r.WriteSVG(&svg))
	keepPicture(t, "run.svg", svg.Bytes())
	rects := 0
	for dec := xml.NewDecoder(&svg); ; {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "title" {
			rects++
		}
	}
	const builds = 2 // of the Sub node, in each round
	require.Equal(t, len(r.Spans)+builds, rects)

	var trace bytes.Buffer
	require.NoError(t, r.WriteTrace(&trace))
	keepPicture(t, "run.json", trace.Bytes())
	var events struct {
		TraceEvents []struct {
			Ph   string
			Name string
		}
	}
	require.NoError(t, json.Unmarshal(trace.Bytes(), &events))
	count := map[string]int{}
	for _, e := range events.TraceEvents {
		count[e.Ph]++
	}
	require.Equal(t, count["b"], count["e"])
	require.Equal(t, len(r.Spans)+builds, count["X"]+count["b"])
	require.Greater(t, count["b"], 0)
}

// While a Sub node builds it holds its worker, which is work; then it waits.
func TestReportOfBuilding(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		const long = 2 * time.Millisecond
		g := graph.New("g")
		g.Sub("builds", func(_ context.Context, s *graph.Sub) error {
			spin(long)()
			s.Do("", func() {})
			return nil
		})
		g.Sub("none", func(context.Context, *graph.Sub) error { spin(long)(); return nil })
		var r graph.Report
		require.NoError(t, g.Run(t.Context(), rt, graph.Profile(&r)))
		require.GreaterOrEqual(t, r.Work(), 2*long)
		busy := 0.
		for _, b := range r.Busy() {
			busy += b * float64(r.Wall)
		}
		require.GreaterOrEqual(t, busy, 2*float64(long)*0.999)
		for _, s := range r.Spans {
			if s.Waited {
				require.GreaterOrEqual(t, s.Built-s.Start, long, s.Path)
				require.LessOrEqual(t, s.Built, s.End, s.Path)
			} else {
				require.Zero(t, s.Built, s.Path)
			}
		}
	})
}

func TestDOT(t *testing.T) {
	g, r := sampleRun(t)
	var plan, run bytes.Buffer
	require.NoError(t, g.WriteDOT(&plan))
	require.NoError(t, r.WriteDOT(&run))
	keepPicture(t, "plan.dot", plan.Bytes())
	keepPicture(t, "run.dot", run.Bytes())
	require.Contains(t, plan.String(), `"n2" [label="check \"all\""]`)
	require.Contains(t, plan.String(), `subgraph "cluster_n4"`)
	require.Contains(t, plan.String(), `style=dashed label=" 2 "]`)
	require.Contains(t, plan.String(), `style=dashed label=" 0 " constraint=false]`, "it leads back")
	require.Contains(t, run.String(), "fillcolor")
	require.Contains(t, run.String(), "dotted")
	require.Contains(t, run.String(), "color=red")

	var mermaid bytes.Buffer
	require.NoError(t, g.WriteMermaid(&mermaid))
	keepPicture(t, "plan.mmd", mermaid.Bytes())
	require.Contains(t, mermaid.String(), `    n2["check #quot;all#quot;"]`)
	require.Contains(t, mermaid.String(), "-. 1 .->")

	require.Error(t, g.WriteDOT(failingWriter{}))
}

// A node that was tried again and then was done is not drawn as failed.
func TestDOTOfARetry(t *testing.T) {
	g := graph.New("g")
	tries := 0
	g.Add("flaky", func(context.Context) error {
		if tries++; tries == 1 {
			return errBroken
		}
		return nil
	}).Retry(1, nil)
	var r graph.Report
	require.NoError(t, g.Run(t.Context(), newRuntime(t, 1), graph.Profile(&r)))
	require.Len(t, r.Spans, 2)
	var run bytes.Buffer
	require.NoError(t, r.WriteDOT(&run))
	require.NotContains(t, run.String(), "color=red")
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestReportOfNothing(t *testing.T) {
	rt := newRuntime(t, 1)
	g := graph.New("g")
	g.Add("waits", nothing)
	var r graph.Report
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, g.Run(ctx, rt, graph.Profile(&r)))
	require.Empty(t, r.Spans)
	_ = sched.ErrClosed
}
