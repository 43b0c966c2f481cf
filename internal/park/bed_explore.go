// SPDX-License-Identifier: Apache-2.0

//go:build explore

package park

import "github.com/pilfer-go/pilfer/internal/explore"

// A bed is where an owner sleeps that does not sleep in a futex.
type bed = *twin

type twin struct{ explore.Bed }

func newBed() bed {
	b := new(twin)
	b.Init()
	return b
}

func (b *twin) send()    { b.Send() }
func (b *twin) receive() { b.Receive() }
