// SPDX-License-Identifier: Apache-2.0

// Package lint holds the rules of this module as tests: who may import whom, how
// long a file may be, what a comment on shared state must say. A rule that is not
// run is a wish.
//
// There is no code to import here. Each rule is a function from the source tree
// to a list of findings; one test runs it on the real tree, and another on a small
// planted violation, so that a rule that has stopped to find anything is noticed.
//
//	go test ./internal/lint
//
// To mend a finding, follow its text. To change a rule, change it in the commit
// that argues for the change.
package lint
