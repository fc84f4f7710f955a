/* Quantities: what parses prints to what parses as the same value, canonically; times and
 * durations as well, since they come in by the same door. */
#include <stdint.h>

#include "core/kinds/duration.h"
#include "core/kinds/quantity.h"
#include "core/kinds/time_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_quantity(struct slice text)
{
    struct quantity quantity, again;
    char once[QUANTITY_TEXT_SIZE], twice[QUANTITY_TEXT_SIZE];
    if (quantity_parse(text, &quantity))
        return;
    quantity_print(&quantity, once);
    POST(quantity_parse(slice_of(once), &again) == QUANTITY_OK);
    POST(quantity_compare(&quantity, &again) == 0);
    quantity_print(&again, twice);
    POST(strcmp(once, twice) == 0);
    POST((quantity_value(&quantity) > 0) == (quantity_sign(&quantity) > 0));
    quantity_subtract(&again, &quantity);
    POST(quantity_sign(&again) == 0);
}

static void check_duration(struct arena *arena, struct slice text)
{
    int64_t nanos, again;
    char once[DURATION_TEXT_SIZE];
    if (duration_parse(arena, text, &nanos))
        return;
    duration_print(nanos, once);
    POST(!duration_parse(arena, slice_of(once), &again));
    POST(nanos == again);
}

static void check_time(struct arena *arena, struct slice text)
{
    int64_t wall_us, again;
    char once[TIME_TEXT_SIZE];
    if (time_text_parse(arena, text, true, &wall_us))
        return;
    time_format_micro(wall_us, once);
    POST(!time_text_parse(arena, slice_of(once), true, &again));
    POST(wall_us == again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct slice text = {(const char *)data, size};
    arena_init(&arena);
    check_quantity(text);
    check_duration(&arena, text);
    check_time(&arena, text);
    arena_release(&arena);
    return 0;
}
