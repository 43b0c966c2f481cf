// SPDX-License-Identifier: Apache-2.0

// Package page turns the JSON file of a comparison into BENCHMARKS.md and its
// charts. Every figure on the page comes from the file, and the words beside a
// workload from package bench, so that the page can be made again from a new run
// by one command and never says more than was measured. A test holds the committed
// page to what the committed file gives.
package page
