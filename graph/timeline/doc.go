// SPDX-License-Identifier: Apache-2.0

// Package timeline draws what workers did: as a picture with a lane for each
// worker, and as a trace for ui.perfetto.dev and about:tracing. Package graph makes
// one of a run; programs make them of whatever they measure, and put several runs
// side by side, on one time axis.
//
//	t := timeline.Timeline{Title: "build", Panels: []timeline.Panel{{
//		Title: "2 workers", Workers: 2, Wall: wall, Spans: spans,
//	}}}
//	err := t.WriteSVG(file)
//
// All types are plain values: one goroutine at a time may use them.
package timeline
