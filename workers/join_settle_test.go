// SPDX-License-Identifier: Apache-2.0

package workers

import "testing"

func TestSettleJoinsWhatAPanicLeft(t *testing.T) {
	p := newPool(t, 2)
	ran := 0
	in(p, func(w *Worker) struct{} {
		n := w.Forks()
		func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
				w.Settle(n)
				if ran != 1 || w.Forks() != n {
					t.Errorf("the other half ran %d times, %d forks are left", ran, w.Forks()-n)
				}
			}()
			Join(w, func(*Worker, int) int { panic("no") }, 0, func(*Worker, int) int { ran++; return 0 }, 0)
		}()
		w.Settle(n) // nothing to do
		return struct{}{}
	})
	if ran != 1 {
		t.Errorf("the other half ran %d times", ran)
	}
}
