// SPDX-License-Identifier: Apache-2.0

//go:build explore

package point

import (
	"runtime"

	"github.com/pilfer-go/pilfer/internal/explore"
)

// Int32 is an atomic 32-bit integer.
type Int32 = explore.Int32

// Int64 is an atomic 64-bit integer.
type Int64 = explore.Int64

// Uint32 is an atomic 32-bit word.
type Uint32 = explore.Uint32

// Uint32Of returns a word that holds v.
func Uint32Of(v uint32) Uint32 { return explore.IntegerOf(v) }

// Uint64 is an atomic 64-bit word.
type Uint64 = explore.Uint64

// Bool is an atomic boolean.
type Bool = explore.Bool

// Pointer is an atomic pointer.
type Pointer[T any] = explore.Pointer[T]

// Mutex is a lock for short critical sections that never run user code.
type Mutex = explore.Mutex

// WaitGroup counts goroutines, for whoever waits for their end.
type WaitGroup = explore.WaitGroup

// Go starts a goroutine.
//
// Caller: any.
func Go(f func()) { explore.Start(f) }

// YieldTurn gives up the processor in a loop without bound that does nothing but wait
// until another goroutine writes to a word that the loop reads.
//
// Caller: any.
func YieldTurn() {
	if !explore.Spin() {
		runtime.Gosched()
	}
}

// Reads tells an exploration that the caller reads plain memory at p, which others
// write at other times.
//
// Caller: any.
func Reads[T any](p *T) { explore.Reads(p) }

// Writes tells an exploration that the caller writes plain memory at p, which others
// read or write at other times.
//
// Caller: any.
func Writes[T any](p *T) { explore.Writes(p) }

// Exploring says whether the caller is a thread of an exploration: then there is
// no clock.
//
// Caller: any.
func Exploring() bool { return explore.Exploring() }
