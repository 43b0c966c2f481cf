// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"crypto/sha1"
	"encoding/binary"
	"math"

	"github.com/pilfer-go/pilfer/workers"
)

// utsTree is the unbalanced tree search benchmark: the number of children of a
// node comes from a hash, so nobody knows where the work is. t1 is the geometric
// tree of fixed shape, t3 the binomial one, which is deep and thin. The figures
// are those of the benchmark's own distribution.
func utsTree(name string) tree {
	t := tree{
		name: name, unit: "node",
		targets: []Target{{Metric: "ns", Peer: "serial", Ratio: 1.03}},
	}
	shape := utsT1
	if name == "uts-t1" {
		t.why = "a geometric tree whose shape comes from SHA-1: unbalanced, 100 ns of work in each node"
		t.sizes = []treeSize{{4, 944, 944}, {8, 257_042, 257_042}, {10, 4_130_071, 4_130_071}}
	} else {
		shape = utsT3
		t.why = "a binomial tree whose shape comes from SHA-1: very unbalanced and 1,572 deep"
		t.sizes = []treeSize{{20, 6_213, 6_213}, {100, 6_797, 6_797}, {2000, 4_112_897, 4_112_897}}
	}
	t.serial = func(n int) int64 { return serialUTS(shape.root(n)) }
	t.join = func(w *workers.Worker, n int) int64 { return 1 + joinUTS(w, utsRest{shape.root(n), 0}) }
	t.fork = func(fork forker, n int) int64 { return forkUTS(fork, shape.root(n)) }
	return t
}

// A utsShape says how a tree grows: the size is the depth of t1, and how many
// children the root of t3 has.
type utsShape uint64

const (
	utsT1 utsShape = iota
	utsT3
)

const (
	utsBranches1 = 4 // children of a node of t1 on average
	utsMost1     = 100
	utsBranches3 = 8 // children of a node of t3 that has any
	utsChance3   = 0.124875
)

// A utsNode is a node: its random state, which is a SHA-1, and in the upper half of
// rest what is left of the size, and the shape. Three words are passed in
// registers.
type utsNode struct{ a, b, rest uint64 }

func utsNodeOf(state [sha1.Size]byte, size, shape uint64) utsNode {
	return utsNode{
		binary.BigEndian.Uint64(state[:]), binary.BigEndian.Uint64(state[8:]),
		uint64(binary.BigEndian.Uint32(state[16:])) | size<<32 | shape<<63,
	}
}

func (s utsShape) root(size int) utsNode {
	var seed [sha1.Size]byte
	binary.BigEndian.PutUint32(seed[16:], [2]uint32{19, 42}[s])
	return utsNodeOf(sha1.Sum(seed[:]), uint64(size), uint64(s))
}

// child returns the i-th child of a node.
func (n utsNode) child(i int) utsNode {
	var in [sha1.Size + 4]byte
	binary.BigEndian.PutUint64(in[:], n.a)
	binary.BigEndian.PutUint64(in[8:], n.b)
	binary.BigEndian.PutUint32(in[16:], uint32(n.rest))
	binary.BigEndian.PutUint32(in[sha1.Size:], uint32(i))
	size, shape := n.rest<<1>>33, n.rest>>63
	if utsShape(shape) == utsT3 {
		size = 0 // only the root has as many
	} else {
		size--
	}
	return utsNodeOf(sha1.Sum(in[:]), size, shape)
}

// children returns how many children a node has.
func (n utsNode) children() int {
	p := float64(n.rest&(1<<31-1)) / (1 << 31)
	size := int(n.rest << 1 >> 33)
	if utsShape(n.rest>>63) == utsT1 {
		if size == 0 {
			return 0
		}
		return min(utsMost1, int(math.Log(1-p)/math.Log(1-1/(1+float64(utsBranches1)))))
	}
	switch {
	case size > 0:
		return size
	case p < utsChance3:
		return utsBranches3
	}
	return 0
}

func serialUTS(n utsNode) int64 {
	nodes := int64(1)
	for i := range n.children() {
		nodes += serialUTS(n.child(i))
	}
	return nodes
}

// A utsRest is the children of a node from one on.
type utsRest struct {
	of   utsNode
	from int
}

// joinUTS counts what is below a node, by the loop of serialUTS; the children that
// are left are on offer while one is searched.
func joinUTS(w *workers.Worker, c utsRest) (nodes int64) {
	last := c.of.children() - 1
	if last < 0 {
		return 0
	}
	for i := c.from; i < last; i++ {
		below, rest, taken := workers.JoinRest(w, joinUTS, utsRest{c.of.child(i), 0}, joinUTS, utsRest{c.of, i + 1})
		nodes += 1 + below
		if taken {
			return nodes + rest
		}
	}
	return nodes + 1 + joinUTS(w, utsRest{c.of.child(last), 0})
}

func forkUTS(fork forker, n utsNode) int64 {
	c := n.children()
	if c == 0 {
		return 1
	}
	return 1 + forkChildren(fork, utsChildren{n, 0, c})
}

// A utsChildren is the children of a node from lo on, one at least.
type utsChildren struct {
	of     utsNode
	lo, hi int
}

func forkChildren(fork forker, c utsChildren) int64 {
	first := c.of.child(c.lo)
	if c.lo++; c.lo == c.hi {
		return forkUTS(fork, first)
	}
	var a, b int64
	fork(func() { a = forkUTS(fork, first) }, func() { b = forkChildren(fork, c) })
	return a + b
}
