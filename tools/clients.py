#!/usr/bin/env python3
"""Installs the client libraries that the tests use, each by its lock file, into .deps/.

    python   tests/clients/python.lock         -> .deps/python      (for PYTHONPATH)
    js       tests/clients/package-lock.json   -> .deps/js          (node_modules; node, where the
                                                  machine has none, beside it)
    go       tests/clients/go                  -> .deps/go/informer (only where there is a Go)

What is there and made from the same files is left alone, and then no network is touched.
"""
import fcntl, hashlib, os, re, shutil, subprocess, sys, tempfile
from pathlib import Path
from fetch import DEPS, ROOT, call, npm_command, say, unpack_node

SOURCES = ROOT / "tests" / "clients"
NODE_OLDEST, GO_OLDEST = (20, 0), (1, 25)


def version_of(*command):
    """(major, minor) of a program on PATH, or (0, 0)."""
    if not shutil.which(command[0]):
        return 0, 0
    found = re.search(r"(\d+)\.(\d+)", subprocess.run(command, capture_output=True, text=True).stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def install_python(folder):
    call(sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--only-binary", ":all:",
         "--require-hashes", "--target", str(folder), "-r", str(SOURCES / "python.lock"))
    call(sys.executable, "-m", "compileall", "-q", str(folder))


def install_js(folder):
    programs = None
    if version_of("node", "--version") < NODE_OLDEST or not shutil.which("npm"):
        say("no node here that is new enough: fetching one (61 MB)")
        programs = unpack_node(folder)
    for name in ["package.json", "package-lock.json"]:
        shutil.copy(SOURCES / name, folder)
    command, environment = npm_command(programs)
    call(*command, "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund",
         cwd=folder, env=environment)


def install_go(folder):
    say("building the Go client (a minute or two, once)")
    call("go", "build", "-trimpath", "-o", str(folder / "informer"), ".", cwd=SOURCES / "go",
         env={**os.environ, "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"})


# What it is made from, and how.
CLIENTS = {
    "python": (["python.lock"], install_python),
    "js": (["package-lock.json"], install_js),
    "go": (["go/go.mod", "go/go.sum", "go/main.go"], install_go),
}


def install(name, sources, run):
    digest = hashlib.sha256(sys.version.encode() if name == "python" else b"")
    for source in sources:
        digest.update((SOURCES / source).read_bytes())
    stamp, place = DEPS / f".{name}.pin", DEPS / name
    if place.exists() and stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    say(f"the {name} client")
    stamp.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=DEPS, prefix="tmp.") as new:
        made = Path(new) / name
        made.mkdir()
        run(made)
        shutil.rmtree(place, ignore_errors=True)
        made.rename(place)
    stamp.write_text(digest.hexdigest())


def main():
    DEPS.mkdir(exist_ok=True)
    with open(DEPS / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name, (sources, run) in CLIENTS.items():
            if name == "go" and version_of("go", "version") < GO_OLDEST:
                say(f"no Go {GO_OLDEST[0]}.{GO_OLDEST[1]} here: its tests are skipped")
                continue
            try:
                install(name, sources, run)
            except OSError as error:
                say(f"the {name} client could not be installed: {error}")
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
