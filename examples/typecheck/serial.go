// SPDX-License-Identifier: Apache-2.0

package main

import "context"

// runSerial runs the nodes in the order of the plan.
func runSerial(ctx context.Context, j *job) (tally, error) {
	s := newShelf(j)
	for i := range j.plan.nodes {
		if ctx.Err() != nil {
			return tally{}, context.Cause(ctx)
		}
		j.rec.start(i, 0)
		s.do(i)
		j.rec.end(i)
	}
	return tally{}, nil
}
