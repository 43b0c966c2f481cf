// SPDX-License-Identifier: Apache-2.0

// Package graph runs graphs of nodes on a [sched.Runtime]: each node after those
// that it comes after, the others at the same time.
//
//	g := graph.New("build")
//	parse := g.Add("parse", parseFiles)
//	check := g.Add("check", checkTypes).After(parse)
//	g.Add("vet", vet).After(parse)
//	g.Add("link", link).After(check)
//	err := g.Run(ctx, rt)
//
// Or with values, where wiring an output to an input is the edge, and the compiler
// checks that the types agree:
//
//	files := graph.Source(g, "list", listFiles)             // Value[[]string]
//	trees := graph.Each(g, "parse", parseFile, files)       // Value[[]*ast.File]
//	pkg := graph.Apply(g, "check", checkTypes, trees)       // Value[*types.Package]
//	err := g.Run(ctx, rt, graph.Into(pkg, &result))
//
// The caller of Run takes part. The last predecessor of a node to finish runs the
// node itself, so a chain stays on one worker and in its cache; while nodes are
// short, what else is ready stays there too, until another worker asks for work. A
// graph is compiled once, at its first run; later runs allocate nothing for its
// nodes.
//
// # Kinds of node
//
//	node                      what it is given              holds its worker
//	[Graph.Do] [Graph.DoN]    nothing, or its number        until it returns
//	[Graph.Add] [Graph.AddN]  a context; may fail           until it returns
//	[Graph.Fork]              the worker, to fork and join  until it returns
//	[Source] [Apply] [Sink]   values, typed                 until it returns
//	[Apply2] [Apply3]
//	[Gather] [Gather2]        many values of one type, two  until it returns
//	[Each]                    a slice known at run time     while elements run
//	[Await] [AwaitFor]        a future that it waits for    no
//	[Blocking] [BlockingFor]  a goroutine, for code that    no
//	                          blocks
//	[Graph.Sub]               a graph to build              while building
//	[Graph.Module]            another graph                 no
//	[Graph.Branch]            a choice of targets, or none  until it returns
//	[Graph.Branches]          several targets at once       until it returns
//	[Input]                   a value from outside          no
//
// Loops are made of branches only; any other cycle is an error. A node that no
// branch led to, and what comes after it, does not run. A branch that leads back
// begins another round: what the last one left half reached is forgotten.
//
// For a node: [Node.Retry], [Node.Timeout], [Node.Priority], [Node.Uses]. For a
// graph: [Graph.ByCriticalPath]. For a run: [OnFailure], [Timeout], [Limit],
// [Resume], [With], [Into], [Observe], [Profile], [Progress], [ProgressBar], [Log]. What is not known
// before is a [Flow]: tasks that depend on earlier ones, without a graph.
//
// # Who may call what
//
//	who                        what
//	one goroutine, before Run  everything that builds: Add, After, Apply, ...
//	any, several at once       Run, RunN, RunUntil, Validate; Semaphore, Flow
//	the build function         its [Sub], until it returns
//	one run at a time          a [Checkpoint], a [Report]
//
// # Values
//
// A value has one owner: the node that produces it, then the node that takes it.
// With one taker the graph forgets it as the taker begins, so the taker may change
// it and the collector may have it. Several takers share it. Values stay until the
// end of the run in graphs with branches, for [Into], and for takers that may be
// run again.
//
// # Failure
//
// Run returns a [*NodeError] for each node that failed, with the node's own error,
// a [*sched.PanicError] with the stack, or [sched.ErrGoexit] inside; and the cause
// of the context's end. The policy of [OnFailure] says what a failure leaves out:
// all that has not started, what comes after the node, or nothing. What a node
// returns because the run was stopped is no failure of its own.
//
// # Bad use
//
//	what                                   gets
//	a cycle                                [*CycleError] with its path
//	two nodes of one name                  [*DuplicateError]
//	an order or value of another graph     [ErrForeign]
//	an input that nothing is wired to      [ErrUnwired]
//	an input with two values in one run    [ErrConflict]; other runs have their own
//	a nil function, a weight below one     an error that names the node
//	more of a semaphore than there is      [*NeverError]; inside a node that holds
//	                                       some of it, when that starts
//	all of the above                       before anything runs, from Validate too
//	a change while the graph runs          panic that says what to do
//	a branch's number out of range         [*IndexError]
//	a node picked while it runs            [ErrBusy]
//	a value that was not produced          [ErrNoValue]
//	a panic, Goexit in a node; a panic in  an error of the node; Goexit in the
//	its observer or Retry's function       goroutine that called Run ends that too
//	a node that goes on after its Timeout  [*DeadlineError]: Run returns without it
//	a context that has ended               an error that wraps its cause; nothing runs
//	Run on a closed runtime                [sched.ErrClosed]
//	a node that waits for another one      may wait for ever: wire an edge, or use
//	through a channel or lock              Await
package graph
