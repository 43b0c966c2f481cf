// SPDX-License-Identifier: Apache-2.0

//go:build explore

package simulate_test

import (
	"fmt"
	"time"

	"github.com/pilfer-go/pilfer/graph"
)

// What a node is.
type nodeKind uint8

const (
	nodePlain nodeKind = iota
	nodeDo             // which cannot fail but by a panic
	nodeFork           // which forks and joins
	nodeValue          // of the values before it
	nodeWait           // for a timer, without a worker
	nodeEach           // of a slice
	nodeSub            // which builds a graph
	nodeKinds
	nodeEver = nodeKinds // which waits for what never comes, until another one fails
)

var nodeNames = [...]string{"plain", "do", "fork", "value", "wait", "each", "sub", "ever"}

// A nodePlan is one node.
type nodePlan struct {
	kind     nodeKind
	after    []int // numbers of nodes before it
	steps    int
	fails    int // tries that fail, of each run
	panics   bool
	retries  int
	wait     time.Duration // between two tries, or for a timer
	weight   int           // of the semaphore that all graphs share
	priority int
	inner    int // elements of each, nodes of sub
	detached bool
}

// A graphPlan is a graph, and how it is run.
type graphPlan struct {
	nodes   []nodePlan
	rounds  int // of a loop over all nodes that a branch makes; 0 for no loop
	policy  graph.Policy
	limit   int // 0: none
	runs    int
	resume  bool // later runs go on where the first one stopped, and nothing fails in them
	endless bool // no context ends the run
}

var policyNames = [...]string{"stop run", "stop dependents", "go on"}

func (g *graphPlan) String() string {
	text := fmt.Sprintf("[graph, %s, %d rounds, limit %d, %d runs, resume %v, endless %v:", policyNames[g.policy], g.rounds, g.limit, g.runs, g.resume, g.endless)
	for i, n := range g.nodes {
		text += fmt.Sprintf(" %d %s%+v", i, nodeNames[n.kind], n)
	}
	return text + "]"
}

// semaphoreSize is how much there is of the semaphore that all graphs share.
const semaphoreSize = 3

// alwaysFails is more tries than any node has.
const alwaysFails = 100

// newGraph makes a graph.
func (p *plan) newGraph() *graphPlan {
	rng := p.rng
	g := &graphPlan{policy: graph.Policy(rng.IntN(3)), runs: 1, endless: rng.IntN(2) == 0}
	if rng.IntN(4) == 0 {
		g.limit = 1 + rng.IntN(3)
	}
	switch rng.IntN(4) {
	case 0:
		g.rounds = 1 + rng.IntN(3)
	case 1:
		g.runs, g.resume = 2, rng.IntN(2) == 0
	}
	ordered := rng.IntN(5) == 0
	slow := 1 + rng.IntN(60) // so that others come, and take part
	for i := range 1 + rng.IntN(7) {
		n := nodePlan{kind: nodeKind(rng.IntN(int(nodeKinds))), steps: rng.IntN(slow), wait: time.Duration(rng.IntN(4)) * time.Second}
		for k := range i {
			if rng.IntN(3) == 0 {
				n.after = append(n.after, k)
			}
		}
		if rng.IntN(4) == 0 {
			n.weight = 1 + rng.IntN(semaphoreSize)
		}
		if ordered {
			n.priority = rng.IntN(3)
		}
		if n.kind == nodeEach || n.kind == nodeSub {
			n.inner, n.detached = rng.IntN(4), rng.IntN(3) == 0
		} else {
			n.retries = max(0, rng.IntN(5)-2)
		}
		g.nodes = append(g.nodes, p.failures(g, n))
	}
	if !p.calm && rng.IntN(6) == 0 {
		g.policy, g.rounds, g.limit, g.runs, g.resume = graph.StopRun, 0, 0, 1, false
		g.nodes = append(g.nodes, nodePlan{kind: nodeEver}, nodePlan{fails: alwaysFails, steps: rng.IntN(40)})
	}
	return g
}

// failures lets a node fail, now and then.
func (p *plan) failures(g *graphPlan, n nodePlan) nodePlan {
	rng := p.rng
	if n.retries > 0 && rng.IntN(2) == 0 {
		n.fails = 1 + rng.IntN(n.retries) // and then it does not
	}
	if !p.calm && g.rounds == 0 && rng.IntN(8) == 0 {
		n.fails = alwaysFails
	}
	n.panics = n.kind == nodeDo || n.kind != nodeSub && rng.IntN(3) == 0
	if n.kind == nodeEach {
		n.fails = 0
	}
	return n
}

// A fate is what becomes of a node in a run that nothing disturbs.
type fate struct {
	starts bool // its function is called
	tries  int
	fails  bool
	value  int // of a nodeValue
	has    bool
}

// fates runs the graph as one goroutine would. mended says that nothing fails.
func (g *graphPlan) fates(mended bool) (fates []fate, failed bool) {
	fates = make([]fate, len(g.nodes))
	for i, n := range g.nodes {
		f := &fates[i]
		f.starts, f.value = true, 1+i
		for _, k := range n.after {
			b := &fates[k]
			if g.policy != graph.GoOn && (b.fails || !b.starts) {
				f.starts = false
			}
			if n.kind == nodeValue && g.nodes[k].kind == nodeValue {
				if !b.has {
					f.starts, f.fails = false, g.policy == graph.GoOn
				}
				f.value = f.value*31 + b.value
			}
		}
		if !f.starts {
			continue
		}
		fails := n.fails
		if mended && fails == alwaysFails {
			fails = 0
		}
		f.tries = min(fails, n.retries) + 1
		f.fails = fails > n.retries
		f.has = !f.fails
		failed = failed || f.fails
	}
	return fates, failed
}
