#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Checks the models of this directory with spin: every line "run:" of a model must hold, and
# every line "fails:", which takes a step out or changes places, must not. With LONG=1 so
# must the lines "long:", which need minutes and gigabytes. Arguments are models.
set -euo pipefail
cd "$(dirname "$0")"
for tool in spin "${CC:=cc}"; do
	if ! command -v "$tool" >/dev/null; then
		echo "models: no $tool here. On Debian and Ubuntu: apt-get install spin gcc; else https://spinroot.com" >&2
		exit 1
	fi
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# check MODEL FLAGS... prints the verdict: holds, or fails, with the number of states.
check() {
	local model=$PWD/$1
	shift
	(
		cd "$work"
		rm -f pan* ./*.trail
		spin "$@" -a "$model" >spin.log || { cat spin.log >&2; exit 2; }
		"$CC" -O2 -w -DSAFETY -DCOLLAPSE -DMEMLIM=6000 -o pan pan.c
		./pan -m200000 -w22 -n >pan.log || true
		if grep -q 'max search depth too small\|Search not completed$' pan.log && ! grep -q 'errors: [1-9]' pan.log; then
			cat pan.log >&2
			exit 2
		fi
		states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' pan.log)
		if grep -q 'errors: 0' pan.log; then echo "holds, $states states"; else
			echo "fails, $(sed -n 's/^pan:1: \(.*\) (at depth.*/\1/p' pan.log | head -1)"; fi
	)
}

bad=0
for model in ${*:-*.pml}; do
	while read -r want flags; do
		# shellcheck disable=SC2086 # flags are words
		got=$(check "$model" $flags)
		printf '%-11s %-6s %-48s %s\n' "$model" "${want%:}" "$flags" "$got"
		case $want$got in run:holds* | long:holds* | fails:fails*) ;; *) bad=1 ;; esac
	done < <(sed -n 's/^ \* \(run:\|fails:\|'"${LONG:+long:}"'\) /\1 /p' "$model" | grep ':')
done
if [ $bad != 0 ]; then echo "models: not as it should be" >&2; fi
exit $bad
