// SPDX-License-Identifier: Apache-2.0

// Package par holds parallel algorithms over slices and ranges.
package par
