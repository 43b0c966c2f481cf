// SPDX-License-Identifier: Apache-2.0

package deque

import "fmt"

// An Outcome says why a taking call returned what it did. A worker may sleep on
// [Empty], never on [Lost].
type Outcome uint8

const (
	Empty Outcome = iota // there was nothing to take
	Taken                // the job is the caller's, and nobody else has it
	Lost                 // another goroutine was in the way; a retry may succeed
)

// String returns the name of the outcome.
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
	return fmt.Sprintf("Outcome(%d)", uint8(o))
}
