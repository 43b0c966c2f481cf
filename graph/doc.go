// SPDX-License-Identifier: Apache-2.0

// Package graph runs directed acyclic graphs of named functions on a
// [sched.Runtime]: each node after those that it comes after, the others at the
// same time.
//
//	g := graph.New("build")
//	parse := g.MustAdd("parse", parseFiles)
//	check := g.MustAdd("check", checkTypes).After(parse)
//	g.MustAdd("vet", vet).After(parse)
//	g.MustAdd("link", link).After(check)
//	err := g.Run(ctx, rt)
//
// The caller of Run takes part. The last predecessor of a node to finish runs
// the node itself, so a chain of nodes stays on one worker and in its cache;
// further successors go to the worker's queue, where others steal them. A node
// holds its worker until it returns.
//
// # Who may call what
//
// A graph is built by one goroutine. After that any goroutine may run it, and
// several at once, until it is changed again.
//
// # Errors
//
// Add returns an error for a second node of one name ([ErrDuplicate]) and for a
// nil function. Validate, and Run before it starts anything, return a
// [*CycleError] that names a cycle's path, and errors for nodes of other graphs
// ([ErrForeign]). Run returns a [*NodeError] for the first node that failed,
// with the node's own error, a [*sched.PanicError] or [sched.ErrGoexit] inside;
// the cause of the context's end; or [sched.ErrClosed].
//
// A node that calls runtime.Goexit on the goroutine that called Run ends that
// goroutine, as it would without a graph; on a worker it is an error like
// another.
package graph
