#!/usr/bin/env python3
"""fuzz.py HOUSE [NAME...] [--time S]: runs tests/fuzz/fuzz_NAME.c; all of them when none is named.

Built by clang with libFuzzer, address and undefined behaviour checks. Inputs start from
tests/fuzz/corpus/NAME/; what was found worth keeping stays in .zig-cache/fuzz/corpus/NAME/, and
an input that breaks something is written to zig-out/fuzz/ and named.
"""
import argparse, os, platform, re, subprocess, sys

from cc import LIBRARIES, ROOT, Compiler, need

FLAGS = ["-g", "-O1", "-fno-omit-frame-pointer", "-fsanitize=address,undefined,fuzzer-no-link",
         "-fno-sanitize-recover=all", f"-ffile-prefix-map={ROOT}/="]


def output(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def clang():
    need("clang", "clang", "libc6-dev")
    library = f"libclang_rt.fuzzer-{platform.machine()}.a"
    if not os.path.exists(output("clang", f"--print-file-name={library}")):
        major = re.search(r"version (\d+)", output("clang", "--version")).group(1)
        # llvm's symbolizer turns the addresses of a report into lines.
        packages = [f"libclang-rt-{major}-dev", f"llvm-{major}"]
        subprocess.run([ROOT / "tools" / "need", *packages], check=True)
    return "clang"


def run(program, name, seconds):
    corpus = ROOT / ".zig-cache" / "fuzz" / "corpus" / name
    found = ROOT / "zig-out" / "fuzz"
    for folder in [corpus, found]:
        folder.mkdir(parents=True, exist_ok=True)
    command = [program, f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048",
               f"-artifact_prefix={found}/{name}-", "-print_final_stats=1", "-verbosity=0", corpus]
    seeds = ROOT / "tests" / "fuzz" / "corpus" / name
    if seeds.is_dir():
        command.append(seeds)
    print(f"fuzz {name}: {seconds} s", flush=True)
    return subprocess.run([str(word) for word in command], cwd=ROOT).returncode == 0


def main():
    parser = argparse.ArgumentParser(prog="fuzz", allow_abbrev=False)
    parser.add_argument("house", help=argparse.SUPPRESS)
    parser.add_argument("name", nargs="*", help="the NAME of tests/fuzz/fuzz_NAME.c")
    parser.add_argument("--time", type=int, default=60, help="seconds for each (60)")
    options = parser.parse_args()
    there = sorted(path.stem[5:] for path in (ROOT / "tests" / "fuzz").glob("fuzz_*.c"))
    names = options.name or there
    for name in names:
        if name not in there:
            sys.exit(f"fuzz: there is no {name}; there are: {', '.join(there)}")
    compiler = Compiler([clang(), *FLAGS], ROOT / ".zig-cache" / "fuzz", options.house)
    theirs = Compiler(["clang", "-g", "-O1", "-fsanitize=address,fuzzer-no-link"], compiler.folder,
                      options.house)
    ours = compiler.archive("house", compiler.objects(compiler.own("house")))
    libraries = [one for name in LIBRARIES for one in theirs.library(name)]
    rest = [ours, theirs.archive("deps", theirs.objects(libraries))]
    bad = 0
    for name in names:
        source = ROOT / "tests" / "fuzz" / f"fuzz_{name}.c"
        target = compiler.objects([(source, compiler.flags())])
        program = compiler.link(f"fuzz_{name}", [*target, *rest], "-fsanitize=fuzzer")
        bad += not run(program, name, options.time)
    print(f"{len(names) - bad} passed, {bad} failed")
    return 1 if bad else 0


sys.exit(main())
