"""Builds our programs with a system compiler: what Zig cannot (its sanitizers and fuzzers).

Reads the same lists as build.zig: deps/NAME.lib for a library, and for our own code the lists
that build.zig writes into the folder of the generated headers: house.lib (the rooms without
cli/main.c, and the flags of all), main.lib, tests.lib. Objects are kept, and made again when their command or anything they include has changed.
"""
import hashlib, os, shutil, subprocess, sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# All but the allocator: a sanitizer brings its own.
LIBRARIES = sorted({path.stem for path in (ROOT / "deps").glob("*.lib")} - {"mimalloc"})


def need(program, *packages):
    if not shutil.which(program):
        subprocess.run([ROOT / "tools" / "need", *packages], check=True)
    return program


def read_list(path):
    words = {"include": [], "private": [], "flag": [], "file": []}
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            word, _, value = line.partition(" ")
            words[word].append(value)
    return words


def keep_house(house):
    """build.zig's folder has another name whenever a source file is added; commands that name it
    would all be new. So its files are kept in one place, and written only when they differ."""
    kept = ROOT / ".zig-cache" / "house"
    for path in [path for path in house.rglob("*") if path.is_file()]:
        to = kept / path.relative_to(house)
        to.parent.mkdir(parents=True, exist_ok=True)
        if not to.exists() or to.read_bytes() != path.read_bytes():
            to.write_bytes(path.read_bytes())
    return kept


class Compiler:
    """command: the compiler and the flags that everything gets; folder: where objects are kept."""

    def __init__(self, command, folder, house):
        self.command, self.folder, self.house = command, Path(folder), keep_house(Path(house))
        self.includes = [f"-I{ROOT}", f"-I{self.house}"]
        for name in LIBRARIES:
            for path in read_list(ROOT / "deps" / f"{name}.lib")["include"]:
                self.includes += ["-isystem", str(ROOT / ".deps" / name / path)]

    def library(self, name):
        """The objects to be made of a library: (source, its own flags)."""
        words, home = read_list(ROOT / "deps" / f"{name}.lib"), ROOT / ".deps" / name
        flags = ["-w", *words["flag"]]
        flags += [f"-I{home / path}" for path in words["include"] + words["private"]]
        return [(home / file, flags) for file in words["file"]]

    def own(self, name):
        """The objects to be made of a list of ours: house, main or tests."""
        files = read_list(self.house / f"{name}.lib")["file"]
        return [(ROOT / file, self.flags()) for file in files]

    def flags(self):
        return read_list(self.house / "house.lib")["flag"] + self.includes

    def object_of(self, source, flags):
        command = [*self.command, *flags, "-MMD", "-c", str(source)]
        name = hashlib.sha256("\0".join(command).encode()).hexdigest()[:16]
        made = self.folder / f"{source.stem}-{name}.o"
        if not is_fresh(made):
            started = time.time_ns()
            temporary = made.with_suffix(f".{os.getpid()}.o")
            result = subprocess.run([*command, "-o", str(temporary), "-MF", str(made) + ".d"],
                                    cwd=ROOT)
            if result.returncode != 0:
                temporary.unlink(missing_ok=True)
                return None
            stamp(temporary, started)
            temporary.rename(made)
        return made

    def objects(self, wanted):
        """Makes all, as many at a time as there are cores; ends the program when one fails."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(os.cpu_count()) as workers:
            made = list(workers.map(lambda one: self.object_of(*one), wanted))
        if None in made:
            sys.exit(1)
        return made

    def archive(self, name, objects):
        """Objects from which a program takes what it needs."""
        path = self.folder / f"lib{name}.a"
        self.make(path, ["ar", "rcs", str(path)], objects, path.unlink)
        return path

    def link(self, name, objects, *more):
        path = self.folder / name
        command = [*self.command, "-Wl,--start-group"]
        rest = ["-Wl,--end-group", "-lpthread", "-ldl", "-lm", *more, "-o", str(path)]
        self.make(path, command, objects, rest=rest)
        return path

    def make(self, path, command, objects, before=None, rest=()):
        """Runs a command over objects when they are others or newer than what it made."""
        listed = Path(f"{path}.list")
        text = "\n".join([*command, *(str(one) for one in objects), *rest])
        newest = max(one.stat().st_mtime_ns for one in objects)
        if path.exists():
            same = listed.exists() and listed.read_text() == text
            if same and path.stat().st_mtime_ns > newest:
                return
            if before:
                before()
        arguments = Path(f"{path}.objects")
        arguments.write_text("\n".join(str(one) for one in objects))
        if subprocess.run([*command, f"@{arguments}", *rest]).returncode != 0:
            sys.exit(1)
        listed.write_text(text)


def stamp(made, started):
    """What is edited while it is being compiled is compiled again the next time."""
    os.utime(made, ns=(started, started))


def is_fresh(made):
    """Whether an object is newer than everything that its .d file names."""
    try:
        when = made.stat().st_mtime_ns
        names = Path(str(made) + ".d").read_text().replace("\\\n", " ").split()[1:]
        return all((ROOT / name).stat().st_mtime_ns <= when for name in names)
    except FileNotFoundError:
        return False
