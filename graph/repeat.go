// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"context"
	"fmt"

	"github.com/pilfer-go/pilfer/sched"
)

// RunN runs the graph n times, one after the other. It returns the first run's
// error that is not nil, and stops there.
//
// Caller: as Run.
func (g *Graph) RunN(ctx context.Context, rt *sched.Runtime, n int, opts ...RunOption) error {
	for range n {
		if err := g.Run(ctx, rt, opts...); err != nil {
			return err
		}
	}
	return nil
}

// RunUntil runs the graph again and again, at least once, until done returns true
// after a run. It returns the first run's error that is not nil, and stops there.
//
// Caller: as Run.
func (g *Graph) RunUntil(ctx context.Context, rt *sched.Runtime, done func() bool, opts ...RunOption) error {
	if done == nil {
		return fmt.Errorf("graph %s: RunUntil: nil function: RunN needs none", g.name)
	}
	for {
		if err := g.Run(ctx, rt, opts...); err != nil {
			return err
		}
		if done() {
			return nil
		}
	}
}
