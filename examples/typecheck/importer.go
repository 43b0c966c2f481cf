// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"go/types"
)

// An importer gives the type checker the packages that finished nodes left. It
// needs no lock: the edges of the graph put the check of an import before the
// check of its importers, and a finished package is never written again.
type importer struct {
	session *session
	pkg     *pkg // the package that is being checked
}

// Import returns the package that a file of i.pkg means by path.
func (i importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if to, ok := i.pkg.Renamed[path]; ok {
		path = to
	}
	at, ok := i.session.index[path]
	if !ok {
		return nil, errors.New("go list does not name it")
	}
	if why := i.session.in.Packages[at].Missing; why != "" {
		return nil, errors.New(why)
	}
	imported := i.session.units[at].types
	if imported == nil {
		return nil, fmt.Errorf("%s was not checked before %s", path, i.pkg.Path)
	}
	return imported, nil
}
