//! The build: one step for each thing a person wants ("./zigw build --help").
//!
//! Folders are listed, not files: a new source file needs no edit here. A file with a prefix is a
//! row: core/kinds/kind_pod.c becomes KIND(pod) in "generated/kinds.h" (tables, below).
//! Libraries come from deps/NAME.lib: what is compiled, how, and where their headers are.
const std = @import("std");
const Build = std.Build;
const Module = Build.Module;

/// The rooms of the house, in the order of the ladder; cli/main.c is main().
const rooms = [_][]const u8{
    "core", "core/net", "core/kinds", "core/client", "store",
    "api",  "scheduler", "controllers", "kubelet-lite", "cli",
};

const Table = struct { folder: []const u8, prefix: []const u8, word: []const u8, header: []const u8 };
const tables = [_]Table{
    .{ .folder = "core/kinds", .prefix = "kind_", .word = "KIND", .header = "kinds.h" },
    .{ .folder = "scheduler", .prefix = "plugin_", .word = "PLUGIN", .header = "plugins.h" },
    .{ .folder = "controllers", .prefix = "controller_", .word = "CONTROLLER", .header = "controllers.h" },
    .{ .folder = "api", .prefix = "admission_", .word = "ADMISSION", .header = "admission.h" },
    .{ .folder = "api", .prefix = "authn_", .word = "AUTHN", .header = "authn.h" },
    .{ .folder = "api", .prefix = "sub_", .word = "SUBRESOURCE", .header = "subresources.h" },
    .{ .folder = "cli", .prefix = "cmd_", .word = "COMMAND", .header = "commands.h" },
};

const libraries = [_][]const u8{ "bearssl", "cjson", "libuv", "libyaml", "llhttp", "sqlite", "zlib" };

const warnings = [_][]const u8{
    "-std=c17",            "-Wall",    "-Wextra", "-Wconversion", "-Wshadow",
    "-Wmissing-prototypes", "-Wvla",    "-Werror",
};

const release_mode: std.builtin.OptimizeMode = .ReleaseFast;

pub fn build(b: *Build) void {
    const target = b.standardTargetOptions(.{ .default_target = .{
        .cpu_arch = .x86_64,
        .os_tag = .linux,
        .abi = .musl,
        .cpu_model = .baseline, // The file runs everywhere, and is the same wherever it is built.
    } });
    const debug = b.option(bool, "debug", "Build the installed binary for a debugger") orelse false;
    const bug = b.option([]const u8, "bug", "Plant a known bug (CORACLE_BUG_NAME), to check the checkers");

    require_sources(b);
    var house: House = .{
        .b = b,
        .target = target,
        .bug = bug,
        .generated = generate_tables(b),
    };
    for (libraries, 0..) |name, i| house.libraries[i] = .read(b, name);
    for (&house.archives, house.libraries) |*archive, library| archive.* = house.archive_of(library);

    const coracle = house.program("coracle", if (debug) .Debug else release_mode, !debug);
    house.add_rooms(coracle.root_module, &.{});
    const install = b.addInstallArtifact(coracle, .{});
    b.getInstallStep().dependOn(&install.step);
    const size = b.addSystemCommand(&.{ "tools/size" });
    size.addArtifactArg(coracle);
    size.has_side_effects = true;
    b.getInstallStep().dependOn(&size.step);

    const tests = house.program("coracle-tests", .Debug, false);
    house.add_rooms(tests.root_module, &.{"cli/main.c"});
    for ([_][]const u8{ "tests", "tests/harness", "tests/unit", "tests/stories", "tests/http" }) |folder|
        house.add_folder(tests.root_module, folder, &.{});
    const run = b.addRunArtifact(tests);
    run.stdio = .inherit;
    if (b.args) |arguments| run.addArgs(arguments);
    b.step("test", "Run the tests; -- WORD: those with the word in file or sentence").dependOn(&run.step);
}

