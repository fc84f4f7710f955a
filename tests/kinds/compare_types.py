#!/usr/bin/env python3
"""Compares a dump of the tables with upstream's generated.proto and types.go files.

    compare_types.py DUMP FOLDER[:FOLDER...]

The folders hold generated.proto files, each with its types.go beside it; the package that a
proto names says which types both describe. Every field of a type that the dump has must be
there with the same name, number, repetition, type and way to merge, and the other way round.
Prints what differs; exit code 1 if anything does.
"""
import os
import re
import sys

# Fields that are newer than the release, and types that come with them.
NEWER = {
    ("io.k8s.api.core.v1", "PodSpec", 43),
    ("io.k8s.api.core.v1", "PodSchedulingGroup", 0),
    ("io.k8s.api.core.v1", "PodSchedulingGroup", 1),
}
# Fields whose name in protobuf is not the one in JSON.
OTHER_NAMES = {"uID": "uid"}


# --- Protobuf: numbers, names, repetition, types ---

def package_name(package):
    """k8s.io.api.core.v1 is io.k8s.api.core.v1 in OpenAPI."""
    return re.sub(r"^k8s\.io\.", "io.k8s.", package)


def short(name):
    return name.lstrip(".").split(".")[-1]


def read_proto(path, types):
    """Fills types; gives the package."""
    package, message = None, None
    for line in open(path, encoding="utf-8"):
        if line.startswith("package "):
            package = package_name(line.split()[1].rstrip(";"))
        elif match := re.match(r"message (\w+) \{", line):
            message = types[package, match[1]] = {}
        elif line.startswith("}"):
            message = None
        elif message is None:
            continue
        elif match := re.match(r"\s+(optional|repeated) (\S+) (\w+) = (\d+);", line):
            repeat = "list" if match[1] == "repeated" else "one"
            message[int(match[4])] = (match[3], repeat, short(match[2]))
        elif match := re.match(r"\s+map<string, (\S+)> (\w+) = (\d+);", line):
            message[int(match[3])] = (match[2], "map", short(match[1]))
    return package


# --- Go: how patches and server-side apply merge a field ---

def tag(text, name):
    match = re.search(rf'\b{name}:"([^"]*)"', text)
    return match[1] if match else ""


def mark(comments, name):
    return [match[1] for line in comments if (match := re.match(rf"\s*// ?\+{name}=(\S+)", line))]


def merging(line, comments):
    strategy = tag(line, "patchStrategy") or "-"
    key = tag(line, "patchMergeKey") or "-"
    list_type = (mark(comments, "listType") or ["atomic"])[0]
    keys = ",".join(mark(comments, "listMapKey")) or "-"
    return strategy, key, list_type, keys


def read_go(path, package, merges):
    struct, comments = None, []
    for line in open(path, encoding="utf-8"):
        if match := re.match(r"type (\w+) struct \{", line):
            struct = match[1]
        elif line.startswith("}"):
            struct = None
        elif re.match(r"\s*//", line):
            comments.append(line)
            continue
        elif struct and (match := re.search(r'protobuf:"\w+,(\d+),', line)):
            merges[package, struct, int(match[1])] = merging(line, comments)
        comments = []


# --- Both ---

def read_upstream(folders):
    types, merges = {}, {}
    for top in folders:
        for folder, _, files in sorted(os.walk(top)):
            if "generated.proto" not in files:
                continue
            package = read_proto(os.path.join(folder, "generated.proto"), types)
            for name in sorted(files):
                if name.endswith("types.go"):
                    read_go(os.path.join(folder, name), package, merges)
    return types, merges


def read_dump(path):
    types, merges = {}, {}
    for line in open(path, encoding="utf-8"):
        package, name, number, field, repeat, kind, *merge = line.split()
        fields = types.setdefault((package, name), {})
        if int(number) > 0:
            fields[int(number)] = (field, repeat, kind)
            merges[package, name, int(number)] = tuple(merge)
    return types, merges


def same(ours, theirs):
    name, repeat, kind = ours
    if name == "-":  # Embedded, or a list that has a type of its own: JSON has no name for it.
        return repeat == theirs[1] and kind == theirs[2]
    theirs_name = OTHER_NAMES.get(theirs[0], theirs[0])
    return (name, repeat, kind) == (theirs_name, theirs[1], theirs[2])


def compare_merging(where, field, ours, theirs):
    """A list type means nothing where there is no list."""
    if theirs and field[1] != "list":
        theirs = (*theirs[:2], "-", "-")
    if theirs and ours != theirs:
        yield f"{where}: merges {ours}, upstream {theirs}"


def compare(ours, theirs, our_merges, their_merges):
    fields = merges = 0
    for key in sorted(ours):
        if key + (0,) in NEWER:
            continue
        if key not in theirs:
            yield f"{'.'.join(key)}: upstream has no such type"
            continue
        for number in sorted(set(ours[key]) | set(theirs[key])):
            if key + (number,) in NEWER:
                continue
            where = f"{'.'.join(key)} {number}"
            mine, other = ours[key].get(number), theirs[key].get(number)
            fields += 1
            if mine is None or other is None or not same(mine, other):
                yield f"{where}: {mine}, upstream {other}"
                continue
            merges += key + (number,) in their_merges
            yield from compare_merging(where, mine, our_merges[key + (number,)],
                                       their_merges.get(key + (number,)))
    print(f"{len(ours)} types, {fields} fields and how {merges} of them merge compared")


def main():
    types, merges = read_upstream(sys.argv[2].split(":"))
    ours, our_merges = read_dump(sys.argv[1])
    differences = list(compare(ours, types, our_merges, merges))
    for line in differences:
        print(line)
    print(f"{len(differences)} differences")
    return 1 if differences or not types or not merges else 0


if __name__ == "__main__":
    sys.exit(main())
