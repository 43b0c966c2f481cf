// SPDX-License-Identifier: Apache-2.0

//go:build !explore

package park

import (
	"context"
	"time"
)

// A Bell wakes an ordinary goroutine that waits for a Go timer too. It holds one ring.
type Bell struct{ ch chan struct{} }

// Init makes the bell ready for use.
//
// Caller: once, before the Bell is shared.
func (b *Bell) Init() { b.ch = make(chan struct{}, 1) }

// Ring lets one Wait return. It waits while another ring lies there.
//
// Caller: any.
func (b *Bell) Ring() { b.ch <- struct{}{} }

// Wait returns true after a ring, or false when the alarm or the end comes first.
//
// Caller: owner.
func (b *Bell) Wait(alarm <-chan time.Time, end <-chan struct{}) (rang bool) {
	select {
	case <-b.ch:
		return true
	case <-alarm:
		return false
	case <-end:
		return false
	}
}

// A Gate is shut until it is opened, for good.
type Gate struct{ ch chan struct{} }

// Init shuts the gate.
//
// Caller: once, before the Gate is shared.
func (g *Gate) Init() { g.ch = make(chan struct{}) }

// Open opens the gate.
//
// Caller: any, but once.
func (g *Gate) Open() { close(g.ch) }

// IsOpen reports whether the gate was opened.
//
// Caller: any.
func (g *Gate) IsOpen() bool {
	select {
	case <-g.ch:
		return true
	default:
		return false
	}
}

// Wait returns true once the gate is open, or false when ctx ends first.
//
// Caller: any.
func (g *Gate) Wait(ctx context.Context) bool {
	select {
	case <-g.ch:
		return true
	case <-ctx.Done():
		return false
	}
}

// AfterEnd calls f on a goroutine of its own once ctx has ended, unless stop was
// called before.
//
// Caller: any.
func AfterEnd(ctx context.Context, f func()) (stop func() bool) { return context.AfterFunc(ctx, f) }
