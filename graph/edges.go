// SPDX-License-Identifier: Apache-2.0

package graph

import "iter"

// An edge says that a node comes after another one.
type edge struct{ from, to int32 }

// A list of edges grows by pieces, so that none is copied.
type edgeList struct {
	full [][]edge
	last []edge
	len  int
}

// leastEdges and mostEdges bound the pieces: a small graph takes little, and a large
// one leaves little room unused.
const (
	leastEdges = 8
	mostEdges  = 1 << 13
)

func (l *edgeList) add(e edge) {
	if len(l.last) == cap(l.last) {
		if l.last != nil {
			l.full = append(l.full, l.last)
		}
		l.last = make([]edge, 0, min(max(leastEdges, l.len), mostEdges))
	}
	l.last = append(l.last, e)
	l.len++
}

// all returns the edges in the order in which they were added.
func (l *edgeList) all() iter.Seq[edge] {
	return func(yield func(edge) bool) {
		for _, piece := range l.full {
			for _, e := range piece {
				if !yield(e) {
					return
				}
			}
		}
		for _, e := range l.last {
			if !yield(e) {
				return
			}
		}
	}
}
