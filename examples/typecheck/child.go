// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Each run has a process of its own: this program again, with childEnv set. So no
// run inherits the heap, the threads or the pace of the collector from another.
// The request goes to its standard input, and messages come back, one a line.

// childEnv marks the process of one run.
const childEnv = "PILFER_TYPECHECK_RUN"

// tellEvery is how often a child tells how far it is. Rare enough not to count,
// often enough for a progress bar.
const tellEvery = 100 * time.Millisecond

// A message is a line from child to parent: how far it is, or how it ended.
type message struct {
	Nodes   int64    // done so far
	Outcome *outcome `json:",omitempty"`
	Error   string   `json:",omitempty"`
}

// isChild tells whether this process is to make one run only.
func isChild() bool { return os.Getenv(childEnv) != "" }

// runChild is the whole life of a child process. It returns its exit code.
func runChild(stdin io.Reader, stdout io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var r request
	to := json.NewEncoder(stdout)
	if err := json.NewDecoder(stdin).Decode(&r); err != nil {
		_ = to.Encode(message{Error: "request: " + err.Error()})
		return 1
	}
	var tell sync.WaitGroup
	ended := make(chan struct{})
	o, err := measure(ctx, r, func(rec *recorder) {
		tell.Go(func() {
			tick := time.NewTicker(tellEvery)
			defer tick.Stop()
			for {
				select {
				case <-ended:
					return
				case <-tick.C:
					if to.Encode(message{Nodes: rec.done.Load()}) != nil {
						stop() // nobody listens
					}
				}
			}
		})
	})
	close(ended)
	tell.Wait() // one writer at a time
	m := message{Outcome: o}
	if err != nil {
		m.Error = err.Error()
	} else {
		m.Nodes = int64(len(o.Spans))
	}
	if to.Encode(m) != nil || err != nil {
		return 1
	}
	return 0
}

// runInChild makes a run in a child process and tells progress how many nodes
// are done.
func runInChild(ctx context.Context, r request, progress func(nodes int64)) (*outcome, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self)
	// GOMAXPROCS from the start, so that the runtime never has more Ps.
	cmd.Env = append(os.Environ(), childEnv+"=1", "GOMAXPROCS="+strconv.Itoa(r.Workers))
	cmd.Stdin = strings.NewReader(string(body))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	cmd.WaitDelay = time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	last, readErr := follow(out, progress)
	waitErr := cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case last.Error != "":
		return nil, errors.New(last.Error)
	case waitErr != nil:
		return nil, fmt.Errorf("%s run: %w: %s", r.Variant, waitErr, firstLines(stderr.String(), 20))
	case last.Outcome == nil:
		return nil, fmt.Errorf("%s run: no result: %v", r.Variant, readErr)
	}
	last.Outcome.CPU = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return last.Outcome, nil
}

// follow reads the messages of a child and returns the last.
func follow(from io.Reader, progress func(nodes int64)) (last message, err error) {
	for dec := json.NewDecoder(from); ; {
		var m message
		if err := dec.Decode(&m); err != nil {
			return last, err
		}
		last = m
		progress(m.Nodes)
		if m.Outcome != nil || m.Error != "" {
			return last, nil
		}
	}
}

func firstLines(s string, n int) string {
	lines := strings.SplitN(s, "\n", n+1)
	return strings.Join(lines[:min(n, len(lines))], "\n")
}
