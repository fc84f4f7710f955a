#!/usr/bin/env python3
"""bugs.py ZIG [NAME...]: plants each known bug in turn, and sees that a checker catches it.

tests/bugs says by what: a line is NAME STEP ARGUMENTS, as in "lost-last-write crash --rounds 5",
for "#ifdef CORACLE_BUG_LOST_LAST_WRITE". A checker that lets its bug pass is what fails here; so
does a bug in the sources that has no line.
"""
import re, subprocess, sys, time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What a checker says last when it has found something: "3 passed, 1 failed", "0 lost, 2 half".
FOUND = re.compile(r"^[\w, ]*\b[1-9]\d* (failed|lost|repeated|half)\b", re.M)
LIMIT_S = 20


def planted():
    text = "".join(path.read_text() for room in ["core", "store", "api", "scheduler", "controllers",
                                                 "kubelet-lite"]
                   for path in (ROOT / room).rglob("*.[ch]"))
    return {name.lower().replace("_", "-") for name in re.findall(r"CORACLE_BUG_(\w+)", text)}


def read_list():
    path = ROOT / "tests" / "bugs"
    lines = path.read_text().splitlines() if path.exists() else []
    return [line.split() for line in lines if line.strip() and not line.startswith("#")]


def is_caught(zig, name, step, arguments):
    build = [zig, "build", f"-Dbug={name}"]
    # What is compiled first does not count for the time; "--list" and the like run nothing.
    subprocess.run([*build, step, "--", "--list"], cwd=ROOT, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    started = time.monotonic()
    result = subprocess.run([*build, step, "--", *arguments], cwd=ROOT, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    seconds = time.monotonic() - started
    caught = result.returncode != 0 and FOUND.search(result.stdout) is not None
    how = "caught" if caught and seconds <= LIMIT_S else "caught too late" if caught else "PASSED"
    print(f"{how:16} {name}, by {step} {' '.join(arguments)} ({seconds:.1f} s)", flush=True)
    if result.returncode != 0 and not caught:
        print(result.stdout[-2000:])
    return how == "caught"


def main():
    zig, names = sys.argv[1], sys.argv[2:]
    lines = read_list()
    listed = {line[0] for line in lines}
    wrong = planted() ^ listed
    for name in sorted(wrong):
        where = "tests/bugs" if name not in listed else "the sources"
        print(f"{name} is not in {where}")
    wanted = [line for line in lines if not names or line[0] in names]
    caught = sum(is_caught(zig, name, step, rest) for name, step, *rest in wanted)
    failed = len(wanted) - caught + len(wrong)
    print(f"{caught} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
