// SPDX-License-Identifier: Apache-2.0

package chans

import "github.com/pilfer-go/pilfer/internal/point"

// StartAt moves an unused channel to a position, so that a test can let the
// counters wrap.
func (c *Chan[T]) StartAt(position uint64) {
	r := &c.ring
	for i := range r.slots {
		// The first position from the start on that falls to this slot.
		p := position + (uint64(i)-position)&r.mask
		r.slots[p&r.mask].turn = point.Uint32Of(uint32(p))
	}
	r.word.Store(position & tailMask << 24)
	r.head.Store(position)
	r.next = position
}

// WaitingReceivers returns how many receivers wait.
func (c *Chan[T]) WaitingReceivers() int { return c.receivers.Len() }

// MessageOf returns where the message of a one-shot channel lies.
func MessageOf[T any](r *OneReceiver[T]) *T { return &r.value }
