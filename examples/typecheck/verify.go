// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
)

// verify is the self-check: every run has checked exactly the packages that go
// list names, and has found exactly the errors of the first serial run. listed is
// sorted.
func (c *comparison) verify(listed []string) error {
	if len(c.runs[bySerial]) == 0 {
		return fmt.Errorf("there is no serial run to compare with")
	}
	want := c.runs[bySerial][0].Found
	for _, variant := range variants {
		for i, o := range c.runs[variant] {
			if what := difference(o.Found.Packages, listed); what != "" {
				return fmt.Errorf("run %d of %s and go list differ in a package: %s", i+1, variant, what)
			}
			if what := difference(o.Found.Errors, want.Errors); what != "" {
				return fmt.Errorf("run %d of %s and the serial run differ in an error: %s", i+1, variant, what)
			}
			if o.Found.Lines != want.Lines {
				return fmt.Errorf("run %d of %s read %d lines, the serial run %d", i+1, variant, o.Found.Lines, want.Lines)
			}
		}
	}
	return nil
}

// difference returns the first difference between two sorted lists, in words, or
// "".
func difference(got, want []string) string {
	for i := range max(len(got), len(want)) {
		switch {
		case i == len(got), i < len(want) && want[i] < got[i]:
			return fmt.Sprintf("%q is missing (%d instead of %d)", want[i], len(got), len(want))
		case i == len(want), got[i] < want[i]:
			return fmt.Sprintf("%q is too much (%d instead of %d)", got[i], len(got), len(want))
		}
	}
	return ""
}

// shown returns up to n of the errors, and how many are left out.
func shown(errs []string, n int) ([]string, int) {
	n = min(n, len(errs))
	return slices.Clone(errs[:n]), len(errs) - n
}
