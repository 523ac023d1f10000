#!/bin/sh
# README and the manual name every command, and the manual every option of --help and no other.
set -eu
: "${top_srcdir:=.}" "${top_builddir:=.}"
weir=$top_builddir/weir
manual=$top_srcdir/man/weir.1
result=0

complain() {
	echo "$*"
	result=1
}

commands=$("$weir" --help | sed -n 's/^  weir \([a-z]*\) .*/\1/p')
[ -n "$commands" ] || complain "weir --help names no command"
for command in $commands; do
	grep -q "^\.It Cm $command\( \|$\)" "$manual" || complain "weir.1 lacks weir $command"
	grep -q "^    weir $command " "$top_srcdir/README" || complain "README lacks weir $command"
done

said=$(for command in $commands; do "$weir" "$command" --help; done |
	grep '^  ' | grep -o -e '--[a-z][a-z-]*' | sort -u)
told=$(grep -o 'Fl \([a-zA-Z] , \)*-[a-z][a-z-]*' "$manual" | sed 's/.* -/--/' | sort -u)
for option in $said; do
	echo "$told" | grep -q -x -e "$option" || complain "weir.1 lacks $option"
done
for option in $told; do
	echo "$said" | grep -q -x -e "$option" || complain "weir.1 has $option, weir has not"
done
exit $result
