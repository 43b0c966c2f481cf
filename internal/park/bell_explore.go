// SPDX-License-Identifier: Apache-2.0

//go:build explore

package park

import (
	"context"
	"time"

	"github.com/pilfer-go/pilfer/internal/explore"
	"github.com/pilfer-go/pilfer/internal/point"
)

// A Bell wakes an ordinary goroutine that waits for a Go timer too. It holds one ring.
// In an exploration, where there is no clock, the first alarm comes at once, and then none
// any more, nor an end.
type Bell struct {
	bed     explore.Bed
	alarmed bool          // the owner's: the alarm has come
	ch      chan struct{} // outside of explorations
}

// Init makes the bell ready for use.
//
// Caller: once, before the Bell is shared.
func (b *Bell) Init() { b.ch = make(chan struct{}, 1) }

// Ring lets one Wait return. It waits while another ring lies there.
//
// Caller: any.
func (b *Bell) Ring() {
	if explore.Exploring() {
		b.bed.Send()
		return
	}
	b.ch <- struct{}{}
}

// Wait returns true after a ring, or false when the alarm or the end comes first.
//
// Caller: owner.
func (b *Bell) Wait(alarm <-chan time.Time, end <-chan struct{}) (rang bool) {
	if explore.Exploring() {
		if alarm != nil && !b.alarmed {
			b.alarmed = true
			return false
		}
		b.bed.Receive()
		return true
	}
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
type Gate struct {
	// open says that it was opened.
	// Writers: Open, once. Invariant: once set, stays set.
	open point.Bool
	ch   chan struct{} // outside of explorations
}

// Init shuts the gate.
//
// Caller: once, before the Gate is shared.
func (g *Gate) Init() { g.ch = make(chan struct{}) }

// Open opens the gate.
//
// Caller: any, but once.
func (g *Gate) Open() {
	g.open.Store(true)
	close(g.ch)
}

// IsOpen reports whether the gate was opened.
//
// Caller: any.
func (g *Gate) IsOpen() bool { return g.open.Load() }

// Wait returns true once the gate is open, or false when ctx ends first. In an
// exploration the context must be one whose Err is a shared step.
//
// Caller: any.
func (g *Gate) Wait(ctx context.Context) bool {
	if !explore.Exploring() {
		select {
		case <-g.ch:
			return true
		case <-ctx.Done():
			return false
		}
	}
	for !g.open.Load() {
		if ctx.Err() != nil {
			return false
		}
		explore.Spin()
	}
	return true
}

// An Ending is a context of an exploration, whose AfterFunc starts a thread.
type Ending interface {
	AfterFunc(func()) (stop func() bool)
}

// EndingKey is the key of a context's value that is the [Ending] with which it ends.
type EndingKey struct{}

// AfterEnd calls f on a goroutine of its own once ctx has ended, unless stop was
// called before. In an exploration the context must be an [Ending], or made of one that
// is its own value for [EndingKey], or never end.
//
// Caller: any.
func AfterEnd(ctx context.Context, f func()) (stop func() bool) {
	own, ok := ctx.(Ending)
	if !ok {
		own, ok = ctx.Value(EndingKey{}).(Ending)
	}
	if ok && explore.Exploring() {
		return own.AfterFunc(f)
	}
	return context.AfterFunc(ctx, f)
}
