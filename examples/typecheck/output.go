// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
)

// An output is a file that is to be written at the end of a program that takes a
// while. It is opened at the begin, so that a wrong name is known then, and takes
// its name at the end, so that a run that fails leaves an older file as it was.
type output struct {
	name string
	file *os.File
	temp bool // file has another name until it is complete
}

func openOutput(name string) (*output, error) {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		f, err := os.OpenFile(name, os.O_WRONLY, 0) // a terminal, a pipe
		if err != nil {
			return nil, inputError{err}
		}
		return &output{name: name, file: f}, nil
	} else if err == nil && info.IsDir() {
		return nil, badInput("%s is a directory", name)
	} else if err == nil {
		f, err := os.OpenFile(name, os.O_WRONLY, 0) // may we?
		if err != nil {
			return nil, inputError{err}
		}
		f.Close()
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return nil, badInput("cannot write %s: %w", name, err)
	}
	return &output{name: name, file: f, temp: true}, nil
}

// write writes the file with f and gives it its name.
func (o *output) write(f func(io.Writer) error) error {
	buf := bufio.NewWriter(o.file)
	err := f(buf)
	if flushErr := buf.Flush(); err == nil {
		err = flushErr
	}
	if closeErr := o.file.Close(); err == nil {
		err = closeErr
	}
	if err == nil && o.temp {
		if err = os.Chmod(o.file.Name(), 0o644); err == nil {
			err = os.Rename(o.file.Name(), o.name)
		}
	}
	return err
}

// discard removes what write did not finish. After a write it does nothing: the
// temporary name is gone.
func (o *output) discard() {
	o.file.Close()
	if o.temp {
		os.Remove(o.file.Name())
	}
}
