//! The build: one step for each thing a person wants ("./zigw build --help").
//!
//! Folders are listed, not files: a new source file needs no edit here. A file with a prefix is a
//! row: core/kinds/kind_pod.c becomes KIND(pod) in "generated/kinds.h" (tables, below).
//! Libraries come from deps/NAME.lib: what is compiled, how, and where their headers are.
const std = @import("std");
const Build = std.Build;
const Compile = Build.Step.Compile;
const Run = Build.Step.Run;
const fatal = std.process.fatal;

comptime {
    const version = @import("builtin").zig_version_string;
    @setEvalBranchQuota(10_000);
    if (std.mem.find(u8, @embedFile("zig.lock"), "ziglang==" ++ version ++ " ") == null)
        @compileError("zig.lock pins another Zig than this " ++ version ++ ": use ./zigw build");
}

/// The rooms of the house, in the order of the ladder; cli/main.c is main().
const rooms = [_][]const u8{
    "core", "core/net",  "core/kinds",  "core/client",  "store",
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

const libraries = [_][]const u8{
    "bearssl", "cjson", "libuv", "libyaml", "llhttp", "mimalloc", "sqlite", "zlib",
};

const flags = [_][]const u8{
    "-std=c17", "-D_GNU_SOURCE",        "-Wall", "-Wextra", "-Wconversion",
    "-Wshadow", "-Wmissing-prototypes", "-Wvla", "-Werror",
};

/// What people carry: a release must stay under it.
const size_limit = 3_000_000;

/// What waits for people, disks and containers is built for size, what requests run through for speed.
const slow_rooms = [_][]const u8{ "cli/", "controllers/", "kubelet-lite/" };

const test_folders = [_][]const u8{
    "tests/harness", "tests/unit", "tests/stories", "tests/http", "tests/clients",
};

pub fn build(b: *Build) void {
    require_sources(b);
    var house: House = .{
        .b = b,
        .target = b.standardTargetOptions(.{
            .default_target = .{
                .cpu_arch = .x86_64,
                .os_tag = .linux,
                .abi = .musl,
                .cpu_model = .baseline, // The file runs everywhere, and is the same wherever it is built.
            },
        }),
        .speed = b.option(std.builtin.OptimizeMode, "optimize", "For coracle and the benches (default: ReleaseFast)") orelse .ReleaseFast,
        .strip = b.option(bool, "strip", "Leave out what debuggers and profilers read (default: true)") orelse true,
        .bug = b.option([]const u8, "bug", "Plant a known bug, CORACLE_BUG_NAME, to check the checkers"),
        .generated = generate(b),
    };
    for (libraries, 0..) |name, i| house.archives[i] = house.archive(.read(b, name));

    const coracle = house.program("coracle", house.speed, house.strip);
    house.add(coracle, &rooms, &.{});
    const install = b.addInstallArtifact(coracle, .{});
    const size = house.tool("tools/size");
    size.addArtifactArg(coracle);
    if (house.speed == .ReleaseFast and house.strip) size.addArg(b.fmt("{d}", .{size_limit}));
    b.getInstallStep().dependOn(&install.step);
    b.getInstallStep().dependOn(&size.step);

    const demo = b.addRunArtifact(coracle);
    demo.addArg("demo");
    house.step("demo", "Run the main job: a throw-away cluster, a gang, a resize", demo);

    house.add_tests(coracle);
    house.add_checks(coracle);
    house.add_benches();
    house.add_crash();
}

const House = struct {
    b: *Build,
    target: Build.ResolvedTarget,
    speed: std.builtin.OptimizeMode,
    strip: bool,
    bug: ?[]const u8,
    generated: Build.LazyPath,
    archives: [libraries.len]*Compile = undefined,

    /// What tests run is optimised too, so that long loops stay short, but undefined behaviour
    /// stops it, and what is only checked for debugging is (no NDEBUG).
    const checked: std.builtin.OptimizeMode = .ReleaseSafe;

    fn add_tests(h: *House, coracle: *Compile) void {
        const tests = h.program("coracle-tests", checked, false);
        h.add(tests, &rooms, &.{"cli/main.c"});
        h.add(tests, &test_folders, &.{});
        const words = [_][]const u8{ "test", "soak" };
        const help = [_][]const u8{
            "Run the tests; -- WORD...: those with a word in file or sentence",
            "Run the tests with every long loop at its full count",
        };
        for (words, help) |word, line| {
            const run = h.tool("tools/run-tests");
            run.addArtifactArg(coracle);
            run.addArtifactArg(tests);
            if (std.mem.eql(u8, word, "soak")) run.addArg("--full");
            h.step(word, line, run);
        }
        const bugs = h.tool("tools/bugs.py");
        bugs.addArg(h.b.graph.zig_exe);
        h.step("bugs", "Plant each bug of tests/bugs and see it caught: -- NAME... (default: all)", bugs);
        const sanitize = h.tool("tools/sanitize.py");
        sanitize.addDirectoryArg(h.generated);
        h.step("sanitize", "Run the tests built to notice bad addresses, leaks, undefined behaviour", sanitize);
        const fuzz = h.tool("tools/fuzz.py");
        fuzz.addDirectoryArg(h.generated);
        h.step("fuzz", "Feed readers of outside bytes: -- NAME... --time S (default: all, 60 s each)", fuzz);
    }

    fn add_checks(h: *House, coracle: *Compile) void {
        const check = h.b.step("check", "Format, warnings, static analysis, the include ladder, banned calls");
        const self_test = h.tool("tools/tidy.py");
        self_test.addArg("--self-test");
        const analyze = h.tool("tools/analyze.py");
        analyze.addDirectoryArg(h.generated);
        for ([_]*Run{ h.tool("tools/format.py"), h.tool("tools/tidy.py"), self_test, analyze }) |run|
            check.dependOn(&run.step);
        check.dependOn(&coracle.step);
        check.dependOn(&h.compiled_benches().step);
        const format = h.tool("tools/format.py");
        format.addArg("--fix");
        h.step("format", "Bring the sources into shape; -- FILE...: only these", format);
    }

    /// Nobody runs the benches in tests: at least they compile. An archive, for each has its main().
    fn compiled_benches(h: *House) *Compile {
        const m = h.module(h.speed, true);
        m.addIncludePath(h.b.path("."));
        m.addIncludePath(h.generated);
        for (libraries) |library| Library.read(h.b, library).add_includes(h.b, m);
        const benches = h.b.addLibrary(.{ .name = "benches", .linkage = .static, .root_module = m });
        h.add_files(benches, sources(h.b, &.{"tests/bench"}, &.{}));
        return benches;
    }

    /// tests/bench/bench_NAME.c is a program of its own, with the rooms at their full speed and the
    /// other files of that folder. Only what is wanted is built; two never run at once.
    fn add_benches(h: *House) void {
        const b = h.b;
        const all = b.step("bench", "Measure, beside the machine's own limit: -- NAME [ARGUMENTS] (default: all)");
        const wanted = if (b.args) |words| b.fmt("bench_{s}.c", .{words[0]}) else null;
        const files = list(b, "tests/bench", "bench_", ".c");
        const programs = b.allocator.alloc([]const u8, files.len) catch @panic("OOM");
        for (files, programs) |file, *path| path.* = b.fmt("tests/bench/{s}", .{file});
        const shared = sources(b, &.{"tests/bench"}, programs);
        var before: ?*Run = null;
        for (files) |file| {
            if (wanted) |name| if (!std.mem.eql(u8, file, name)) continue;
            const bench = h.program(file[0 .. file.len - 2], h.speed, h.strip);
            h.add(bench, &rooms, &.{"cli/main.c"});
            h.add_files(bench, shared);
            h.add_files(bench, &.{b.fmt("tests/bench/{s}", .{file})});
            const run = b.addRunArtifact(bench);
            run.stdio = .inherit;
            if (b.args) |words| run.addArgs(words[1..]);
            if (before) |earlier| run.step.dependOn(&earlier.step);
            all.dependOn(&run.step);
            before = run;
        }
        if (before == null) all.dependOn(&b.addFail("there is no such bench in tests/bench").step);
    }

    /// tests/crash/ is one program: writers, and a driver that kills them.
    fn add_crash(h: *House) void {
        const b = h.b;
        if (list(b, "tests/crash", "", ".c").len == 0) return;
        const crash = h.program("coracle-crash", checked, false);
        h.add(crash, &rooms, &.{"cli/main.c"});
        h.add(crash, &.{"tests/crash"}, &.{});
        h.step("crash", "Kill writers at random instants and look at what is left: -- --rounds N", b.addRunArtifact(crash));
        const long = b.addRunArtifact(crash);
        long.addArgs(&.{ "--rounds", "1000" });
        long.stdio = .inherit;
        b.top_level_steps.get("soak").?.step.dependOn(&long.step);
    }

    fn step(h: *House, name: []const u8, help: []const u8, run: *Run) void {
        if (h.b.args) |arguments| run.addArgs(arguments);
        run.stdio = .inherit;
        h.b.step(name, help).dependOn(&run.step);
    }

    /// A script, run each time from the root; what it does twice for nothing it must see itself.
    fn tool(h: *House, path: []const u8) *Run {
        const run = h.b.addSystemCommand(&.{h.b.pathFromRoot(path)});
        run.setCwd(h.b.path("."));
        run.stdio = .inherit;
        return run;
    }

    /// Libraries are always built for speed and without checks, as they come: the checks are for
    /// our own code, and one build of them serves every program.
    fn archive(h: *House, library: Library) *Compile {
        const m = h.module(.ReleaseFast, true);
        library.add_includes(h.b, m);
        for (library.private) |path| m.addIncludePath(library.path(h.b, path));
        m.addCSourceFiles(.{ .root = library.path(h.b, "."), .files = library.files, .flags = library.flags });
        const result = h.b.addLibrary(.{ .name = library.name, .linkage = .static, .root_module = m });
        result.link_function_sections = true;
        result.link_data_sections = true;
        return result;
    }

    /// A program with the libraries and the ways to all headers, but no source of ours yet.
    fn program(h: *House, name: []const u8, mode: std.builtin.OptimizeMode, strip: bool) *Compile {
        const m = h.module(mode, strip);
        m.addIncludePath(h.b.path("."));
        m.addIncludePath(h.generated);
        for (libraries, h.archives) |library, made| {
            Library.read(h.b, library).add_includes(h.b, m);
            m.linkLibrary(made);
        }
        const exe = h.b.addExecutable(.{ .name = name, .root_module = m, .linkage = .static });
        exe.link_gc_sections = true;
        exe.link_function_sections = true;
        exe.link_data_sections = true;
        return exe;
    }

    fn module(h: *House, mode: std.builtin.OptimizeMode, strip: bool) *Build.Module {
        return h.b.createModule(.{
            .target = h.target,
            .optimize = mode,
            .link_libc = true,
            .strip = strip,
            .unwind_tables = if (strip) .none else null, // Nothing unwinds C: 7 % of the file.
            .sanitize_c = if (mode == checked) .full else .off, // Full: says what and where.
        });
    }

    fn add(h: *House, exe: *Compile, folders: []const []const u8, except: []const []const u8) void {
        h.add_files(exe, sources(h.b, folders, except));
    }

    fn add_files(h: *House, exe: *Compile, files: []const []const u8) void {
        const b = h.b;
        // Paths in the program are those from the root, wherever the root is.
        const prefix = b.fmt("-ffile-prefix-map={s}/=", .{b.pathFromRoot("")});
        const plain = join(b, &.{ &flags, &.{prefix} });
        const define = b.fmt("CORACLE_BUG_{s}", .{bug_name(b, h.bug orelse "")});
        const planted = join(b, &.{ plain, &.{b.fmt("-D{s}", .{define})} });
        const small = join(b, &.{ plain, &.{"-Os"} });
        // Only the files that know the bug are compiled again for it.
        for (files) |file| {
            const knows = h.bug != null and std.mem.find(u8, read_file(b, file) orelse "", define) != null;
            const chosen = if (knows) planted else if (h.speed == .ReleaseFast and is_slow(file)) small else plain;
            exe.root_module.addCSourceFile(.{ .file = b.path(file), .flags = chosen });
        }
    }
};

fn is_slow(file: []const u8) bool {
    for (slow_rooms) |room| if (std.mem.startsWith(u8, file, room)) return true;
    return false;
}

/// "lost-last-write" is CORACLE_BUG_LOST_LAST_WRITE.
fn bug_name(b: *Build, bug: []const u8) []const u8 {
    const name = std.ascii.allocUpperString(b.allocator, bug) catch @panic("OOM");
    std.mem.replaceScalar(u8, name, '-', '_');
    return name;
}

/// The C files of folders, but for some.
fn sources(b: *Build, folders: []const []const u8, except: []const []const u8) []const []const u8 {
    var files: std.ArrayList([]const u8) = .empty;
    for (folders) |folder| for (list(b, folder, "", ".c")) |name| {
        const path = b.fmt("{s}/{s}", .{ folder, name });
        if (!contains(except, path)) files.append(b.allocator, path) catch @panic("OOM");
    };
    return files.items;
}

/// One deps/NAME.lib: lines of a word and what it is about, "#" starts a comment.
const Library = struct {
    name: []const u8,
    includes: []const []const u8 = &.{}, // For whoever uses it.
    private: []const []const u8 = &.{}, // For its own sources.
    flags: []const []const u8 = &.{},
    files: []const []const u8 = &.{},

    fn read(b: *Build, name: []const u8) Library {
        var library: Library = .{ .name = name };
        const text = read_file(b, b.fmt("deps/{s}.lib", .{name})) orelse fatal("no deps/{s}.lib", .{name});
        var lines = std.mem.tokenizeScalar(u8, text, '\n');
        while (lines.next()) |line| {
            if (line[0] == '#') continue;
            const word, const value = std.mem.cutScalar(u8, line, ' ') orelse .{ line, "" };
            const place = switch (std.meta.stringToEnum(enum { include, private, flag, file }, word) orelse
                fatal("deps/{s}.lib: what is \"{s}\"?", .{ name, line })) {
                .include => &library.includes,
                .private => &library.private,
                .flag => &library.flags,
                .file => &library.files,
            };
            place.* = join(b, &.{ place.*, &.{value} });
        }
        return library;
    }

    fn add_includes(library: Library, b: *Build, m: *Build.Module) void {
        for (library.includes) |name| m.addSystemIncludePath(library.path(b, name));
    }

    fn path(library: Library, b: *Build, name: []const u8) Build.LazyPath {
        return b.path(b.fmt(".deps/{s}/{s}", .{ library.name, name }));
    }
};

/// With the right zig on PATH, "zig build" does what "./zigw build" does.
fn require_sources(b: *Build) void {
    const pinned = read_file(b, "deps/PINS") orelse @panic("no deps/PINS");
    if (read_file(b, ".deps/PINS")) |fetched|
        if (std.mem.eql(u8, pinned, fetched)) return;
    _ = b.run(&.{ b.pathFromRoot("zigw"), "--setup" });
}

/// A folder with generated/TABLE.h, and the lists that tools/cc.py reads.
fn generate(b: *Build) Build.LazyPath {
    const files = b.addWriteFiles();
    _ = files.add("house.lib", lines_of(b, &flags, sources(b, &rooms, &.{"cli/main.c"})));
    _ = files.add("main.lib", lines_of(b, &.{}, &.{"cli/main.c"}));
    _ = files.add("tests.lib", lines_of(b, &.{}, sources(b, &test_folders, &.{})));
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

fn lines_of(b: *Build, flag_words: []const []const u8, files: []const []const u8) []const u8 {
    var text: []const u8 = "";
    for (flag_words) |flag| text = b.fmt("{s}flag {s}\n", .{ text, flag });
    for (files) |file| text = b.fmt("{s}file {s}\n", .{ text, file });
    return text;
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
            if (!contains(names, file)) fatal("{s}/{s} is in the .order file, but there is no such file", .{ table.folder, file });
            result.append(b.allocator, line) catch @panic("OOM");
        }
    }
    for (names) |name| {
        const row = name[table.prefix.len .. name.len - ".c".len];
        if (!contains(result.items, row)) result.append(b.allocator, row) catch @panic("OOM");
    }
    return result.items;
}

fn join(b: *Build, parts: []const []const []const u8) []const []const u8 {
    return std.mem.concat(b.allocator, []const u8, parts) catch @panic("OOM");
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
    while (entries.next(io) catch |err| fatal("cannot list {s}: {t}", .{ folder, err })) |entry| {
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
