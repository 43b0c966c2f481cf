// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// The errors that others wrap.
var (
	// ErrDuplicate is the error of a second node with a name.
	ErrDuplicate = errors.New("a node with this name exists")

	// ErrForeign is the error of an order between nodes of different graphs.
	ErrForeign = errors.New("nodes of different graphs")

	// ErrUnwired is the error of an input that no value comes to.
	ErrUnwired = errors.New("input without a value")

	// ErrConflict is the error of an input that is given two values in one run.
	ErrConflict = errors.New("input with two values")

	// ErrNoValue is the error of a node whose input was not produced in this run,
	// as the node that produces it failed, or no branch led to it.
	ErrNoValue = errors.New("the value was not produced")

	// ErrBusy is the error of a node that a branch picked while it was running.
	ErrBusy = errors.New("picked while it was running")
)

// A CycleError names nodes that each come after the one before, and the first
// after the last.
type CycleError struct {
	Graph string   // the graph's name
	Path  []string // the first name again at the end
}

func (e *CycleError) Error() string {
	return fmt.Sprintf("graph %s: cycle: %s: take one of these edges out, or make it the target of a branch", e.Graph, strings.Join(e.Path, " -> "))
}

// A DuplicateError names two nodes of one name.
type DuplicateError struct {
	Graph         string // the graph's name
	Node          string // the name
	First, Second int    // numbers of the nodes
}

func (e *DuplicateError) Error() string {
	return fmt.Sprintf("graph %s: node %q (number %d): %v (number %d): give it another one, or none", e.Graph, e.Node, e.Second, ErrDuplicate, e.First)
}

// Unwrap returns [ErrDuplicate].
func (e *DuplicateError) Unwrap() error { return ErrDuplicate }

// A NeverError names a node that asks for more than its semaphore has.
type NeverError struct {
	Graph     string // the graph's name
	Node      string // the node's name
	Semaphore string // the semaphore's name
	Want      int    // what the node asks for
	Size      int    // what there is
	Held      int    // what the nodes around it hold until it is done
}

func (e *NeverError) Error() string {
	if e.Held > 0 {
		return fmt.Sprintf("graph %s: node %s: uses %d of semaphore %s, which has %d, and nodes around it hold %d until it is done: it could never start; let only those inside use it",
			e.Graph, e.Node, e.Want, e.Semaphore, e.Size, e.Held)
	}
	return fmt.Sprintf("graph %s: node %s: uses %d of semaphore %s, which has %d: it could never start; ask for less, or make the semaphore larger",
		e.Graph, e.Node, e.Want, e.Semaphore, e.Size)
}

// A NodeError says which node failed, and why. A panic is a [*sched.PanicError]
// inside it.
type NodeError struct {
	Graph string // the name of the graph that was run
	Node  string // the node's name, with those of the nodes around it
	Err   error  // what the node returned, or its panic
}

func (e *NodeError) Error() string {
	return fmt.Sprintf("graph %s: node %s: %v", e.Graph, e.Node, e.Err)
}

// Unwrap returns the node's own error.
func (e *NodeError) Unwrap() error { return e.Err }

// An IndexError is the error of a branch that returned a number which is none of
// its targets'.
type IndexError struct {
	Index   int // what it returned
	Targets int // how many targets it has
}

func (e *IndexError) Error() string {
	if e.Targets == 0 {
		return fmt.Sprintf("branch picked %d, and has no targets: want Stop, or give it some", e.Index)
	}
	return fmt.Sprintf("branch picked %d of %d targets: want 0 to %d, or Stop for none", e.Index, e.Targets, e.Targets-1)
}

// A DeadlineError is the error of a node that was not done in time. It is a
// context.DeadlineExceeded for errors.Is.
type DeadlineError struct {
	After time.Duration // the node's deadline
	// Stuck says that the node went on all the same: it holds a worker until it
	// returns.
	Stuck bool

	blocks bool // it holds a goroutine instead
}

func (e *DeadlineError) Error() string {
	if e.Stuck && e.blocks {
		return fmt.Sprintf("not done after %v, and goes on, though its context has ended; it holds a goroutine: let it watch its context", e.After)
	}
	if e.Stuck {
		return fmt.Sprintf("not done after %v, and goes on, though its context has ended; it holds its worker: let it watch its context, or wait in an Await node", e.After)
	}
	return fmt.Sprintf("not done after %v", e.After)
}
