// SPDX-License-Identifier: Apache-2.0

package deque

// An Outcome says why a taking call returned what it did. A worker may sleep on
// [Empty], never on [Lost].
type Outcome uint8

const (
	// Empty: there was nothing to take at some moment during the call.
	Empty Outcome = iota
	// Taken: the job is the caller's, and nobody else has it.
	Taken
	// Lost: another goroutine was in the way; a retry may succeed.
	Lost
)

// String returns the outcome's name.
//
// Caller: any.
func (o Outcome) String() string {
	switch o {
	case Empty:
		return "Empty"
	case Taken:
		return "Taken"
	case Lost:
		return "Lost"
	}
	return "Outcome(?)"
}

// A Sink is where a batch of stolen jobs goes: the thief's own end of a [Deque]
// or a [Queue], or a slice in a test.
type Sink[T any] interface {
	Push(job *T)
}
