// SPDX-License-Identifier: Apache-2.0

// Package future holds values that come later, as state machines that are polled.
package future
