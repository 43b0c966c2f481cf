// SPDX-License-Identifier: Apache-2.0

package future

// FromChan returns a future of the next value of ch. It fails with [ErrClosed] if
// ch is closed.
//
// If there is no value at the first poll, an ordinary goroutine waits for it,
// until it has one or the future is dropped. A value that this goroutine has
// received when the future is dropped is lost; who cannot afford that gives each
// future a channel of its own.
//
// Caller: any.
func FromChan[T any](ch <-chan T) Future[T] { return &fromChan[T]{ch: ch} }

type fromChan[T any] struct {
	ch   <-chan T
	got  Future[T]     // what the goroutine receives; nil before it runs
	stop chan struct{} // closed to end the goroutine
	over bool
}

// Poll takes the next value if there is one, and starts the goroutine if not.
//
// Caller: owner.
func (f *fromChan[T]) Poll(cx *Context) Poll[T] {
	if f.over {
		ended("FromChan")
	}
	if f.got == nil {
		if cx.Budget() == 0 {
			// Before a value is taken out that could not be delivered.
			cx.Wake()
			return Poll[T]{}
		}
		select {
		case v, ok := <-f.ch:
			cx.Spend()
			*f = fromChan[T]{over: true}
			if !ok {
				return Fail[T](ErrClosed)
			}
			return Of(v)
		default:
		}
		promise := NewPromise[T]()
		f.got, f.stop = promise.Future(), make(chan struct{})
		go receiveInto(promise, f.ch, f.stop)
	}
	p := f.got.Poll(cx)
	if p.Ready {
		*f = fromChan[T]{over: true}
	}
	return p
}

// Drop ends the goroutine.
//
// Caller: owner.
func (f *fromChan[T]) Drop() {
	got, stop := f.got, f.stop
	*f = fromChan[T]{over: true}
	if got != nil {
		close(stop)
		Drop(got)
	}
}

// receiveInto settles promise with the next value of ch.
func receiveInto[T any](promise *Promise[T], ch <-chan T, stop <-chan struct{}) {
	select {
	case v, ok := <-ch:
		if ok {
			promise.Resolve(v)
		} else {
			promise.Reject(ErrClosed)
		}
	case <-stop:
	}
}

// ToChan returns a future that polls f, and a channel that gets f's result and is
// closed after it. The channel has room for the result: the future does not wait
// for a receiver. If the future is dropped, the channel is closed empty.
//
// The future is what makes f go on: hand it to an executor.
//
// Caller: any.
func ToChan[T any](f Future[T]) (Future[struct{}], <-chan Poll[T]) {
	refuseNil(f, "ToChan")
	ch := make(chan Poll[T], 1)
	return &toChan[T]{f, ch}, ch
}

type toChan[T any] struct {
	f  Future[T] // nil once it was ready or dropped
	ch chan Poll[T]
}

// Poll sends the result of f once there is one.
//
// Caller: owner.
func (t *toChan[T]) Poll(cx *Context) Poll[struct{}] {
	if t.f == nil {
		ended("ToChan")
	}
	p := t.f.Poll(cx)
	if !p.Ready {
		return Poll[struct{}]{}
	}
	t.f = nil
	t.ch <- p
	close(t.ch)
	return Of(struct{}{})
}

// Drop drops f and closes the channel.
//
// Caller: owner.
func (t *toChan[T]) Drop() {
	f := t.f
	t.f = nil
	if f != nil {
		close(t.ch)
		Drop(f)
	}
}
