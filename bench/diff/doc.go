// SPDX-License-Identifier: Apache-2.0

// Package diff measures this tree against another revision of it, and says what
// got slower beyond noise. It builds the benchmarks of package bench from both,
// lets the two programs take turns, so that a machine whose speed drifts slows
// both, and leaves the statistics to benchstat.
package diff
