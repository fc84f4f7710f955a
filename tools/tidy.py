#!/usr/bin/env python3
"""Style as a test: what docs/style.md asks for and no compiler checks.

    tools/tidy.py              names each line that breaks a rule; exits 1 when there is one
    tools/tidy.py --self-test  breaks each rule on purpose, and sees that it is noticed

Rules: the include ladder; one home per library; calls that are banned, everywhere or in tests;
headers that nobody includes; files too long to be read in a sitting; rows without a table.
"""
import re, sys, tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# The ladder: what a room may include besides itself.
CORE = ["core", "core/net", "core/kinds", "core/client"]
LADDER = {
    "core": [],
    "core/net": ["core"],
    "core/kinds": ["core"],
    "core/client": ["core", "core/net", "core/kinds"],
    "store": CORE,
    "api": CORE + ["store"],
    "scheduler": CORE,
    "controllers": CORE,
    "kubelet-lite": CORE,
    "cli": CORE + ["store", "api", "scheduler", "controllers", "kubelet-lite"],
}

# Where each library may be named: a path that starts so. Tests may name any.
HOMES = {
    "sqlite3.h": ["store/"],
    "cJSON.h": ["core/json"],
    "bearssl.h": ["core/crypto", "core/random", "core/net/"],
    "llhttp.h": ["core/net/http"],
    "uv.h": ["core/net/"],
    "yaml.h": ["core/yaml", "core/kyaml"],
    "zlib.h": ["core/gzip", "core/net/"],
}

# Banned calls, why, and where they may stand all the same.
BANNED = [
    ("strcpy|strcat|sprintf|vsprintf|gets|strtok", "knows no bounds or keeps hidden state", []),
    ("rand|srand|random|drand48", "is not the randomness that tests seed", []),
    ("atoi|atol|atoll|atof", "hides errors; core/number reads numbers", ["tests/"]),
    ("clock_gettime|gettimeofday|time", "is not the clock that tests wind",
     ["core/clock", "core/net/loop", "tests/"]),
    ("malloc|calloc|realloc|strdup|free", "is core/buffer's: mem_alloc(), mem_free()",
     ["core/buffer", "core/json", "tests/", "cli/"]),
]
BANNED_IN_TESTS = ("sleep|usleep|nanosleep|uv_sleep", "makes a test slow or lucky",
                   ["tests/unit/", "tests/stories/", "tests/http/", "tests/clients/"])

LINES_MAX = 600
LINES_MAX_TESTS = 1200
TABLES = {"core/kinds": ["kind_"], "scheduler": ["plugin_"], "controllers": ["controller_"],
          "api": ["admission_", "authn_", "sub_"], "cli": ["cmd_"]}


def read_sources(root):
    folders = [*LADDER, "tests"]
    paths = {path for folder in folders for path in (root / folder).rglob("*.[ch]")}
    return {str(path.relative_to(root)): path.read_text() for path in sorted(paths)}


def room(path):
    return "tests" if path.startswith("tests/") else path.rpartition("/")[0]


def without_words(text):
    """The code alone: comments and strings blanked, lines kept."""
    def blank(match):
        found = match.group(0)
        return '""' if found[0] in "\"'" else re.sub(r"[^\n]", " ", found)
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text,
                  flags=re.S)


def includes(text):
    """(line number, what, whether it stands in quotes)"""
    for number, line in enumerate(text.splitlines(), 1):
        found = re.match(r'\s*#\s*include\s+(["<])([^">]+)', line)
        if found:
            yield number, found.group(2), found.group(1) == '"'


def check_includes(path, text, sources):
    mine = room(path)
    for number, name, quoted in includes(text):
        home = HOMES.get(name.rpartition("/")[2]) if name not in sources else None
        if home and mine != "tests" and not path.startswith(tuple(home)):
            yield number, f"{name} is at home in {' and '.join(home)} only"
        if not quoted or name.startswith("generated/"):
            continue
        if "/" not in name:
            if not home:
                yield number, f'"{name}": includes are written from the root'
        elif mine != "tests":
            other = room(name)
            if other == "tests":
                yield number, f"{name}: nothing includes tests"
            elif other != mine and other not in LADDER.get(mine, []):
                yield number, f"{name}: {mine} does not stand on {other}"


