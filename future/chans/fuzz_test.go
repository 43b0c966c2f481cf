// SPDX-License-Identifier: Apache-2.0

package chans_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future/chans"
)

// A twin is a bounded channel that is obviously right.
type twin struct {
	capacity, reserved int
	messages           []int
	closed             bool
}

func (c *twin) room() error {
	switch {
	case c.closed:
		return chans.ErrClosed
	case len(c.messages)+c.reserved == c.capacity:
		return chans.ErrFull
	}
	return nil
}

func (c *twin) send(v int) error {
	if err := c.room(); err != nil {
		return err
	}
	c.messages = append(c.messages, v)
	return nil
}

func (c *twin) recv() (int, error) {
	switch {
	case len(c.messages) > 0:
		v := c.messages[0]
		c.messages = c.messages[1:]
		return v, nil
	case c.closed && c.reserved == 0:
		return 0, chans.ErrClosed
	}
	return 0, chans.ErrEmpty
}

// The first byte says which channel: how many receivers, the capacity, and where
// its positions begin. The others are calls.
func FuzzChanAgainstTwin(f *testing.F) {
	for _, script := range []string{"a", "assrrr", "csssssrsrsrrrr", "\x08sssspspsprrdrrc", "\x2bsssrsrppsddrrrcrr", "\x51ssssrrrrssssrrrr"} {
		f.Add([]byte(script))
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) == 0 {
			return
		}
		shape := int(script[0])
		make := []func(int) *chans.Chan[int]{chans.MPSC[int], chans.MPMC[int]}[shape%2]
		slow := &twin{capacity: 1 + shape/2%9}
		fast := make(slow.capacity)
		fast.StartAt([]uint64{0, math.MaxUint32 - 3, 1<<40 - 3}[shape/18%3])
		var permits []*chans.Permit[int]
		for step, op := range script[1:] {
			switch op % 8 {
			case 0, 1, 2:
				require.Equal(t, slow.send(step), fast.TrySend(step), "send, step %d of %q", step, script)
			case 3, 4:
				want, wantErr := slow.recv()
				got, err := fast.TryRecv()
				require.Equal(t, wantErr, err, "receive, step %d of %q", step, script)
				require.Equal(t, want, got, "receive, step %d of %q", step, script)
			case 5:
				want := slow.room()
				p, err := fast.TryReserve()
				require.Equal(t, want, err, "reserve, step %d of %q", step, script)
				if err == nil {
					slow.reserved++
					permits = append(permits, p)
				}
			case 6:
				if n := len(permits); n > 0 {
					permits[n-1].Send(step)
					permits = permits[:n-1]
					slow.reserved--
					slow.messages = append(slow.messages, step)
				}
			case 7:
				switch n := len(permits); {
				case op/8%8 == 0:
					require.Equal(t, !slow.closed, fast.Close())
					slow.closed = true
				case n > 0:
					permits[n-1].Drop()
					permits = permits[:n-1]
					slow.reserved--
				}
			}
			require.Equal(t, len(slow.messages), fast.Len(), "step %d of %q", step, script)
			require.Equal(t, slow.closed, fast.IsClosed())
		}
	})
}
