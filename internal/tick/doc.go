// SPDX-License-Identifier: Apache-2.0

// Package tick tells roughly how long something took, for 8 ns where
// [time.Since] takes 25 (BenchmarkNow). It is for decisions whose outcome changes
// nothing but speed: whether a loop is long enough to be shared.
package tick
