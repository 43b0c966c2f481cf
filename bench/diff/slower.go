// SPDX-License-Identifier: Apache-2.0

package diff

import (
	"encoding/csv"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// least is the smallest change in percent that is told: alignment of code alone
// moves fine rows that far.
const least = 3

// leastCount is the smallest change of bytes or allocations for each unit. Below
// it are those of the measurement itself.
const leastCount = 0.01

// kept are the figures that are compared.
var kept = map[string]string{"ns": "ns/op", "B": "B/op", "allocs": "allocs/op", "p50-ns": "p50-ns", "p99-ns": "p99-ns", "beyond-bytes": "kept-B"}

var unit = regexp.MustCompile(`^([^/]+)/`)

// perOp keeps some figures, and names their units as Go's own benchmarks do: with
// a unit for each workload, benchstat would print a table for each row.
func perOp(text string) string {
	var all strings.Builder
	for line := range strings.Lines(text) {
		field := strings.Fields(line)
		if len(field) < 2 || !strings.HasPrefix(line, "Benchmark") {
			continue
		}
		name := strings.NewReplacer("BenchmarkWorkload/name=", "BenchmarkOf/", "runtime=", "", "workers=", "").Replace(field[0])
		fmt.Fprintf(&all, "%s %s", name, field[1])
		for i := 2; i+1 < len(field); i += 2 {
			if m := unit.FindStringSubmatch(field[i+1]); m != nil && kept[m[1]] != "" && field[i+1] != "ns/op" {
				fmt.Fprintf(&all, " %s %s", field[i], kept[m[1]])
			}
		}
		all.WriteString("\n")
	}
	return all.String()
}

// slower reads benchstat's table, and returns what is worse beyond noise.
func slower(table string) (worse []string, err error) {
	metric := ""
	for block := range strings.SplitSeq(table, "\n\n") {
		lines := csv.NewReader(strings.NewReader(block))
		lines.FieldsPerRecord = -1
		all, err := lines.ReadAll()
		if err != nil {
			return nil, fmt.Errorf("diff: benchstat's table: %w", err)
		}
		for _, field := range all {
			if len(field) < 7 {
				continue
			}
			if field[0] == "" {
				metric = field[1]
				continue
			}
			before, _ := strconv.ParseFloat(field[1], 64) // a figure that is none is 0
			after, _ := strconv.ParseFloat(field[3], 64)
			if strings.HasSuffix(metric, "/op") && metric != "sec/op" && after-before < leastCount {
				continue
			}
			change, err := strconv.ParseFloat(strings.Trim(field[5], "+%"), 64)
			if err != nil || field[0] == "geomean" || !strings.HasPrefix(field[5], "+") || change < least {
				continue // ~ is noise
			}
			worse = append(worse, fmt.Sprintf("%s: %s %s (%s)", strings.TrimPrefix(field[0], "Of/"), metric, field[5], field[6]))
		}
	}
	return worse, nil
}