def check_calls(path, text):
    rules = [(words, why) for words, why, allowed in BANNED if not path.startswith(tuple(allowed))]
    if path.startswith(tuple(BANNED_IN_TESTS[2])):
        rules.append(BANNED_IN_TESTS[:2])
    for number, line in enumerate(without_words(text).splitlines(), 1):
        for words, why in rules:
            for found in re.finditer(rf"(?<![\w.>])(?:{words})\s*\(", line):
                yield number, f"{found.group(0).rstrip(' (')}() {why}"


def check_length(path, text):
    limit = LINES_MAX_TESTS if path.startswith("tests/") else LINES_MAX
    count = text.count("\n")
    if count > limit:
        yield limit, f"{count} lines: more than {limit} are not read in one sitting"


def check_headers(sources):
    """A header is there for others: its own source does not count."""
    users = {name: set() for name in sources if name.endswith(".h")}
    for path, text in sources.items():
        for _, name, _ in includes(text):
            if name in users:
                users[name].add(path)
    for name, files in users.items():
        if not files - {name[:-2] + ".c"}:
            yield name, 1, "nobody includes this header"


def check_rows(sources):
    """A file with a row's prefix must be in the folder whose table it fills."""
    for path in sources:
        folder, _, name = path.rpartition("/")
        for home, prefixes in TABLES.items():
            found = name.endswith(".c") and name.startswith(tuple(prefixes))
            if found and folder != home and not path.startswith("tests/"):
                yield path, 1, f"a row of {home}'s table, but not there"


def check(sources):
    for path, text in sources.items():
        for number, what in [*check_includes(path, text, sources), *check_calls(path, text),
                             *check_length(path, text)]:
            yield path, number, what
    yield from check_headers(sources)
    yield from check_rows(sources)


PLANTED = {
    "core/a.c": ('#include "core/net/loop.h"\n', "core does not stand on core/net"),
    "core/kinds/b.c": ('#include "core/net/loop.h"\n', "core/kinds does not stand on core/net"),
    "scheduler/c.c": ('#include "store/store.h"\n', "scheduler does not stand on store"),
    "api/d.c": ('#include "tests/harness/test.h"\n', "nothing includes tests"),
    "api/e.c": ("#include <sqlite3.h>\n", "sqlite3.h is at home in store/ only"),
    "api/f.c": ('#include "user.h"\n', "from the root"),
    "api/g.c": ("void g(void)\n{\n    strcpy(a, b);\n}\n", "strcpy() knows no bounds"),
    "store/h.c": ("long h(void)\n{\n    return time (NULL);\n}\n", "time() is not the clock"),
    "tests/unit/test_i.c": ("void i(void)\n{\n    usleep(1);\n}\n", "usleep() makes a test slow"),
    "cli/j.h": ("int j(void);\n", "nobody includes this header"),
    "store/k.c": ("\n" * (LINES_MAX + 1), "not read in one sitting"),
    "api/kind_l.c": ("\n", "a row of core/kinds's table"),
}
INNOCENT = {
    "core/net/loop.h": '#include <uv.h>\n/* strcpy(a, b) */\nconst char *text = "rand()";\n',
    "store/store.h": '#include "core/net/loop.h"\n#include <sqlite3.h>\n',
    "api/user.h": "int own_strtok(int a);\nint b = x->time(1), c = y.free(2);\n",
    "tests/harness/test.h": '#include "api/user.h"\n#include "store/store.h"\n',
}


def self_test():
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        texts = {path: text for path, (text, _) in PLANTED.items()}
        for path, text in {**texts, **INNOCENT, "cli/m.c": '#include "api/user.h"\n'}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        found = [f"{path}: {what}" for path, _, what in check(read_sources(root))]
    wrong = [f"not noticed in {path}: {what}" for path, (_, what) in PLANTED.items()
             if not any(line.startswith(path + ": ") and what in line for line in found)]
    wrong += [f"wrongly noticed: {line}" for line in found if line.split(":")[0] in INNOCENT]
    print("\n".join(wrong) or f"tidy: all {len(PLANTED)} planted faults were noticed")
    return 1 if wrong else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    found = list(check(read_sources(ROOT)))
    for path, number, what in found:
        print(f"{path}:{number}: {what}")
    if found:
        print(f"tidy: {len(found)} lines break a rule")
    return 1 if found else 0


sys.exit(main())
