// SPDX-License-Identifier: Apache-2.0

//go:build explore

package simulate_test

import (
	"context"
	"time"

	"github.com/pilfer-go/pilfer/internal/point"
)

// A simContext is a context whose end is a step that the explorer sees, and whose
// functions run on its threads.
type simContext struct {
	// ended says that the context has ended.
	// Writers: end, once.
	ended point.Bool
	done  chan struct{}

	mu    point.Mutex
	after []*func() // holding mu
}

func newContext() *simContext { return &simContext{done: make(chan struct{})} }

func (c *simContext) Deadline() (time.Time, bool) { return time.Time{}, false }
func (c *simContext) Done() <-chan struct{}       { return c.done }
func (c *simContext) Value(any) any               { return nil }

func (c *simContext) Err() error {
	if c.ended.Load() {
		return context.Canceled
	}
	return nil
}

// AfterFunc is what park.AfterEnd calls.
func (c *simContext) AfterFunc(f func()) (stop func() bool) {
	own := &f
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended.Load() {
		point.Go(f)
		return func() bool { return false }
	}
	c.after = append(c.after, own)
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		for i, g := range c.after {
			if g == own {
				c.after = append(c.after[:i], c.after[i+1:]...)
				return true
			}
		}
		return false
	}
}

// end ends the context.
func (c *simContext) end() {
	if c.ended.Swap(true) {
		return
	}
	close(c.done)
	c.mu.Lock()
	after := c.after
	c.after = nil
	c.mu.Unlock()
	for _, f := range after {
		point.Go(*f)
	}
}
