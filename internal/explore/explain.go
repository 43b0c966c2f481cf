// SPDX-License-Identifier: Apache-2.0

package explore

// shrinkTries bounds how many schedules are tried to find one with fewer switches
// that fails too.
const shrinkTries = 2000

// explain replaces a failure by the same one with as few switches between threads
// as can be found, and adds its trace.
func explain(r *Result, opts Options, model func(*X)) {
	f := r.Failure
	if f.choices == nil || f.Kind == "not deterministic" || f.Kind == "stray goroutine" {
		f.Schedule = formatSchedule(f.choices)
		return
	}
	opts.onRun = nil
	best := f.choices
	try := func(choices []uint8, trace *tracer) *Failure {
		e := &engine{opts: opts, model: model, policy: &scripted{choices: choices}, trace: trace}
		e.explore()
		return e.failure
	}
	if got := try(best, nil); got == nil || got.Kind != f.Kind {
		f.Schedule = formatSchedule(best)
		f.Trace = "the failure does not come again in this schedule: the model is not deterministic"
		return
	}
	for tries, again := 0, true; again && tries < shrinkTries; {
		again = false
		for _, c := range simpler(stretches(best)) {
			if tries++; tries > shrinkTries {
				break
			}
			got := try(flatten(c), nil)
			if got != nil && got.Kind == f.Kind && len(stretches(got.choices)) < len(stretches(best)) {
				best, again = got.choices, true
				break
			}
		}
	}
	trace := &tracer{}
	if got := try(best, trace); got != nil {
		f.What = got.What
	}
	f.Schedule, f.Trace = formatSchedule(best), trace.String()
	f.Switches = len(stretches(best)) - 1
}

// simpler returns schedules with fewer switches: a stretch is joined to another
// one of its thread, before or after.
func simpler(s []stretch) (out [][]stretch) {
	for i := range s {
		for j := i + 1; j < len(s); j++ {
			if s[j].thread != s[i].thread {
				continue
			}
			earlier := append([]stretch{}, s[:i]...)
			earlier = append(earlier, stretch{s[i].thread, s[i].steps + s[j].steps})
			earlier = append(earlier, s[i+1:j]...)
			out = append(out, append(earlier, s[j+1:]...))
			later := append([]stretch{}, s[:i]...)
			later = append(later, s[i+1:j]...)
			later = append(later, stretch{s[i].thread, s[i].steps + s[j].steps})
			out = append(out, append(later, s[j+1:]...))
			break
		}
	}
	return out
}
