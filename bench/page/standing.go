// SPDX-License-Identifier: Apache-2.0

package page

import (
	"fmt"
	"strings"

	"github.com/pilfer-go/pilfer/bench"
	"github.com/pilfer-go/pilfer/bench/table"
)

// writeStanding says who is ahead, and by how much; and if it is not us, why.
func (r *row) writeStanding(p *strings.Builder) {
	mine, ok := r.bestOf(ours)
	if !ok {
		fmt.Fprintf(p, "pilfer: %s.\n\n", r.noteOf("pilfer"))
		return
	}
	alone := true
	for _, k := range []kind{goPeer, nativePeer} {
		peer, there := r.bestOf(k)
		if !there || r.median(peer) == 0 || r.median(mine) == 0 {
			continue
		}
		alone = false
		if v := r.median(mine) / r.median(peer); v > 1 {
			fmt.Fprintf(p, "%s is ahead of %s: %s takes %s times as much. ", peer.Runtime, mine.Runtime, mine.Runtime, digits(v))
			r.writeSerial(p, mine, peer)
			r.writeReason(p, mine, peer)
		} else {
			fmt.Fprintf(p, "%s takes %s of what %s takes, the best of the %s. ", mine.Runtime, digits(v), peer.Runtime, k)
		}
	}
	if e, slower := r.slowDefault(mine); slower {
		fmt.Fprintf(p, "pilfer, with threads of its own as by default, takes %s times as much as %s. ", digits(r.median(e)/r.median(mine)), mine.Runtime)
	}
	if alone {
		p.WriteString("No peer was measured here. ")
	}
	for _, e := range r.lighter(mine) {
		fmt.Fprintf(p, "%s takes %s of that with %s. ", e.Runtime, digits(r.median(e)/r.median(mine)), e.Note)
	}
	p.WriteString("\n\n")
}

// writeReason says why a peer is ahead, as far as it is known.
func (r *row) writeReason(p *strings.Builder, mine, peer table.Entry) {
	overlap := r.spread() && mine.Min <= peer.Max
	if overlap {
		p.WriteString("But their runs overlap. ")
	}
	why, known := bench.Behind(r.name, isNative(peer.Runtime))
	if !known {
		if !overlap {
			p.WriteString("Why was not looked into. ")
		}
		return
	}
	fmt.Fprintf(p, "%s See [%s](docs/decisions/%s.md). ", why.Why, why.Decision[:4], why.Decision)
}

// writeSerial says what both lose against the serial code of their own language,
// which tells the runtime from the compiler.
func (r *row) writeSerial(p *strings.Builder, mine, peer table.Entry) {
	own, ok := r.serialOf(mine)
	theirs, there := r.serialOf(peer)
	if !ok || !there || own.Runtime == theirs.Runtime {
		return
	}
	fmt.Fprintf(p, "Against the serial code of its own language %s takes %s times as much, %s %s times. ",
		mine.Runtime, digits(r.median(mine)/r.median(own)), peer.Runtime, digits(r.median(peer)/r.median(theirs)))
}

// serialOf returns the serial code in the language of an entry's runtime, with as
// many copies at once, or one.
func (r *row) serialOf(e table.Entry) (table.Entry, bool) {
	name := "serial"
	switch e.Runtime {
	case "rayon", "tokio":
		name = "serial-rust"
	case "onetbb", "taskflow":
		name = "serial-cpp"
	}
	if same, ok := r.find(name, e.Workers); ok {
		return same, true
	}
	return r.find(name, 1)
}
