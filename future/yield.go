// SPDX-License-Identifier: Apache-2.0

package future

// YieldNow returns a future that is Pending once, after it has asked for another
// poll, and then ready: the other tasks of the executor get their turn.
//
// Caller: any.
func YieldNow() Future[struct{}] { return new(yield) }

// A yield is the step that its next poll takes.
type yield uint8

const (
	yieldFirst yield = iota
	yieldSecond
	yieldEnded
)

// Poll takes the next step.
//
// Caller: owner.
func (y *yield) Poll(cx *Context) Poll[struct{}] {
	switch *y {
	case yieldFirst:
		*y = yieldSecond
		cx.Wake()
		return Poll[struct{}]{}
	case yieldSecond:
		*y = yieldEnded
	default:
		ended("YieldNow")
	}
	return Of(struct{}{})
}

// Drop takes the last step.
//
// Caller: owner.
func (y *yield) Drop() { *y = yieldEnded }
