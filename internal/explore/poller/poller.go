// SPDX-License-Identifier: Apache-2.0

package poller

import (
	"github.com/pilfer-go/pilfer/internal/explore"
	"github.com/pilfer-go/pilfer/waker"
)

// A Poller is a target of wakers that stands for one thread of a model.
type Poller struct {
	// permit says that there was a wake since the last look.
	// Writers: any, to 1; who polls, to 0.
	permit explore.Uint32
}

// New returns a Poller for the calling thread.
func New() *Poller { return new(Poller) }

// WakeBy lets the thread poll again.
//
// Caller: any thread of the model.
func (p *Poller) WakeBy(waker.Local) {
	p.permit.Store(1)
	explore.FutexWake(&p.permit)
}

// Sleep waits for a wake.
//
// Caller: owner.
func (p *Poller) Sleep() {
	for p.permit.Swap(0) == 0 {
		explore.FutexWait(&p.permit, 0)
	}
}

// Until polls until ready says so, once for each wake. A poll that asks for another one
// at once has it as soon as another thread has changed something: until then it would
// end the same.
//
// Caller: owner.
func (p *Poller) Until(ready func(cx *waker.Context) bool) {
	cx := p.Context()
	for !ready(cx) {
		if cx.Again() {
			explore.Spin()
		} else {
			p.Sleep()
		}
		cx.Reset(waker.New(p), nil, -1)
	}
}

// Context returns a context for one poll.
//
// Caller: owner.
func (p *Poller) Context() *waker.Context {
	cx := waker.NewContext(waker.New(p))
	cx.DeferWakes()
	return cx
}
