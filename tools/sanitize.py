#!/usr/bin/env python3
"""sanitize.py HOUSE TESTS-ARGUMENTS: the tests, built by gcc to notice what C lets pass.

Addresses out of bounds, memory used after its end or never freed, undefined behaviour. Zig's
compiler has no run time for these; gcc's has, for its own C library.
"""
import os, sys

from cc import LIBRARIES, ROOT, Compiler, need

FLAGS = ["-g", "-O1", "-fno-omit-frame-pointer", "-fsanitize=address,undefined",
         "-fno-sanitize-recover=all", f"-ffile-prefix-map={ROOT}/="]
OPTIONS = {
    "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1:"
                    "check_initialization_order=1:abort_on_error=0:exitcode=99",
    "UBSAN_OPTIONS": "print_stacktrace=1",
}


def main():
    house, arguments = sys.argv[1], sys.argv[2:]
    gcc = need("gcc", "gcc", "libc6-dev")
    ours = Compiler([gcc, *FLAGS], ROOT / ".zig-cache" / "sanitize", house)
    # The libraries' own slips of style (shifts, misaligned reads) are not ours to mend.
    theirs = Compiler([gcc, "-g", "-O1", "-fsanitize=address"], ours.folder, house)
    libraries = [one for name in LIBRARIES for one in theirs.library(name)]
    rest = [ours.archive("house", ours.objects(ours.own("house"))),
            theirs.archive("deps", theirs.objects(libraries))]
    coracle = ours.link("coracle", [*ours.objects(ours.own("main")), *rest])
    tests = ours.link("tests", [*ours.objects(ours.own("tests")), *rest])
    os.environ.update(OPTIONS)
    os.execv(ROOT / "tools" / "run-tests", ["run-tests", str(coracle), str(tests), *arguments])


main()
