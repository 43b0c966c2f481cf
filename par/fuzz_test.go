// SPDX-License-Identifier: Apache-2.0

package par

import (
	"slices"
	"testing"

	"github.com/pilfer-go/pilfer/sched"
)

func FuzzAgainstTheLoop(f *testing.F) {
	rt, err := sched.New(sched.Workers(3), sched.LockThreads(false))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { rt.Close() })
	f.Add([]byte("pilfer"), byte(1))
	f.Add([]byte{}, byte(0))
	f.Add(make([]byte, 3000), byte(9))
	f.Fuzz(func(t *testing.T, s []byte, grain byte) {
		opt := Grain(int(grain))
		sum := 0
		first := slices.Index(s, grain)
		var kept []byte
		for _, v := range s {
			sum += int(v)
			if v > grain {
				kept = append(kept, v)
			}
		}
		runs := make([]int, 0, len(s))
		total := 0
		for _, v := range s {
			total += int(v)
			runs = append(runs, total)
		}
		ints := Map(rt, s, func(v byte) int { return int(v) }, opt)
		if got := Sum(rt, ints, opt); got != sum {
			t.Errorf("Sum: %d, want %d", got, sum)
		}
		if got := Find(rt, s, func(v byte) bool { return v == grain }, opt); got != first {
			t.Errorf("Find: %d, want %d", got, first)
		}
		if got := Filter(rt, s, func(v byte) bool { return v > grain }, opt); !slices.Equal(got, kept) {
			t.Errorf("Filter: %v, want %v", got, kept)
		}
		if got := Scan(rt, ints, func(a, b int) int { return a + b }, opt); !slices.Equal(got, runs) {
			t.Errorf("Scan: %v, want %v", got, runs)
		}
	})
}
