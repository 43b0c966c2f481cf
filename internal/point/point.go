// SPDX-License-Identifier: Apache-2.0

//go:build !explore

package point

import (
	"runtime"
	"sync"

	"go.uber.org/atomic"
)

// Int32 is an atomic 32-bit integer.
type Int32 = atomic.Int32

// Int64 is an atomic 64-bit integer. On 32-bit machines it must be 64-bit
// aligned: make it the first field of its struct, or place it after other
// 64-bit words only.
type Int64 = atomic.Int64

// Uint32 is an atomic 32-bit word.
type Uint32 = atomic.Uint32

// Uint32Of returns a word that holds v: for a field of a value that nobody else
// can see yet. It costs a plain store, where Store costs a locked instruction.
func Uint32Of(v uint32) Uint32 { return *atomic.NewUint32(v) }

// Uint64 is an atomic 64-bit word, aligned as [Int64].
type Uint64 = atomic.Uint64

// Bool is an atomic boolean.
type Bool = atomic.Bool

// Pointer is an atomic pointer.
type Pointer[T any] = atomic.Pointer[T]

// Mutex is a lock for short critical sections that never run user code.
type Mutex = sync.Mutex

// WaitGroup counts goroutines, for whoever waits for their end.
type WaitGroup = sync.WaitGroup

// Go starts a goroutine.
//
// Caller: any.
func Go(f func()) { go f() }

// YieldTurn gives up the processor in a loop without bound that does nothing but wait
// until another goroutine writes to a word that the loop reads.
//
// Caller: any.
func YieldTurn() { runtime.Gosched() }

// Reads tells an exploration that the caller reads plain memory at p, which others
// write at other times.
//
// Caller: any.
func Reads[T any](*T) {}

// Writes tells an exploration that the caller writes plain memory at p, which others
// read or write at other times.
//
// Caller: any.
func Writes[T any](*T) {}

// Exploring says whether the caller is a thread of an exploration: then there is
// no clock.
//
// Caller: any.
func Exploring() bool { return false }
