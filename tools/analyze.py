#!/usr/bin/env python3
"""analyze.py HOUSE: static analysis of our sources, by clang's analyzer and by cppcheck.

Results of clang's are kept: only what changed is looked at again. To say in the code that a
finding of cppcheck is wrong, write /* cppcheck-suppress NAME */ above it, and why.
"""
import re, subprocess, sys, time

from cc import ROOT, Compiler, is_fresh, need, stamp

CLANG = ["clang", "--analyze", "--analyzer-output", "text", "-Xclang", "-analyzer-werror",
         # A third of the time of the default; on our sources it has missed nothing.
         "-Xclang", "-analyzer-config", "-Xclang", "max-nodes=50000"]
CPPCHECK = ["cppcheck", "-q", "--std=c11", "--enable=warning,performance,portability",
            "--inline-suppr", "--error-exitcode=1", "-D_GNU_SOURCE", "-j2",
            # Its own parser's trouble with new C, and headers of libraries that it does not read.
            "--suppress=internalAstError", "--suppress=syntaxError", "--suppress=missingInclude",
            "--suppress=unknownMacro", "--suppress=preprocessorErrorDirective",
            # Takes .index = index++ for two uses of one variable; compilers know better.
            "--suppress=unknownEvaluationOrder"]


class Analyzer(Compiler):
    """Like a compiler whose objects are files that say: nothing was found."""

    def object_of(self, source, flags):
        name = str(source.relative_to(ROOT)).replace("/", "-")
        made = self.folder / f"{name}.ok"
        command = [*self.command, *flags, f"-I{self.folder}"]
        if (is_fresh(made) and made.stat().st_mtime_ns >= source.stat().st_mtime_ns
                and made.read_text() == "\0".join(command)):
            return made
        started = time.time_ns()
        copy = self.folder / name
        copy.write_text(with_failures(source))
        stamp(copy, started)
        result = subprocess.run([*command, "-MMD", "-MF", f"{made}.d", str(copy)], cwd=ROOT,
                                stderr=subprocess.PIPE, text=True)
        if result.returncode != 0:
            print(result.stderr, end="", flush=True)
            return None
        made.write_text("\0".join(command))
        stamp(made, started)
        return made


# A function that sets a status and returns -1 lives in another file, where the analyzer does not
# see that it never returns 0; every early return would look as if it might go on. So each copy
# that is analyzed says, after its includes, that status_fail(...) and its like are -1.

def write_failures(folder):
    names = set()
    for header in ROOT.glob("[a-z]*/**/*.h"):
        names |= set(re.findall(r"^int (status_\w+|\w+_fail(?:_\w+)?)\((?!const)", header.read_text(),
                                flags=re.M))
    lines = [f"#define {name}(...) ({name}(__VA_ARGS__), -1)\n" for name in sorted(names)]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "failures.h"
    if not path.exists() or path.read_text() != "".join(lines):
        path.write_text("".join(lines))


def with_failures(source):
    lines = source.read_text().splitlines(keepends=True)
    place = 0
    for number, line in enumerate(lines, 1):
        if line.startswith("#include"):
            place = number
        elif re.match(r"[A-Za-z_]", line):
            break
    own = re.findall(r"^int (\w+)\(", "".join(lines), flags=re.M)
    added = ['#include "failures.h"\n', *(f"#undef {name}\n" for name in own),
             f'#line {place + 1} "{source.relative_to(ROOT)}"\n']
    head = f'#line 1 "{source.relative_to(ROOT)}"\n'
    return "".join([head, *lines[:place], *added, *lines[place:]])


def main():
    need("clang", "clang", "libc6-dev")
    need("cppcheck", "cppcheck")
    analyzer = Analyzer(CLANG, ROOT / ".zig-cache" / "analyze", sys.argv[1])
    write_failures(analyzer.folder)
    wanted = analyzer.own("house") + analyzer.own("main")
    listed = analyzer.folder / "files"
    listed.write_text("".join(f"{path.relative_to(ROOT)}\n" for path, _ in wanted))
    quick = subprocess.run([*CPPCHECK, f"-I{ROOT}", f"-I{analyzer.house}", f"--file-list={listed}"],
                           cwd=ROOT)
    analyzer.objects(wanted)
    return quick.returncode


sys.exit(main())
