// SPDX-License-Identifier: Apache-2.0

// Package point is the seam through which every shared step of pilfer goes:
// the atomic words and the locks. In a normal build its types are aliases and
// cost nothing; under the explore tag they are instrumented twins, so that the
// production source itself is run under every interleaving.
//
// No other package of the module may import an atomic package, or use
// [sync.Mutex] in lock-free code; a test in internal/lint checks that.
package point