const House = struct {
    b: *Build,
    target: Build.ResolvedTarget,
    bug: ?[]const u8,
    generated: Build.LazyPath,
    libraries: [libraries.len]Library = undefined,
    archives: [libraries.len]*Build.Step.Compile = undefined,

    fn module(h: *House, mode: std.builtin.OptimizeMode, strip: bool) *Module {
        return h.b.createModule(.{ .target = h.target, .optimize = mode, .link_libc = true, .strip = strip });
    }

    /// Libraries are always built for speed, with the checks of undefined behaviour off, as they
    /// come: the checks are for our own code, and one build of them serves every program.
    fn archive_of(h: *House, library: Library) *Build.Step.Compile {
        const m = h.module(release_mode, true);
        library.add_includes(h.b, m, true);
        m.addCSourceFiles(.{
            .root = h.b.path(library.folder),
            .files = library.files,
            .flags = h.b.allocator.dupe([]const u8, library.flags) catch @panic("OOM"),
        });
        const archive = h.b.addLibrary(.{ .name = library.name, .linkage = .static, .root_module = m });
        archive.link_function_sections = true;
        archive.link_data_sections = true;
        return archive;
    }

    fn program(h: *House, name: []const u8, mode: std.builtin.OptimizeMode, strip: bool) *Build.Step.Compile {
        const m = h.module(mode, strip);
        m.addIncludePath(h.b.path("."));
        m.addIncludePath(h.generated);
        for (h.libraries, h.archives) |library, archive| {
            library.add_includes(h.b, m, false);
            m.linkLibrary(archive);
        }
        const exe = h.b.addExecutable(.{ .name = name, .root_module = m, .linkage = .static });
        exe.link_gc_sections = true;
        exe.link_function_sections = true;
        exe.link_data_sections = true;
        return exe;
    }

    fn add_rooms(h: *House, m: *Module, except: []const []const u8) void {
        for (rooms) |room| h.add_folder(m, room, except);
    }

    fn add_folder(h: *House, m: *Module, folder: []const u8, except: []const []const u8) void {
        const b = h.b;
        var files: std.ArrayList([]const u8) = .empty;
        for (list(b, folder, "", ".c")) |name| {
            const path = b.fmt("{s}/{s}", .{ folder, name });
            const left_out = for (except) |other| {
                if (std.mem.eql(u8, path, other)) break true;
            } else false;
            if (!left_out) files.append(b.allocator, path) catch @panic("OOM");
        }
        var flags: std.ArrayList([]const u8) = .empty;
        flags.appendSlice(b.allocator, &warnings) catch @panic("OOM");
        flags.append(b.allocator, "-D_GNU_SOURCE") catch @panic("OOM");
        flags.append(b.allocator, b.fmt("-ffile-prefix-map={s}/=", .{b.pathFromRoot(".")})) catch @panic("OOM");
        if (h.bug) |bug| flags.append(b.allocator, b.fmt("-DCORACLE_BUG_{s}", .{bug})) catch @panic("OOM");
        if (files.items.len > 0) m.addCSourceFiles(.{ .files = files.items, .flags = flags.items });
    }
};

/// One deps/NAME.lib: lines of a word and what it is about, "#" starts a comment.
const Library = struct {
    name: []const u8,
    folder: []const u8,
    includes: []const []const u8 = &.{}, // For whoever uses it.
    private: []const []const u8 = &.{}, // For its own sources.
    flags: []const []const u8 = &.{},
    files: []const []const u8 = &.{},

    fn read(b: *Build, name: []const u8) Library {
        var library: Library = .{ .name = name, .folder = b.fmt(".deps/{s}", .{name}) };
        const text = read_file(b, b.fmt("deps/{s}.lib", .{name})) orelse @panic("no .lib file");
        var lines = std.mem.tokenizeScalar(u8, text, '\n');
        while (lines.next()) |line| {
            if (line[0] == '#') continue;
            const space = std.mem.indexOfScalar(u8, line, ' ') orelse @panic("a line of one word in a .lib file");
            const place = if (std.mem.eql(u8, line[0..space], "include")) &library.includes else if (std.mem.eql(u8, line[0..space], "private")) &library.private else if (std.mem.eql(u8, line[0..space], "flag")) &library.flags else if (std.mem.eql(u8, line[0..space], "file")) &library.files else @panic("an unknown word in a .lib file");
            place.* = std.mem.concat(b.allocator, []const u8, &.{ place.*, &.{line[space + 1 ..]} }) catch @panic("OOM");
        }
        return library;
    }

    fn add_includes(library: Library, b: *Build, m: *Module, own: bool) void {
        for (library.includes) |path| m.addSystemIncludePath(b.path(b.fmt("{s}/{s}", .{ library.folder, path })));
        if (own) for (library.private) |path| m.addIncludePath(b.path(b.fmt("{s}/{s}", .{ library.folder, path })));
    }
};

