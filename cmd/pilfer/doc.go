// SPDX-License-Identifier: Apache-2.0

// Command pilfer runs graphs of commands, and tells how the runtime does on this
// machine.
//
//	pilfer run FILE   run the tasks of a YAML file, like a small make
//	pilfer doctor     measure the basic operations, locked and unlocked (5 s)
//	pilfer version    print versions
//	pilfer help       print the flags of run
//
// # Files of tasks
//
//	name: site
//	env: {LANG: C}
//	pools: {net: 2}              # bounds what tasks use at once
//	tasks:
//	  fetch:
//	    run: curl -sO https://example.org/data.csv
//	    outputs: data.csv
//	    uses: {net: 1}
//	    retry: 3                 # with growing pauses
//	    timeout: 30s
//	  report:
//	    after: fetch             # or a list
//	    run:                     # one command or several, each in a shell
//	      - ./report data.csv > report.html
//	    inputs: [report, "templates/**/*.html"]
//	    outputs: report.html
//	    dir: build               # where the commands run
//	  all:
//	    after: [report]
//
// Paths begin at the directory of the file: those of dir, inputs and outputs; the
// commands' own begin at dir. In a pattern * and ? stay within a name, and ** stands
// for any number of directories; a directory stands for all files in it.
//
// A task with inputs or outputs runs only if something has changed since it ran
// last: its commands, the content of its inputs and of the outputs of the tasks
// before it, or its own outputs. Others run always, and so does one with "always:
// true". What was built is noted in .pilfer beside the file. Mistakes in the file
// are reported with line and column before anything runs.
//
// The exit code is 0 when all is done, 1 when a task or the file is wrong, 2 for
// wrong arguments, and 130 after an interrupt, which ends the commands too.
//
// The figures of doctor are for a first look, and for bug reports; comparisons
// with other libraries are in the bench folder.
package main
