// SPDX-License-Identifier: Apache-2.0

package park

import (
	"time"

	"github.com/pilfer-go/pilfer/internal/invariant"
	"github.com/pilfer-go/pilfer/internal/point"
)

// The states of Parker.word. They are 1, 0, -1 and -2, so that the owner moves
// down by one whatever it finds: from permit to empty it has taken the permit,
// from empty to parked it has announced that it sleeps, and from there to abed
// that it sleeps in the channel.
const (
	empty  uint32 = 0
	permit uint32 = 1
	parked uint32 = ^uint32(0)     // in the kernel
	abed   uint32 = ^uint32(0) - 1 // in the channel
)

// A Parker holds one permit for its owner. It must not be copied.
//
// The owner alone moves word down; everybody else only sets it to permit. So
// whoever moves it away from parked, and nobody else, has to wake the owner.
//
// Make one with [New] or [NewPortable], or call [Parker.Init] on an embedded one.
type Parker struct {
	_ noCopy

	// word is one of the states, and the word the futex sleeps on.
	// Writers: owner, down by one or from permit to empty; any, to permit.
	// Invariant: parked and abed only while the owner is inside Park.
	word point.Uint32

	// given is when the sleep in the kernel was ended, or 0; see Pressure.
	// Writers: any, in Unpark; owner clears it before it sleeps and in Mind.
	// Invariant: none; a stamp that is lost costs one measurement.
	given point.Uint32

	// bed is where an owner sleeps that does not sleep in a futex. Set once,
	// before the Parker is shared. It carries no permit, only the waking: see
	// [Parker.Unpark].
	bed bed

	alarm alarm // owner only: ends ParkFor in the channel

	pressure *Pressure // set once; nil: always in the kernel
	portable bool      // set once: always in the channel
	naps     bool      // set once: portable, and for a nap in the kernel nevertheless
}

// New returns a Parker that sleeps in the cheapest way the system has.
func New() *Parker {
	p := new(Parker)
	p.Init(false)
	return p
}

// NewPortable returns a Parker that sleeps in a channel. Inside a
// testing/synctest bubble it must be made inside that bubble; its owner is then
// durably blocked while it sleeps, and only the bubble may wake it.
func NewPortable() *Parker {
	p := new(Parker)
	p.Init(true)
	return p
}

// Init makes a Parker that is embedded in a larger struct ready for use; see
// [New] and [NewPortable] for what portable means.
//
// Caller: once, before Start.
func (p *Parker) Init(portable bool) {
	p.word.Store(empty)
	p.portable = portable || !haveFutex()
	p.pressure = nil
	p.bed = nil
	if p.portable {
		p.bed = newBed()
	}
}

// Under makes the owner sleep in a channel while the pressure is high. It has
// no effect on a portable Parker.
//
// Caller: once, before Start.
func (p *Parker) Under(pressure *Pressure) {
	if !p.portable {
		p.pressure = pressure
		p.bed = newBed()
	}
}

// napMost is the longest nap. Go's timers end a longer sleep well enough; they wait in
// whole milliseconds when the program has nothing else to do.
const napMost = time.Millisecond

// Naps makes the owner of a portable Parker sleep in the kernel when [Parker.ParkFor]
// is for at most a millisecond, which it keeps more exactly.
//
// Caller: once, before Start.
func (p *Parker) Naps() { p.naps = p.portable && haveFutex() }

// Portable says whether the owner always sleeps in a channel.
//
// Caller: any.
func (p *Parker) Portable() bool { return p.portable }

// Park waits until there is a permit and takes it. What its giver wrote before
// [Parker.Unpark] is visible after Park, whether that call gave the permit or
// found it given already.
//
// A sleeping owner keeps its P until the Go runtime takes it away, which lasts
// 20 us to 10 ms. An owner that has made an ordinary goroutine runnable must
// yield before it parks, or that goroutine waits as long.
//
// Caller: owner.
func (p *Parker) Park() {
	if p.pressure != nil {
		p.given.Store(0) // an Unpark that comes too early must not date the sleep
	}
	word := p.word.Dec() // [park-permit] K1 take the permit, or announce the sleep
	if word == empty {
		return // takes effect at K1
	}
	if invariant.Enabled {
		invariant.Check(word == parked, "two goroutines in Park of one Parker: word %d", int32(word))
	}
	if p.portable || p.pressure != nil && p.pressure.High() {
		p.sleepInBed()
		return
	}
	for {
		futexWait(&p.word, parked) // [park-permit] K2 sleep if still parked
		// A compare-and-swap, not a store: it has to see the Unpark that it
		// answers, and a second one that came since, or what they published
		// would not be visible here.
		if p.word.CompareAndSwap(permit, empty) { // [park-permit] K3 takes effect here
			return
		}
		// Woken by nobody: a signal, or a wake meant for an earlier sleep.
	}
}

// ParkFor is Park for at most d, and reports false if the time was over first: then
// there was no permit to take. In the channel it waits by a Go timer.
//
// Caller: owner.
func (p *Parker) ParkFor(d time.Duration) (permitted bool) {
	if p.pressure != nil {
		p.given.Store(0)
	}
	word := p.word.Dec() // [park-permit] K1 as in Park
	if word == empty {
		return true
	}
	if p.portable && !(p.naps && d <= napMost) || p.pressure != nil && p.pressure.High() {
		return p.sleepInBedFor(d)
	}
	end := endOf(d)
	for over := d <= 0; !over; d = end.left() {
		over = futexWaitFor(&p.word, parked, d)   // [park-permit] K2
		if p.word.CompareAndSwap(permit, empty) { // [park-permit] K3
			return true
		}
	}
	if !p.word.CompareAndSwap(parked, empty) { // [park-permit] K6 takes effect here
		p.word.CompareAndSwap(permit, empty) // the permit came first; takes effect here
		return true
	}
	return false
}

