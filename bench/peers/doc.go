// SPDX-License-Identifier: Apache-2.0

// Package peers lets the goroutine pools that Go programmers use do the workloads
// of package bench, each as its own documentation recommends. It is a module of
// its own, so that users of pilfer never download them.
//
// pilfer and the standard library run beside them, so that every ratio comes from
// one run:
//
//	cd bench/peers
//	go run ./cmd/table -only submit-1,submit-8
//	go test -run '^$' -bench Workload/submit .
package peers
