// SPDX-License-Identifier: Apache-2.0

package chans

import (
	"errors"
	"fmt"
)

var (
	// ErrClosed is the end of a channel: for a sender at once after Close, for a
	// receiver once it has received what was sent before.
	ErrClosed = errors.New("chans: closed")

	// ErrFull is what a try to send gets while there is no room.
	ErrFull = errors.New("chans: full")

	// ErrEmpty is what a try to receive gets while there is nothing.
	ErrEmpty = errors.New("chans: empty")
)

// A LaggedError tells a receiver of a [Broadcast] that it was too slow. It goes on
// with the oldest value that is left.
type LaggedError struct {
	Missed uint64 // how many values it will not see
}

func (e *LaggedError) Error() string {
	return fmt.Sprintf("chans: too slow, missed %d values", e.Missed)
}

// noCopy makes go vet report copies of the struct that has it as a field.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}
