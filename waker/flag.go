// SPDX-License-Identifier: Apache-2.0

package waker

import "github.com/pilfer-go/pilfer/internal/point"

// A Flag is the smallest [Target]: a wake raises it, and who polls lowers it.
//
//	for flag.Take() {
//		f.Poll(cx)
//	}
//
// The zero Flag is lowered. It must not be copied.
type Flag struct {
	_ noCopy

	// raised says that a wake came since the last Take.
	// Writers: any, to true; who polls, to false. Invariant: true only after a
	// wake that no Take has answered.
	raised point.Bool
}

// Waker returns a Waker that raises the flag.
//
// Caller: any.
func (f *Flag) Waker() Waker { return Waker{f} }

// WakeBy raises the flag.
//
// Caller: any.
func (f *Flag) WakeBy(Local) {
	// A swap even if it is up already: Take must see what this wake publishes,
	// not only what the wake before it did.
	f.raised.Store(true) // publish: what the waker did before; takes effect here
}

// Take lowers the flag and reports whether it was up. What its wakers did before
// they raised it is visible afterwards.
//
// Caller: any.
func (f *Flag) Take() bool {
	// The load keeps a poll of a lowered flag from writing to the line.
	return f.raised.Load() && f.raised.Swap(false) // takes effect here
}

// IsSet reports whether the flag is up, and leaves it so.
//
// Caller: any.
func (f *Flag) IsSet() bool { return f.raised.Load() }
