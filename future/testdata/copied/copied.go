// SPDX-License-Identifier: Apache-2.0

// Command copied copies a future that must not be copied. TestVetFindsCopies
// expects go vet to say so.
package main

import "github.com/pilfer-go/pilfer/future"

type countdown struct {
	future.Pinned
	left int
}

func (c *countdown) Poll(cx *future.Context) future.Poll[int] {
	c.Pin()
	if c.left == 0 {
		return future.Of(0)
	}
	c.left--
	cx.Wake()
	return future.Wait[int]()
}

func main() {
	first := countdown{left: 3}
	second := first // a finding: assignment copies
	take(second)    // a finding: call copies
}

func take(c countdown) { _ = c.left } // a finding: passes by value
