// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"github.com/pilfer-go/pilfer/internal/park"
	"github.com/pilfer-go/pilfer/internal/point"
)

// What the nodes of a random tree do. The leaves come first.
type treeKind uint8

const (
	leafValue treeKind = iota
	leafWork
	leafYield
	leafHelp
	leafPanic
	leafGoexit
	leafError
	joinPlain
	joinSafe
	joinErr
	joinFunc
	joinTyped
	joinN
	joinRest
	inTry
	inRecover
	inTurn // one after the other, without a fork
	treeKinds
)

// A treeNode is one call in a tree of forks.
type treeNode struct {
	tree     *forkTree
	kind     treeKind
	kids     []*treeNode
	id, last int  // its leaves are numbered from id to last
	recovers bool // a panic is recovered in it
}

// A forkTree is a tree of forks of all forms, run by workers, and by plain
// recursion for comparison.
type forkTree struct {
	t     testing.TB
	root  *treeNode
	has   [treeKinds]bool
	want  []int32       // by leaf: how often it is to run
	ran   []point.Int32 // by leaf: how often it ran
	total int32

	outcome treeOutcome
}

// What a tree, or a part of it, comes to.
type treeResult struct {
	value int
	err   error
}

type treeOutcome struct {
	treeResult
	panicked any
	goexit   bool
}

func (o treeOutcome) crashed() bool { return o.goexit || o.panicked != nil }

// A treeSource decides what a tree looks like: next returns a number below n.
type treeSource struct {
	next  func(n int) int
	leafs []treeKind
	left  int // nodes that may still be made
}

// newTree makes a tree. Jobs that Help runs may end the one that waits, so there
// is no Goexit beside it.
func newTree(t testing.TB, size int, help bool, next func(n int) int) *forkTree {
	tree := &forkTree{t: t}
	s := &treeSource{next: next, left: size, leafs: []treeKind{leafValue, leafValue, leafValue, leafWork, leafYield}}
	if next(2) == 1 {
		s.leafs = append(s.leafs, leafPanic)
	}
	if next(3) == 1 {
		s.leafs = append(s.leafs, leafError)
	}
	switch {
	case help:
		s.leafs = append(s.leafs, leafHelp)
	case next(3) == 1:
		s.leafs = append(s.leafs, leafGoexit)
	}
	tree.root = s.node(tree, 12)
	tree.want = make([]int32, tree.root.last)
	tree.ran = make([]point.Int32, tree.root.last)
	tree.outcome = tree.serial(tree.root)
	for _, n := range tree.want {
		tree.total += n
	}
	return tree
}

func (s *treeSource) node(tree *forkTree, depth int) *treeNode {
	s.left--
	n := &treeNode{tree: tree, id: len(tree.want)}
	if depth == 0 || s.left <= 0 || s.next(5) == 0 {
		n.kind = s.leafs[s.next(len(s.leafs))]
		tree.want = append(tree.want, 0)
	} else {
		n.kind = joinPlain + treeKind(s.next(int(treeKinds-joinPlain)))
		kids := 2
		switch n.kind {
		case joinN, joinRest:
			kids = 1 + s.next(5)
		case inTry, inRecover:
			kids = 1
		}
		n.recovers = n.kind == inRecover
		for range kids {
			k := s.node(tree, depth-1)
			n.kids = append(n.kids, k)
			n.recovers = n.recovers || k.recovers
		}
	}
	tree.has[n.kind] = true
	n.last = len(tree.want)
	return n
}

// exact reports whether each leaf runs as often as in plain recursion, and the
// outcome is the same. An error cancels what has not begun; and Goexit in a half
// whose sibling's panic is recovered may end the waiting job.
func (tree *forkTree) exact() bool {
	return !tree.has[leafError] && (!tree.has[leafGoexit] || !tree.has[inRecover])
}

// serial computes a part of the tree by plain recursion, with the rules of the
// package: both halves are run, and the first one that crashes tells how.
func (tree *forkTree) serial(n *treeNode) treeOutcome {
	switch n.kind {
	case leafPanic:
		tree.want[n.id]++
		return treeOutcome{panicked: n.id + 1}
	case leafGoexit:
		tree.want[n.id]++
		return treeOutcome{goexit: true}
	case leafError:
		tree.want[n.id]++
		return treeOutcome{treeResult: treeResult{err: leafFailed(n.id)}}
	case inTry:
		return tree.serial(n.kids[0])
	case inRecover:
		o := tree.serial(n.kids[0])
		if o.panicked != nil {
			o = treeOutcome{}
		}
		return o
	case inTurn:
		o := tree.serial(n.kids[0])
		if o.crashed() || o.err != nil {
			return o
		}
		other := tree.serial(n.kids[1])
		if !other.crashed() {
			other.value += o.value
		}
		return other
	}
	if len(n.kids) == 0 {
		tree.want[n.id]++
		return treeOutcome{treeResult: treeResult{value: n.id}}
	}
	var all treeOutcome
	for _, k := range n.kids {
		o := tree.serial(k)
		if !all.crashed() {
			if o.crashed() {
				all = treeOutcome{panicked: o.panicked, goexit: o.goexit}
			} else {
				all.treeResult = all.and(o.treeResult)
			}
		}
	}
	return all
}