// Mind tells the parker's pressure how late the owner came back from its last
// sleep in the kernel. To be called after Park if somebody waited for the owner:
// who is woken for nothing may come late.
//
// Caller: owner.
func (p *Parker) Mind() {
	if p.pressure == nil {
		return
	}
	if given := p.given.Swap(0); given != 0 {
		now := clock()
		p.pressure.note(now-given, now)
	}
}

// sleepInBed is Park in the channel, from parked.
//
// Caller: owner.
func (p *Parker) sleepInBed() {
	if !p.word.CompareAndSwap(parked, abed) { // [park-permit] K4 announce where
		p.word.CompareAndSwap(permit, empty) // the permit came first; takes effect here
		return
	}
	for {
		p.bed.receive()                           // [park-permit] K5 sleep until the message
		if p.word.CompareAndSwap(permit, empty) { // takes effect here
			return
		}
	}
}

// sleepInBedFor is ParkFor in the channel, from parked.
//
// Caller: owner.
func (p *Parker) sleepInBedFor(d time.Duration) (permitted bool) {
	if !p.word.CompareAndSwap(parked, abed) { // [park-permit] K4
		p.word.CompareAndSwap(permit, empty) // takes effect here
		return true
	}
	switch {
	case p.bed.receiveFor(d, &p.alarm): // [park-permit] K5
	case p.word.CompareAndSwap(abed, empty): // [park-permit] K6 takes effect here
		return false
	default:
		p.bed.receive() // [park-permit] K5 the permit came first, so the message comes
	}
	p.word.CompareAndSwap(permit, empty) // takes effect here
	return true
}

// TryPark takes the permit and reports true if there is one; it never waits.
//
// Caller: owner.
func (p *Parker) TryPark() bool {
	// The load keeps a poll of an empty Parker from writing to a line that
	// others read.
	return p.word.Load() == permit && p.word.CompareAndSwap(permit, empty)
}

// Unpark gives the permit and wakes the owner if it sleeps. It costs one atomic
// step when the owner is awake: a futex wake with nobody waiting would be a
// system call of 200 ns for nothing.
//
// Caller: any.
func (p *Parker) Unpark() {
	if p.pressure != nil && p.word.Load() == parked {
		p.given.Store(clock())
	}
	switch p.word.Swap(permit) { // [park-permit] U1 takes effect here
	case parked:
		futexWake(&p.word) // [park-permit] U2 end the sleep
	case abed:
		// Never waits: there is one message for each time that somebody else moves
		// word away from abed, and the owner takes it before it goes to bed again.
		p.bed.send() // [park-permit] U3 end the sleep
	}
}

// Proof [park-permit]: an owner in Park returns after an Unpark whose permit no
// earlier Park or TryPark took.
//
//	Park (owner)                         Unpark (any)
//	  K1  word.Dec()                       U1  word.Swap(permit)
//	  K2  sleep if word is still parked    U2  wake, if U1 saw parked
//	  K3  word.CAS(permit, empty)
//	  K4  word.CAS(parked, abed)           U3  send, if U1 saw abed
//	  K5  receive
//	  K6  word.CAS from parked or abed to
//	      empty: the time of ParkFor is over
//
// U1 before K1 in S: K1 moves from permit to empty and Park returns.
// K1 before U1: K1 left parked. Nobody but the owner moves the word down, so
// until K3 it is parked or permit, and the first U1 after K1 alone sees parked
// and goes on to U2. (elect)
//
// The kernel compares the word and enqueues the thread under the lock that U2
// takes too. So K2 before U2 sleeps and U2 ends it; K2 after U2 is after U1, sees
// permit and does not sleep. (cross) Either way K3 follows, finds permit, and
// Park returns. A sleep that ends without U1 finds parked at K3 and sleeps again.
// A late U2, after K3, can only end a later sleep, which then does the same.
//
// In the channel: K4 before U1, then U1 sees abed, and the message of U3 stays
// until K5 takes it. U1 before K4: K4 fails, and the owner takes the permit; U2,
// which wakes nobody then, is harmless as above. (elect)
//
// When the time is over: K6 before U1, then U1 finds empty and leaves the permit for
// the next Park. U1 before K6: K6 fails, and the owner takes the permit, and in the
// channel first the message; U2 is harmless as above. (elect)
//
// K1, K3, K4 and K5's swap read the word that U1 wrote, and every U1 reads the one before it,
// so all that the givers wrote before is visible. (publish)
//
// Checked by: TestStressPingPong, TestStressManyUnparkers, TestSpuriousWakes,
// TestSecondGiverIsVisible, TestLinearPermit, TestStressParkFor.

// noCopy makes go vet report copies of the struct that holds it.
type noCopy struct{}

// Lock is there for go vet only.
//
// Caller: any.
func (*noCopy) Lock() {}

// Unlock is there for go vet only.
//
// Caller: any.
func (*noCopy) Unlock() {}
