// SPDX-License-Identifier: Apache-2.0

package table

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
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

// cpuOf reads the CPU time of a process.
func cpuOf(pid int) (time.Duration, bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, false
	}
	// The name of the program, in parentheses, may hold anything.
	field := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	var user, system int64
	if _, err := fmt.Sscan(field[11]+" "+field[12], &user, &system); err != nil {
		return 0, false
	}
	return time.Duration(user+system) * time.Second / userHZ, true
}

// peakBytes returns the largest resident size of a child that has ended.
func peakBytes(p *os.ProcessState) int64 {
	if u, ok := p.SysUsage().(*syscall.Rusage); ok {
		return int64(u.Maxrss) * 1024
	}
	return 0
}

// startOn starts a child on n CPUs, the last ones that we may use; on all of them
// if n is 0. A process inherits the CPUs of the thread that starts it.
func startOn(cmd *exec.Cmd, n int) error {
	runtime.LockOSThread()
	var all unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil || n == 0 || n >= all.Count() {
		runtime.UnlockOSThread()
		return cmd.Start()
	}
	some := all
	for cpu := 0; some.Count() > n; cpu++ {
		some.Clear(cpu)
	}
	if err := unix.SchedSetaffinity(0, &some); err != nil {
		runtime.UnlockOSThread()
		return cmd.Start() // a sandbox may forbid it
	}
	err := cmd.Start()
	if unix.SchedSetaffinity(0, &all) == nil {
		runtime.UnlockOSThread()
	} // else the thread stays locked, and ends with the goroutine
	return err
}