type leafFailed int

func (e leafFailed) Error() string { return fmt.Sprint("leaf ", int(e)) }

func (r treeResult) and(other treeResult) treeResult {
	r.value += other.value
	if r.err == nil {
		r.err = other.err
	}
	return r
}

func (n *treeNode) leaf(w *Worker) treeResult {
	n.tree.ran[n.id].Inc()
	switch n.kind {
	case leafWork:
		park.Relax(n.id % 64 * 100)
	case leafYield:
		runtime.Gosched()
	case leafHelp:
		h := w.NewHold()
		w.Push(do(func(w *Worker) { fib(w, 5); h.End() }))
		w.Help(h)
	case leafPanic:
		panic(n.id + 1)
	case leafGoexit:
		runtime.Goexit()
	case leafError:
		return treeResult{err: leafFailed(n.id)}
	}
	return treeResult{value: n.id}
}

var joinTrees *Recursive[*treeNode, treeResult]

func init() { joinTrees = NewRecursive(joinTree) }

func joinTreeErr(w *Worker, n *treeNode) (int, error) {
	r := joinTree(w, n)
	return r.value, r.err
}

// joinTree computes a part of the tree on workers.
func joinTree(w *Worker, n *treeNode) treeResult {
	if len(n.kids) == 0 {
		return n.leaf(w)
	}
	if n.kind == joinSafe {
		defer n.checkRan()
	}
	r := n.join(w)
	n.checkRan()
	return r
}

func (n *treeNode) join(w *Worker) (r treeResult) {
	first, last := n.kids[0], n.kids[len(n.kids)-1]
	switch n.kind {
	case joinPlain:
		a, b := Join(w, joinTree, first, joinTree, last)
		return a.and(b)
	case joinSafe:
		a, b := JoinSafe(w, joinTree, first, joinTree, last)
		return a.and(b)
	case joinErr:
		a, b, err := JoinErr(w, joinTreeErr, first, joinTreeErr, last)
		return treeResult{a + b, err}
	case joinFunc:
		a, b := JoinFunc(w,
			func(w *Worker) treeResult { return joinTree(w, first) },
			func(w *Worker) treeResult { return joinTree(w, last) })
		return a.and(b)
	case joinTyped:
		a, b := joinTrees.Join(w, first, last)
		return a.and(b)
	case joinN:
		results := make([]treeResult, len(n.kids))
		JoinN(w, len(n.kids), func(w *Worker, i int) { results[i] = joinTree(w, n.kids[i]) })
		for _, other := range results {
			r = r.and(other)
		}
		return r
	case joinRest:
		return joinKids(w, treeRest{n, 0})
	case inTry:
		err := Try(context.Background(), w, func(w *Worker) error {
			r = joinTree(w, first)
			return r.err
		})
		return treeResult{r.value, err}
	case inRecover:
		defer func() {
			if recover() != nil {
				r = treeResult{}
			}
		}()
		return joinTree(w, first)
	default:
		if r = joinTree(w, first); r.err != nil {
			return r
		}
		other := joinTree(w, last)
		other.value += r.value
		return other
	}
}

// A treeRest is the children of a node from one on.
type treeRest struct {
	of   *treeNode
	from int
}

func joinKids(w *Worker, c treeRest) (r treeResult) {
	for i := c.from; i < len(c.of.kids); i++ {
		here, rest, taken := JoinRest(w, joinTree, c.of.kids[i], joinKids, treeRest{c.of, i + 1})
		if r = r.and(here); taken {
			return r.and(rest)
		}
	}
	return r
}

// checkRan checks that all of n has run when its join has returned, or left as a
// JoinSafe leaves. What a recovered panic has left is joined later.
func (n *treeNode) checkRan() {
	if n.recovers || !n.tree.exact() {
		return
	}
	for id := n.id; id < n.last; id++ {
		if got := n.tree.ran[id].Load(); got != n.tree.want[id] {
			n.tree.t.Errorf("kind %d: leaf %d ran %d times when its join was over, not %d", n.kind, id, got, n.tree.want[id])
		}
	}
}
