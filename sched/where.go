// SPDX-License-Identifier: Apache-2.0

package sched

import "github.com/pilfer-go/pilfer/workers"

// Where tells what a Spawner stands for: the worker of the running job, or the
// runtime, whose worker is looked for, or waited for, by [Call]. It is for code
// that decides whether a Call is worth its price. The error is what Call would
// return: [ErrClosed] or [ErrNoWorker]. A few loads.
//
// Caller: as [Call].
func Where(at Spawner) (*workers.Worker, *Runtime, error) {
	switch from := at.Local().(type) {
	case *local:
		if from.w != nil {
			return from.w, from.rt, nil
		}
		return whereOutside(from.rt)
	case *Runtime:
		return whereOutside(from)
	default:
		panic(notASpawner(at))
	}
}

func whereOutside(rt *Runtime) (*workers.Worker, *Runtime, error) {
	if rt.pool == nil {
		return nil, rt, rt.whyNoPool()
	}
	if rt.closing.Load() && rt.pool.Current() == nil {
		return nil, rt, ErrClosed
	}
	return nil, rt, nil
}