/// With the right zig on PATH, "zig build" does what "./zigw build" does.
fn require_sources(b: *Build) void {
    const pinned = read_file(b, "deps/PINS") orelse @panic("no deps/PINS");
    if (read_file(b, ".deps/PINS")) |fetched|
        if (std.mem.eql(u8, pinned, fetched)) return;
    _ = b.run(&.{ b.pathFromRoot("zigw"), "--setup" });
}

fn generate_tables(b: *Build) Build.LazyPath {
    const files = b.addWriteFiles();
    for (tables) |table| {
        var text: std.ArrayList(u8) = .empty;
        const head = b.fmt("/* Written by the build: a row for each {s}/{s}*.c. */\n", .{ table.folder, table.prefix });
        text.appendSlice(b.allocator, head) catch @panic("OOM");
        for (rows(b, table)) |row|
            text.appendSlice(b.allocator, b.fmt("{s}({s})\n", .{ table.word, row })) catch @panic("OOM");
        _ = files.add(b.fmt("generated/{s}", .{table.header}), text.items);
    }
    return files.getDirectory();
}

/// By name; those that FOLDER/PREFIX.order lists come first, in its order.
fn rows(b: *Build, table: Table) []const []const u8 {
    var result: std.ArrayList([]const u8) = .empty;
    const names = list(b, table.folder, table.prefix, ".c");
    if (read_file(b, b.fmt("{s}/{s}.order", .{ table.folder, std.mem.trimEnd(u8, table.prefix, "_") }))) |order| {
        var lines = std.mem.tokenizeScalar(u8, order, '\n');
        while (lines.next()) |line| {
            if (line[0] == '#') continue;
            const file = b.fmt("{s}{s}.c", .{ table.prefix, line });
            if (!contains(names, file)) std.process.fatal("{s}/{s} is in the .order file, but there is no such file", .{ table.folder, file });
            result.append(b.allocator, line) catch @panic("OOM");
        }
    }
    for (names) |name| {
        const row = name[table.prefix.len .. name.len - ".c".len];
        if (!contains(result.items, row)) result.append(b.allocator, row) catch @panic("OOM");
    }
    return result.items;
}

fn contains(words: []const []const u8, word: []const u8) bool {
    for (words) |other| if (std.mem.eql(u8, word, other)) return true;
    return false;
}

/// The names in a folder with this start and end, sorted; none when there is no such folder.
fn list(b: *Build, folder: []const u8, start: []const u8, end: []const u8) []const []const u8 {
    const io = b.graph.io;
    var names: std.ArrayList([]const u8) = .empty;
    var dir = b.build_root.handle.openDir(io, folder, .{ .iterate = true }) catch return &.{};
    defer dir.close(io);
    var entries = dir.iterate();
    while (entries.next(io) catch |err| std.process.fatal("cannot list {s}: {t}", .{ folder, err })) |entry| {
        if (entry.kind == .directory or entry.name[0] == '.') continue;
        if (std.mem.startsWith(u8, entry.name, start) and std.mem.endsWith(u8, entry.name, end))
            names.append(b.allocator, b.dupe(entry.name)) catch @panic("OOM");
    }
    std.mem.sort([]const u8, names.items, {}, struct {
        fn less(_: void, x: []const u8, y: []const u8) bool {
            return std.mem.lessThan(u8, x, y);
        }
    }.less);
    return names.items;
}

fn read_file(b: *Build, path: []const u8) ?[]const u8 {
    return b.build_root.handle.readFileAlloc(b.graph.io, path, b.allocator, .unlimited) catch null;
}
