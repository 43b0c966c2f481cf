// SPDX-License-Identifier: Apache-2.0

//go:build !explore

package park

// A bed is where an owner sleeps that does not sleep in a futex.
type bed chan struct{}

func newBed() bed { return make(bed, 1) }

func (b bed) send()    { b <- struct{}{} }
func (b bed) receive() { <-b }
