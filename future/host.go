// SPDX-License-Identifier: Apache-2.0

package future

import (
	"errors"

	"github.com/pilfer-go/pilfer/internal/self"
)

// A Host is the Local of an executor that polls on several goroutines. With it a
// future of [Async] finds out where its coroutine may run. An executor without one
// polls a task always on the same goroutine, or always on goroutines that are not
// tied to a thread.
type Host interface {
	// Start reports whether a coroutine may be started by the calling goroutine: not
	// by one that is here for a while only. It also puts right the thread locks of the
	// goroutine, if code that it ran has left them changed.
	Start() bool

	// Sit says which goroutine runs here from now on: that of a coroutine, or again
	// the one that resumed it.
	Sit(goroutine uintptr)

	// Keep tells of a coroutine that was started here and can go on only here, until
	// Release tells of its end. Both are called by a goroutine for which Start reports
	// true.
	Keep(y *Await)
	Release(y *Await)

	// Send calls f on a goroutine for which Start reports true, soon. It reports false
	// if there is none any more; then all coroutines that were kept have ended.
	//
	// Caller: any.
	Send(f func()) bool
}

// ErrThread is how a future of [Async] fails whose coroutine cannot go on: its
// goroutine was tied to a thread, and code that ran there in between has given the
// thread away by a runtime.UnlockOSThread without its lock. The coroutine stays
// where it is, with what it holds.
var ErrThread = errors.New("future: the thread of an Async is gone: a task of its worker called runtime.UnlockOSThread without LockOSThread")

// fits reports whether the coroutine may be resumed by the calling goroutine.
func (y *Await) fits(host Host) bool {
	if y.unknown {
		return y.home == nil || y.home == host && host.Start()
	}
	now := self.Now()
	return now == y.thread || !now.Locked() && !y.thread.Locked()
}

// A place is what find found.
type place uint8

const (
	placeHere  place = iota + 1 // resume
	placeThere                  // the task has to go to where the coroutine is
	placeGone                   // there is no such place any more
)

// find says where the coroutine can be resumed.
//
// Caller: owner.
func (y *Await) find(host Host) place {
	switch {
	case y.fits(host):
		return placeHere
	case host != nil && (y.home == nil || y.home == host) && host.Start() && y.fits(host):
		return placeHere // after its locks were put right
	case y.home != nil && y.home == host && host.Start():
		return placeGone
	case y.home != nil:
		return placeThere
	case y.thread.Locked():
		panic("future: an Async began on a goroutine that had locked its thread, and is polled on another")
	case host == nil:
		panic("future: an Async is polled on a goroutine that has locked its thread, and did not begin there")
	}
	return placeThere // anywhere but here
}
