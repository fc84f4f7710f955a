#!/usr/bin/env python3
"""Compares a dump of the tables with upstream's generated.proto files.

    compare_protos.py DUMP FOLDER

FOLDER holds generated.proto files at their places; the package that each names
says which types it describes. Every field of a type that the dump has must be
there with the same name, number, repetition and type, and the other way round.
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
}# Fields whose name in protobuf is not the one in JSON.
OTHER_NAMES = {"uID": "uid"}


def read_proto(path, types):
    package, message = None, None
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith("package "):
                package = line.split()[1].rstrip(";")
            elif match := re.match(r"message (\w+) \{", line):
                message = (package_name(package), match[1])
                types[message] = {}
            elif line.startswith("}"):
                message = None
            elif message and (match := re.match(r"\s+(optional|repeated) (\S+) (\w+) = (\d+);", line)):
                repeat = "list" if match[1] == "repeated" else "one"
                types[message][int(match[4])] = (match[3], repeat, short(match[2]))
            elif message and (match := re.match(r"\s+map<string, (\S+)> (\w+) = (\d+);", line)):
                types[message][int(match[3])] = (match[2], "map", short(match[1]))


def package_name(package):
    """k8s.io.api.core.v1 is io.k8s.api.core.v1 in OpenAPI."""
    return re.sub(r"^k8s\.io\.", "io.k8s.", package)


def short(name):
    return name.lstrip(".").split(".")[-1]


def read_dump(path):
    types = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            package, name, number, field, repeat, kind = line.split()
            fields = types.setdefault((package, name), {})
            if int(number) > 0:
                fields[int(number)] = (field, repeat, kind)
    return types


def same(ours, theirs):
    name, repeat, kind = ours
    if name == "-":  # Embedded, or a list that has a type of its own: JSON has no name for it.
        return repeat == theirs[1] and kind == theirs[2]
    theirs_name = OTHER_NAMES.get(theirs[0], theirs[0])
    return (name, repeat, kind) == (theirs_name, theirs[1], theirs[2])


def compare(ours, theirs):
    fields = 0
    for key in sorted(ours):
        if key + (0,) in NEWER:
            continue
        if key not in theirs:
            yield f"{'.'.join(key)}: upstream has no such type"
            continue
        numbers = set(ours[key]) | set(theirs[key])
        for number in sorted(numbers):
            fields += 1
            if key + (number,) in NEWER:
                continue
            mine, other = ours[key].get(number), theirs[key].get(number)
            if mine is None or other is None or not same(mine, other):
                yield f"{'.'.join(key)} {number}: {mine}, upstream {other}"
    print(f"{len(ours)} types, {fields} fields compared")


def main():
    types = {}
    for folder, _, files in sorted(os.walk(sys.argv[2])):
        if "generated.proto" in files:
            read_proto(os.path.join(folder, "generated.proto"), types)
    differences = list(compare(read_dump(sys.argv[1]), types))
    for line in differences:
        print(line)
    print(f"{len(differences)} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
