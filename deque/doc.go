// SPDX-License-Identifier: Apache-2.0

// Package deque holds the three places where jobs lie in a work-stealing runtime.
package deque
