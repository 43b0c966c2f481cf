// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// A palette gives each group of packages a colour of its own, and the small ones
// one together.
type palette struct {
	groups []string // largest first
	colour map[string]string
}

const (
	otherGroup  = "other"
	otherColour = "#b0b0b0"
)

// colours can be told apart by people who see red and green alike, and carry
// black text.
var colours = []string{"#e69f00", "#56b4e9", "#2fb58c", "#f0e442", "#7a9be0", "#e8743b", "#d68fb5"}

// newPalette gives the colours to the groups that took longest.
func newPalette(p *plan, spans []span) *palette {
	took := make(map[string]time.Duration)
	for i, s := range spans {
		took[groupOf(p.packages[p.nodes[i].pkg].Path)] += s.End - s.Start
	}
	var groups []string
	for g := range took {
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b string) int {
		return cmp.Or(cmp.Compare(took[b], took[a]), cmp.Compare(a, b))
	})
	pal := &palette{colour: make(map[string]string)}
	for i, g := range groups {
		if i == len(colours) {
			pal.groups = append(pal.groups, otherGroup)
			break
		}
		pal.groups = append(pal.groups, g)
		pal.colour[g] = colours[i]
	}
	return pal
}

// of returns the colour of a package or of a group.
func (p *palette) of(path string) string {
	if c, ok := p.colour[groupOf(path)]; ok {
		return c
	}
	return otherColour
}

// groupOf returns what packages of one colour have in common: the first element
// of the path, or of those with a host name the repository.
func groupOf(path string) string {
	elems := strings.Split(path, "/")
	if strings.Contains(elems[0], ".") {
		return strings.Join(elems[:min(3, len(elems))], "/")
	}
	return elems[0]
}
