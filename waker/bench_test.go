// SPDX-License-Identifier: Apache-2.0

package waker

import "testing"

// BenchmarkOps is the price of each step, uncontended.
func BenchmarkOps(b *testing.B) {
	var (
		flag  Flag
		p     = new(plain)
		w     = New(p)
		cx    = NewContext(w)
		cell  Cell
		full  Cell
		list  List
		entry Entry
	)
	full.Register(cx)
	for _, op := range []struct {
		name string
		run  func()
	}{
		{"Context.Reset", func() { cx.Reset(w, p, -1) }},
		{"Context.Waker", func() { _ = cx.Waker() }},
		{"Context.Spend", func() { cx.Spend() }},
		{"Context.Wake", func() { cx.Wake() }},
		{"Waker.WakeByRef", func() { w.WakeByRef() }},
		{"Flag wake and take", func() { flag.Waker().WakeByRef(); flag.Take() }},
		{"Cell.Wake nobody", func() { cell.Wake() }},
		{"Cell.Register again", func() { full.Register(cx) }},
		{"Cell.Register and Wake", func() { cell.Register(cx); cell.Wake() }},
		{"List.WakeOne nobody", func() { list.WakeOne() }},
		{"List.Register and WakeOne", func() { list.Register(cx, &entry); list.WakeOne() }},
	} {
		b.Run(op.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				op.run()
			}
		})
	}
}
