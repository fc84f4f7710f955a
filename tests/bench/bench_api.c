/* The API beside what bounds it, all measured in one run on one machine.
 *
 *     bench -- api [--seconds S] [--rounds N] [--folder DIR] [--json] [WORD...]
 *
 * WORD: writes, reads, watch, start, full (default: all). Server, limits and load are processes
 * of their own. "plain" is the local socket, "TLS" is TCP with a client certificate. Every
 * write is durable before it is answered (SQLite WAL, synchronous=FULL), the limits' writes too,
 * where they write at all. Folder should be on a real disk. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/bench/api_bench.h"

static bool wants(const struct bench *bench, const char *word)
{
    for (int i = 0; i < bench->word_count; i++)
        if (strcmp(bench->words[i], word) == 0)
            return true;
    return bench->word_count == 0;
}

static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void read_words(struct bench *bench, int count, char **words, const char **parent)
{
    for (int i = 1; i < count; i++) {
        if (strcmp(words[i], "--json") == 0)
            bench->report.as_json = true;
        else if (strcmp(words[i], "--seconds") == 0 && i + 1 < count)
            bench->seconds = atof(words[++i]);
        else if (strcmp(words[i], "--rounds") == 0 && i + 1 < count)
            bench->rounds = atoi(words[++i]);
        else if (strcmp(words[i], "--folder") == 0 && i + 1 < count)
            *parent = words[++i];
        else
            bench->words[bench->word_count++] = words[i];
    }
    if (bench->rounds < 1 || bench->rounds > ROUNDS_MAX)
        bench->rounds = 5;
}

int main(int count, char **words)
{
    char folder[400], command[500];
    const char *parent = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
    raise_file_limit();
    if (count >= 4 && strcmp(words[1], "--role") == 0)
        return role_run(words[2], words[3], count > 4 ? words[4] : NULL);
    struct bench bench = {.report = {.bench = "api"}, .seconds = 1, .rounds = 5, .words = words};
    read_words(&bench, count, words, &parent);
    snprintf(folder, sizeof(folder), "%s/bench-api-XXXXXX", parent);
    bench.folder = mkdtemp(folder);
    if (!bench.folder)
        return 1;
    report_note(&bench.report, "Writes are durable: SQLite WAL, synchronous=FULL. Median of the "
                               "rounds, +- half of what they lie apart.");
    if (wants(&bench, "writes"))
        api_bench_writes(&bench);
    if (wants(&bench, "reads"))
        api_bench_reads(&bench);
    if (wants(&bench, "watch"))
        api_bench_watch(&bench);
    if (wants(&bench, "start"))
        api_bench_start(&bench);
    if (wants(&bench, "full"))
        api_bench_full(&bench);
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    return system(command) == 0 ? 0 : 1;
}
