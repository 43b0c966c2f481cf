// SPDX-License-Identifier: Apache-2.0

package park

import "testing"

// A slowPermit is what a Parker must agree with while nobody sleeps.
type slowPermit bool

func (s *slowPermit) unpark() { *s = true }

func (s *slowPermit) tryPark() bool {
	had := *s
	*s = false
	return bool(had)
}

// Bytes are operations: u gives, t tries, p parks (only if that returns at once).
func FuzzAgainstTwin(f *testing.F) {
	f.Add([]byte("tutt"))
	f.Add([]byte("uuptupt"))
	f.Add([]byte("uptpuuuttp"))
	f.Fuzz(func(t *testing.T, script []byte) {
		for _, p := range []*Parker{New(), NewPortable()} {
			var slow slowPermit
			for step, op := range script {
				switch {
				case op == 'u':
					p.Unpark()
					slow.unpark()
				case op == 'p' && bool(slow):
					p.Park()
					slow.tryPark()
				default:
					if got, want := p.TryPark(), slow.tryPark(); got != want {
						t.Fatalf("step %d (%c) of %q: got %v, want %v", step, op, script, got, want)
					}
				}
			}
		}
	})
}
