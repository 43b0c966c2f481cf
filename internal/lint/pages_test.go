// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	pageLink    = regexp.MustCompile(`\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)|^\[[^\]]+\]:\s+(\S+)`)
	headingLine = regexp.MustCompile(`^#{1,6}\s+(.*?)\s*#*\s*$`)
	headingLink = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	notInAnchor = regexp.MustCompile(`[^\p{L}\p{N}\s_-]`)
	namedAnchor = regexp.MustCompile(`<a\s+(?:name|id)="([^"]+)"`)
	webAddress  = regexp.MustCompile(`^[a-z][a-z0-9+.-]*:`)
	codeSpan    = regexp.MustCompile("`[^`]*`")
)

// checkPages resolves the links of all Markdown files that stay in the tree.
func checkPages(tr *tree) (out []finding) {
	for _, page := range slices.Sorted(maps.Keys(tr.pages)) {
		for i, line := range prose(tr.pages[page]) {
			for _, m := range pageLink.FindAllStringSubmatch(codeSpan.ReplaceAllString(line, ""), -1) {
				ref := m[1] + m[2]
				if webAddress.MatchString(ref) || strings.HasPrefix(ref, "//") {
					continue
				}
				file, anchor, _ := strings.Cut(ref, "#")
				if plain, err := url.PathUnescape(file); err == nil {
					file = plain
				}
				target := path.Join(path.Dir(page), file)
				if strings.HasPrefix(file, "/") {
					target = path.Clean(strings.TrimPrefix(file, "/"))
				}
				if file == "" {
					target = page
				}
				out = append(out, tr.checkTarget(at(page, i+1, ""), ref, target, anchor)...)
			}
		}
	}
	return out
}

// prose returns the lines of a page with those in code fences left empty.
func prose(page string) []string {
	lines := strings.Split(page, "\n")
	fence := ""
	for i, line := range lines {
		mark := strings.TrimSpace(line)
		switch {
		case fence == "" && (strings.HasPrefix(mark, "```") || strings.HasPrefix(mark, "~~~")):
			fence = mark[:3]
			lines[i] = ""
		case fence != "":
			if strings.HasPrefix(mark, fence) {
				fence = ""
			}
			lines[i] = ""
		}
	}
	return lines
}

// headings returns the anchors of a page, as GitHub makes them.
func headings(page string) map[string]bool {
	anchors := map[string]bool{}
	for _, line := range prose(page) {
		for _, m := range namedAnchor.FindAllStringSubmatch(line, -1) {
			anchors[m[1]] = true
		}
		m := headingLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		text := headingLink.ReplaceAllString(m[1], "$1")
		anchor := strings.ReplaceAll(notInAnchor.ReplaceAllString(strings.ToLower(text), ""), " ", "-")
		unique := anchor
		for n := 1; anchors[unique]; n++ {
			unique = anchor + "-" + strconv.Itoa(n)
		}
		anchors[unique] = true
	}
	return anchors
}

func TestPageLinksFind(t *testing.T) {
	expect(t, checkPages, map[string]string{
		"README.md": "# Top\n[a](docs/a.md) [b](docs/a.md#two-words) [c](#top) [d](https://x.org/q.md) [e](deque)\n" +
			"[bad](docs/b.md)\n[bad](docs/a.md#three)\n[bad](#bottom)\n`[code](x.md)`\n```\n[code](y.md)\n```\n[ref]: docs/c.md\n",
		"docs/a.md":  "# `Two` words!\n[up](../README.md) [root](/deque/a.go) [bad](README.md)\n",
		"deque/a.go": "package deque\n",
	}, "README.md:3", "README.md:4", "README.md:5", "README.md:10", "docs/a.md:2")
}

func TestHeadings(t *testing.T) {
	page := "# A b\n## A b\n### 4.2 Memory order: four, `once`\n#not\n```\n# code\n```\n<a id=\"own\"></a>\n# [Link](x) & co #\n"
	require.Equal(t, map[string]bool{
		"a-b": true, "a-b-1": true, "42-memory-order-four-once": true, "own": true, "link--co": true,
	}, headings(page))
}
