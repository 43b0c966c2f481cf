// SPDX-License-Identifier: Apache-2.0

//go:build explore

package simulate_test

import (
	"context"

	"github.com/pilfer-go/pilfer/internal/park"
	"github.com/pilfer-go/pilfer/internal/point"
)

// A simContext is a context whose end is a step that the explorer sees, and whose
// functions run on its threads. Contexts that are made of it end in the same step.
type simContext struct {
	context.Context
	cancel context.CancelFunc

	// ended says that the context has ended.
	// Writers: end, once.
	ended point.Bool

	mu    point.Mutex
	after []*func() // holding mu
}

func newContext() *simContext {
	c := &simContext{}
	c.Context, c.cancel = context.WithCancel(context.Background())
	return c
}

// Value returns the context itself as what park.AfterEnd looks for.
func (c *simContext) Value(key any) any {
	if key == (park.EndingKey{}) {
		return c
	}
	return c.Context.Value(key)
}

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
	c.cancel()
	c.mu.Lock()
	after := c.after
	c.after = nil
	c.mu.Unlock()
	if len(after) > 0 { // one thread for all, as a run may have a few only
		point.Go(func() {
			for _, f := range after {
				(*f)()
			}
		})
	}
}
