#!/usr/bin/env python3
"""Compares our C with what clang-format makes of it by .clang-format.

    tools/format.py            names each place that differs; exits 1 when there is one
    tools/format.py --fix      writes the difference into the files (or only those named after it)

Two things are left to the hand that wrote them: runs of blanks inside a line (columns of a table,
comments that stand one under the other), and macro definitions.
"""
import difflib, re, shutil, subprocess, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ["core", "store", "api", "scheduler", "controllers", "kubelet-lite", "cli", "tests"]


def clang_format():
    if not shutil.which("clang-format-14"):
        subprocess.run([ROOT / "tools" / "need", "clang-format-14"], check=True)
    return "clang-format-14"


def sources():
    return sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.[ch]"))


def shape(line):
    """A line without what is free: blanks inside it."""
    body = line.lstrip(" ")
    return line[:len(line) - len(body)] + re.sub(r" +", " ", body.rstrip("\n"))


def macro_lines(lines):
    """Which lines belong to a #define."""
    inside, result = False, []
    for line in lines:
        inside = inside or re.match(r"\s*#\s*define\b", line) is not None
        result.append(inside)
        inside = inside and line.rstrip().endswith("\\")
    return result


def compare(path, command):
    """The file as it should be, and (line, is, should be) of each place that differs."""
    is_lines = path.read_text().splitlines(keepends=True)
    made = subprocess.run([command, "--style=file", str(path)], stdout=subprocess.PIPE, check=True,
                          text=True, cwd=ROOT).stdout.splitlines(keepends=True)
    macros = macro_lines(is_lines)
    matcher = difflib.SequenceMatcher(None, [shape(line) for line in is_lines],
                                      [shape(line) for line in made], autojunk=False)
    wanted, places = [], []
    for tag, start, end, made_start, made_end in matcher.get_opcodes():
        old, new = is_lines[start:end], made[made_start:made_end]
        if tag == "equal" or (old and all(macros[start:end])):
            wanted += old
        else:
            wanted += new
            places.append((start + 1, old, new))
    return wanted, places


def main():
    fix = "--fix" in sys.argv
    named = [ROOT / name for name in sys.argv[1:] if name != "--fix"]
    command = clang_format()
    files = named or sources()
    with ThreadPoolExecutor(2) as workers:
        results = list(workers.map(lambda path: compare(path, command), files))
    bad = 0
    for path, (wanted, places) in zip(files, results):
        for line, old, new in places:
            print(f"{path.relative_to(ROOT)}:{line}: {'formatted' if fix else 'format'}")
            if not fix:
                print("".join(["-" + text for text in old] + ["+" + text for text in new]), end="")
        bad += len(places)
        if fix and places:
            path.write_text("".join(wanted))
    if bad and not fix:
        print(f"format: {bad} places differ; tools/format.py --fix mends them")
    return 1 if bad and not fix else 0


sys.exit(main())
