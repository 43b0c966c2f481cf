// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"fmt"
	"strconv"
	"strings"
)

// formatSchedule writes who takes each step, as in "0*12.1*3.0": the first twelve
// steps are those of thread 0.
func formatSchedule(choices []uint8) string {
	var b strings.Builder
	for i := 0; i < len(choices); {
		n := 1
		for i+n < len(choices) && choices[i+n] == choices[i] {
			n++
		}
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(strconv.Itoa(int(choices[i])))
		if n > 1 {
			b.WriteByte('*')
			b.WriteString(strconv.Itoa(n))
		}
		i += n
	}
	return b.String()
}

// parseSchedule reads what formatSchedule wrote.
func parseSchedule(text string) ([]uint8, error) {
	var choices []uint8
	for _, part := range strings.Split(text, ".") {
		thread, times, many := strings.Cut(part, "*")
		t, err := strconv.ParseUint(thread, 10, 8)
		n := 1
		if err == nil && many {
			n, err = strconv.Atoi(times)
		}
		if err != nil || t >= maxThreads || n < 1 || n > 1<<20 {
			return nil, fmt.Errorf("explore: schedule %q: cannot read %q", text, part)
		}
		for range n {
			choices = append(choices, uint8(t))
		}
	}
	return choices, nil
}

// A stretch is what one thread does until another one takes over.
type stretch struct {
	thread uint8
	steps  int
}

func stretches(choices []uint8) (out []stretch) {
	for _, c := range choices {
		if n := len(out); n > 0 && out[n-1].thread == c {
			out[n-1].steps++
		} else {
			out = append(out, stretch{c, 1})
		}
	}
	return out
}

func flatten(s []stretch) (out []uint8) {
	for _, p := range s {
		for range p.steps {
			out = append(out, p.thread)
		}
	}
	return out
}
