// SPDX-License-Identifier: Apache-2.0

package future

import "errors"

// ErrClosed is what a future of [FromChan] fails with when its channel is closed.
var ErrClosed = errors.New("future: channel closed")

// ErrNoFutures is what [Race] of no futures fails with.
var ErrNoFutures = errors.New("future: race of no futures")

// ErrAbandoned is what the future of a promise fails with after [Promise.Abandon].
var ErrAbandoned = errors.New("future: promise abandoned unset")

// ErrEnd is how a stream says that there is no further value: [Unordered], [Ordered]
// and package stream.
var ErrEnd = errors.New("future: end of stream")
