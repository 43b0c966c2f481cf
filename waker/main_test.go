// SPDX-License-Identifier: Apache-2.0

package waker

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/internal/testkit"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(testkit.Settled(m))
}

// A bell is a target that a goroutine can wait for.
type bell chan struct{}

func newBell() bell { return make(bell, 1) }

func (b bell) WakeBy(Local) {
	select {
	case b <- struct{}{}:
	default:
	}
}

// A counted target counts what is done with its wakers. It is not safe for
// concurrent use.
type counted struct {
	wakes         int
	from          Local
	clones, drops int
}

func (c *counted) WakeBy(from Local) { c.wakes++; c.from = from }

func (c *counted) CloneTarget() Target { c.clones++; return c }

func (c *counted) DropTarget() { c.drops++ }

// A plain target counts wakes and does not count wakers.
type plain struct {
	wakes int
	from  Local
}

func (p *plain) WakeBy(from Local) { p.wakes++; p.from = from }
