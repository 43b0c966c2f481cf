// SPDX-License-Identifier: Apache-2.0

// Mutate changes each step of a race that the comments tag (as in "[last-job] O1"), one
// at a time, and runs the explorations of its package: one of them has to fail. A step is
// left out, or comes after the next statement; a condition never holds, or looks in the
// other order; a compare-and-swap becomes a store. Nothing is written to the tree.
//
// A mutant that survives is an error, unless it is on the list of those that mean the
// same as the original, with the reason.
//
// All of them take hours. With -log a run that was ended goes on where it was.
//
//	go run ./internal/explore/mutate [-only text] [-log file] [-short] directory ...
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A mutant that runs for ever is caught too: it may take so many times as long as the
// original, and a minute.
const patience = 10

// took is how long each pass of the original took.
var took [len(passes)]time.Duration

var (
	only  = flag.String("only", "", "try only the mutants whose description contains this `text`")
	log   = flag.String("log", "", "append what is found to this `file`, and do not try again what it tells of")
	most  = flag.Duration("for", 0, "begin nothing new after this `time`; 0 is for ever")
	short = flag.Bool("short", false, "only the first schedules of each exploration, and some at random")
	tests = flag.String("run", "Explore", "only the explorations whose names match this `regexp`")
	list  = flag.Bool("list", false, "only say what the mutants are")
)

// failed finds the name of a test that failed.
var failed = regexp.MustCompile(`--- FAIL: (\w+)`)

// same are the mutants that mean the same as the original, by file, tag and change, with
// the reason.
var same = map[string]string{
	"waker/cell.go [cell-race] W2: never holds":                     "Take looks itself: this look saves the call",
	"waker/list.go [list-race] W2: never holds":                     "the list is empty then: this look saves the lock",
	"sched/blockon.go [drive-race] D2: looks in the other order":    "the other look is at who the caller is, which nobody changes",
	"sched/outside.go [quiet-race] O2: looks in the other order":    "the other look is at what is set once",
	"sched/close.go [cancel-race] X2: after the next step":          "the next is X3, which is for waits of another kind",
	"workers/join_wait.go [leap-race] J2: looks in the other order": "the other look is at what J2 does not need: who waits for Q2 is woken by it",
}

// place is the number of a line in what is said of a mutant.
var place = regexp.MustCompile(`:\d+ `)

func main() {
	flag.Parse()
	began, count := time.Now(), map[string]int{}
	known, err := told()
	if err != nil {
		fail(err)
	}
	for _, dir := range flag.Args() {
		mutants := mutantsIn(dir)
		if *list {
			for _, m := range mutants {
				fmt.Println(m.what)
			}
			continue
		}
		mutants = slices.DeleteFunc(mutants, func(m mutant) bool { return strings.Contains(known, " "+m.what+" (") })
		if len(mutants) == 0 {
			continue
		}
		for i := range took {
			took[i] = time.Hour
		}
		if verdict, by := try(dir, mutant{}); verdict != survives {
			fail(fmt.Errorf("the explorations of %s do not pass without a mutation: %s %s", dir, verdict, by))
		}
		for _, m := range mutants {
			if *most > 0 && time.Since(began) > *most {
				fail(errors.New("the time is over"))
			}
			start := time.Now()
			verdict, by := try(dir, m)
			if why := same[place.ReplaceAllString(m.what, " ")]; verdict == survives && why != "" {
				verdict, by = equal, why+","
			}
			count[verdict]++
			tell(fmt.Sprintf("%-8s %s (%s %.0f s)\n", verdict, m.what, by, time.Since(start).Seconds()))
		}
	}
	if *list {
		return
	}
	fmt.Printf("%d caught, %d survive, %d are the same as the original, %d do not build\n",
		count[caught], count[survives], count[equal], count[unbuilt])
	if count[survives] > 0 {
		os.Exit(1)
	}
}

// told returns what the log has.
func told() (string, error) {
	if *log == "" {
		return "", nil
	}
	text, err := os.ReadFile(*log)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return string(text), err
}

// tell prints a line, and adds it to the log.
func tell(line string) {
	fmt.Print(line)
	if *log == "" {
		return
	}
	f, err := os.OpenFile(*log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = f.WriteString(line)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "mutate:", err)
	os.Exit(1)
}

// mutantsIn returns the mutants of a directory that were asked for.
func mutantsIn(dir string) (out []mutant) {
	names, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		mutants, err := mutantsOf(name)
		if err != nil {
			fail(err)
		}
		for _, m := range mutants {
			if strings.Contains(m.what, *only) {
				out = append(out, m)
			}
		}
	}
	return out
}

// What becomes of a mutant.
const (
	caught   = "caught"
	survives = "SURVIVES"
	unbuilt  = "no build"
	equal    = "the same"
)

// passes are the explorations of a mutant, the shortest first: the first schedules of each
// model, some at random, all.
var passes = [...][]string{{"-test.short=true"}, {"-test.short=true", "PILFER_MODE=priorities"}, {"-test.short=false"}}

// try runs the explorations of the package with the mutant in place of its file. It also
// says which test has caught it.
func try(dir string, m mutant) (verdict, by string) {
	tmp, err := os.MkdirTemp("", "mutant")
	if err != nil {
		fail(err)
	}
	defer os.RemoveAll(tmp)
	file, overlay := filepath.Join(tmp, "mutant.go"), filepath.Join(tmp, "overlay.json")
	replace := map[string]string{}
	if m.file != "" {
		abs, err := filepath.Abs(m.file)
		if err != nil {
			fail(err)
		}
		replace[abs] = file
	}
	text, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err = errors.Join(err, os.WriteFile(file, m.text, 0o644), os.WriteFile(overlay, text, 0o644)); err != nil {
		fail(err)
	}
	program := filepath.Join(tmp, "explore.test")
	if exec.Command("go", "test", "-c", "-vet=off", "-o", program, "-overlay", overlay, "-tags", "explore,invariants", "./"+dir).Run() != nil {
		return unbuilt, ""
	}
	for i, pass := range passes {
		if *short && pass[0] == "-test.short=false" {
			break
		}
		start := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), patience*took[i]+time.Minute)
		defer cancel()
		run := exec.CommandContext(ctx, program, "-test.run", *tests, "-test.failfast", pass[0])
		run.Dir = dir
		run.Env = append(append(os.Environ(), "GOMAXPROCS=1"), pass[1:]...)
		var out bytes.Buffer
		run.Stdout, run.Stderr = &out, &out
		if run.Run() == nil {
			if m.file == "" {
				took[i] = time.Since(start)
			}
			continue
		}
		if ctx.Err() != nil {
			return caught, "by its time,"
		}
		if m := failed.FindSubmatch(out.Bytes()); m != nil {
			return caught, "by " + string(m[1]) + ","
		}
		return caught, "by a crash,"
	}
	return survives, ""
}
