// SPDX-License-Identifier: Apache-2.0

package table

import (
	"fmt"
	"os"
	"syscall"
	"time"
)

// userHZ is the unit of /proc/stat on every Linux that Go runs on.
const userHZ = 100

// readLoad reads how much CPU time the machine has spent: user, nice, system,
// interrupts, and what the host took away.
func readLoad() load {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return load{}
	}
	var user, nice, system, idle, wait, irq, softirq, steal int64
	if _, err := fmt.Sscanf(string(text), "cpu %d %d %d %d %d %d %d %d", &user, &nice, &system, &idle, &wait, &irq, &softirq, &steal); err != nil {
		return load{}
	}
	return load{time.Now(), time.Duration(user+nice+system+irq+softirq+steal) * time.Second / userHZ}
}

// peakBytes returns the largest resident size of a child that has ended.
func peakBytes(p *os.ProcessState) int64 {
	if u, ok := p.SysUsage().(*syscall.Rusage); ok {
		return int64(u.Maxrss) * 1024
	}
	return 0
}
