// SPDX-License-Identifier: Apache-2.0

package bench_test

import (
	"testing"

	"github.com/pilfer-go/pilfer/bench"
	"github.com/pilfer-go/pilfer/bench/benchtest"
)

func TestWorkloads(t *testing.T) { benchtest.Workloads(t, bench.Runtimes()) }

func TestStressWorkloads(t *testing.T) { benchtest.Stress(t, bench.Runtimes()) }

func BenchmarkWorkload(b *testing.B) { benchtest.Benchmark(b, bench.Runtimes()) }
