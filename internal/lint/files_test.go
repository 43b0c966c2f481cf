// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	maxLines = 400
	license  = "// SPDX-License-Identifier: Apache-2.0"
)

func checkParses(tr *tree) (out []finding) {
	for _, f := range tr.files {
		if f.err != nil {
			out = append(out, at(f.path, 1, "does not parse, so no rule can be trusted here: %v", f.err))
		}
	}
	return out
}

func checkLines(tr *tree) (out []finding) {
	for _, f := range tr.files {
		if f.lines >= maxLines {
			out = append(out, at(f.path, f.lines, "%d lines, and a file has less than %d: split it by decision, one idea a file", f.lines, maxLines))
		}
	}
	return out
}

func checkLicense(tr *tree) (out []finding) {
	for _, f := range tr.files {
		if first, _, _ := strings.Cut(f.text, "\n"); first != license {
			out = append(out, at(f.path, 1, "the first line must be %q", license))
		}
	}
	return out
}

func TestTreeParses(t *testing.T)         { enforce(t, checkParses) }
func TestFilesUnder400Lines(t *testing.T) { enforce(t, checkLines) }
func TestSPDX(t *testing.T)               { enforce(t, checkLicense) }

func TestTreeParsesFinds(t *testing.T) {
	expect(t, checkParses, map[string]string{
		"a/good.go": "package a\n",
		"a/bad.go":  "package a\nfunc {\n",
	}, "a/bad.go:1")
}

func TestFilesUnder400LinesFinds(t *testing.T) {
	expect(t, checkLines, map[string]string{
		"a/short.go":     "package a\n" + strings.Repeat("\n", maxLines-2),
		"a/long.go":      "package a\n" + strings.Repeat("\n", maxLines-1),
		"a/long_test.go": "package a\n" + strings.Repeat("\n", maxLines),
	}, "a/long.go:400", "a/long_test.go:401")
}

func TestSPDXFinds(t *testing.T) {
	expect(t, checkLicense, map[string]string{
		"a/good.go":  license + "\n\npackage a\n",
		"a/none.go":  "package a\n",
		"a/later.go": "\n" + license + "\n\npackage a\n",
	}, "a/none.go:1", "a/later.go:1")
}

func TestBaseName(t *testing.T) {
	require.Equal(t, "rand", baseName("math/rand/v2"))
	require.Equal(t, "park", baseName(module+"/internal/park"))
	require.Equal(t, "v", baseName("v"))
}
