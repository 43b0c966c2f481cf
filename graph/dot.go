// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// A writer writes lines and keeps the first error.
type writer struct {
	to  io.Writer
	err error
}

func (w *writer) printf(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.to, format+"\n", args...)
	}
}

// WriteDOT writes the graph for Graphviz. Branches are diamonds with numbered,
// dashed edges; what waits or blocks without a worker has square corners; graphs
// inside nodes are frames.
func (g *Graph) WriteDOT(to io.Writer) error { return g.writeDOT(to, nil) }

// WriteDOT writes the graph that was run for Graphviz, each node with its time, the
// darker the longer; the critical path is drawn bold, what did not run dotted.
func (r *Report) WriteDOT(to io.Writer) error { return r.graph().writeDOT(to, r) }

func (g *Graph) writeDOT(to io.Writer, r *Report) error {
	w := &writer{to: to}
	w.printf("digraph %q {", g.name)
	w.printf("\tlabel=%q labelloc=t rankdir=TB fontname=\"DejaVu Sans\" fontsize=13", g.name)
	w.printf("\tnode [shape=box style=\"rounded,filled\" fillcolor=white fontname=\"DejaVu Sans\" fontsize=11]")
	w.printf("\tedge [arrowsize=0.7 fontname=\"DejaVu Sans\" fontsize=10]")
	d := dot{writer: w, paint: newPaint(r), in: map[*Graph]bool{}}
	d.graph(g, "n", "\t")
	w.printf("}")
	return w.err
}

// A dot is a graph on its way to a file for Graphviz.
type dot struct {
	*writer
	paint *paint
	in    map[*Graph]bool // those around, as a mistaken graph may hold itself
}

// graph writes nodes and edges. Nodes are named by prefix and number.
func (d dot) graph(g *Graph, prefix, indent string) {
	d.in[g] = true
	defer delete(d.in, g)
	for i, n := range g.nodes {
		attrs := fmt.Sprintf("label=%q", d.paint.label(n))
		switch {
		case n.flags&nodeBranch != 0:
			attrs += " shape=diamond"
		case n.flags&nodeInner != 0:
			attrs += " shape=box3d"
		case n.waits():
			attrs += " style=filled"
		}
		attrs += d.paint.node(n)
		if m, ok := n.fn.(*module); ok && len(m.graph.nodes) > 0 && !d.in[m.graph] {
			d.printf("%ssubgraph \"cluster_%s%d\" {", indent, prefix, i)
			d.printf("%s\tlabel=%q style=dashed", indent, "module "+m.graph.name)
			d.graph(m.graph, fmt.Sprintf("%s%d_", prefix, i), indent+"\t")
			d.printf("%s\t\"%s%d\" [%s]", indent, prefix, i, attrs)
			d.printf("%s}", indent)
			continue
		}
		d.printf("%s\"%s%d\" [%s]", indent, prefix, i, attrs)
	}
	for e := range g.edges.all() {
		d.printf("%s\"%s%d\" -> \"%s%d\"%s", indent, prefix, e.from, prefix, e.to, d.paint.edge(g.nodes[e.from], g.nodes[e.to]))
	}
	back := g.backwards()
	for i, n := range g.nodes {
		if n.more == nil {
			continue
		}
		for at, t := range n.more.targets {
			attrs := fmt.Sprintf("style=dashed label=\" %d \"", at)
			if back(int32(i), t) {
				attrs += " constraint=false"
			}
			d.printf("%s\"%s%d\" -> \"%s%d\" [%s]", indent, prefix, i, prefix, t, attrs)
		}
	}
}

// backwards returns what tells whether a branch leads back to a node that comes
// before it: else Graphviz may turn another edge of the loop, and draw it upwards.
func (g *Graph) backwards() func(branch, target int32) bool {
	next := make(map[int32][]int32)
	for e := range g.edges.all() {
		next[e.from] = append(next[e.from], e.to)
	}
	return func(branch, target int32) bool {
		seen, todo := map[int32]bool{target: true}, []int32{target}
		for len(todo) > 0 && !seen[branch] {
			n := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			for _, s := range next[n] {
				if !seen[s] {
					seen[s] = true
					todo = append(todo, s)
				}
			}
		}
		return seen[branch]
	}
}

// A paint colours nodes by the time that they took. The nil paint colours none.
type paint struct {
	took    map[*Node]time.Duration
	failed  map[*Node]bool
	on      map[*Node]bool // the critical path
	longest time.Duration
}

func newPaint(r *Report) *paint {
	if r == nil {
		return nil
	}
	p := &paint{took: map[*Node]time.Duration{}, failed: map[*Node]bool{}, on: map[*Node]bool{}}
	for _, s := range r.Spans {
		p.took[s.Node] += s.Took()
		p.longest = max(p.longest, p.took[s.Node])
		p.failed[s.Node] = s.Err != nil // its last try counts
	}
	path, _ := r.CriticalPath()
	for _, n := range path {
		p.on[n] = true
	}
	return p
}

func (p *paint) label(n *Node) string {
	if p == nil {
		return n.Name()
	}
	if took, ok := p.took[n]; ok {
		return fmt.Sprintf("%s\n%v", n.Name(), round(took))
	}
	return n.Name()
}

// node returns a node's attributes.
func (p *paint) node(n *Node) string {
	if p == nil {
		return ""
	}
	took, ran := p.took[n]
	if !ran {
		return ` style="rounded,dotted" fontcolor=gray40`
	}
	share := float64(took) / float64(max(p.longest, 1))
	attrs := fmt.Sprintf(` fillcolor="0.09 %.3f 1.0"`, 0.05+0.75*share)
	if p.failed[n] {
		attrs += " color=red penwidth=2.5"
	} else if p.on[n] {
		attrs += " penwidth=2.5"
	}
	return attrs
}

func (p *paint) edge(from, to *Node) string {
	if p != nil && p.on[from] && p.on[to] {
		return " [penwidth=2.5]"
	}
	return ""
}

// WriteMermaid writes the graph for Mermaid, which Markdown pages of many sites
// draw.
func (g *Graph) WriteMermaid(to io.Writer) error {
	w := &writer{to: to}
	w.printf("flowchart TD")
	for i, n := range g.nodes {
		shape := [2]string{"[", "]"}
		switch {
		case n.flags&nodeBranch != 0:
			shape = [2]string{"{", "}"}
		case n.flags&nodeInner != 0:
			shape = [2]string{"[[", "]]"}
		case n.waits():
			shape = [2]string{"{{", "}}"}
		}
		w.printf("    n%d%s\"%s\"%s", i, shape[0], mermaid.Replace(n.Name()), shape[1])
	}
	for e := range g.edges.all() {
		w.printf("    n%d --> n%d", e.from, e.to)
	}
	for i, n := range g.nodes {
		if n.more != nil {
			for at, t := range slices.All(n.more.targets) {
				w.printf("    n%d -. %d .-> n%d", i, at, t)
			}
		}
	}
	return w.err
}

// mermaid writes what Mermaid would take for its own.
var mermaid = strings.NewReplacer(`"`, "#quot;", "#", "#35;", "<", "#lt;", ">", "#gt;")
