#include "api/service_ranges.h"

#include "core/kinds/facts_service.h"
#include "core/kinds/ip_text.h"
#include "core/kinds/view.h"

#define PREFIX "/services/"
#define PREFIX_BITS_MIN 12 /* As upstream: no larger range. */
#define PREFIX_BITS_MAX 30
#define PORT_MAX 65535
#define DUMMY_PORT 32768 /* What upstream shows first in a dry run. */

const struct service_ranges_config service_ranges_default = {
    .network = UINT32_C(0x0a600000), .prefix_bits = 12, .first_port = 30000, .last_port = 32767};

/* Numbers below size; those below lower are given out last (the lower band). */
struct range {
    struct bitmap held;
    size_t size;
    size_t lower;
};

struct service_ranges {
    struct store *store;
    struct store_follower follower;
    struct service_ranges_config config;
    struct range addresses; /* From the one behind the network's own address on. */
    struct range ports;
};

static const char *print_address(struct arena *arena, uint32_t a)
{
    return arena_format(arena, "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
}
const char *service_ranges_first_address(const struct service_ranges_config *config,
                                         struct arena *arena)
{
    return print_address(arena, config->network + 1);
}

/* --- What a service holds --- */

static uint32_t number_of_ip(const struct ip_address *ip)
{
    const uint8_t *b = ip->bytes;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | (uint32_t)b[3];
}
/* The number of an address or port in its range; false when it is outside. */
static bool number_of_address(const struct service_ranges *ranges, struct slice text,
                              size_t *number)
{
    struct ip_address ip;
    if (!ip_parse(text, &ip) || ip.is_v6)
        return false;
    *number = (size_t)(number_of_ip(&ip) - ranges->config.network - 1);
    return *number < ranges->addresses.size;
}
static bool number_of_port(const struct service_ranges *ranges, int64_t port, size_t *number)
{
    *number = (size_t)(port - ranges->config.first_port);
    return port >= ranges->config.first_port && *number < ranges->ports.size;
}

static bool read_facts(const struct object *service, struct facts_service *facts)
{
    struct slice value;
    return service && view_find(object_view(service), VIEW_FACTS, &value) &&
           facts_service_read(value, facts);
}
static void mark(struct bitmap *bitmap, size_t number, bool is_held)
{
    if (is_held)
        bitmap_set(bitmap, number);
    else
        bitmap_clear(bitmap, number);
}
static void mark_service(struct service_ranges *ranges, const struct object *service, bool is_held)
{
    struct facts_service facts;
    size_t number;
    if (!read_facts(service, &facts))
        return;
    while (facts.addresses.size > 0)
        if (number_of_address(ranges, facts_take_text(&facts.addresses), &number))
            mark(&ranges->addresses.held, number, is_held);
    while (facts.ports.size > 0)
        if (number_of_port(ranges, facts_take_int(&facts.ports), &number))
            mark(&ranges->ports.held, number, is_held);
}
static void follow(void *context, const struct object *old, const struct object *new)
{
    mark_service(context, old, false);
    mark_service(context, new, true);
}

/* --- Life --- */

/* How many of a range are left to those who choose: between 16 and max, a part of it. */
static size_t lower_band(size_t size, size_t part, size_t max)
{
    const size_t min = 16;
    size_t band = size / part;
    if (size <= min)
        return 0;
    return band < min ? min : band > max ? max : band;
}
static void range_init(struct range *range, size_t size, size_t lower)
{
    *range = (struct range){.size = size, .lower = lower < size ? lower : 0};
    bitmap_init(&range->held, size);
}

static int read_addresses(const char *text, struct service_ranges_config *config,
                          struct status *status)
{
    struct ip_address base;
    if (!cidr_parse(slice_of(text), &base, &config->prefix_bits) || base.is_v6 ||
        config->prefix_bits < PREFIX_BITS_MIN || config->prefix_bits > PREFIX_BITS_MAX)
        return status_fail(status, STATUS_BAD_REQUEST,
                           "\"%s\" is no IPv4 range with a prefix of %d to %d bits, such as "
                           "10.96.0.0/12",
                           text, PREFIX_BITS_MIN, PREFIX_BITS_MAX);
    config->network = number_of_ip(&base) & ~UINT32_C(0) << (32 - config->prefix_bits);
    return 0;
}
static int read_ports(const char *text, struct service_ranges_config *config, struct status *status)
{
    struct slice rest = slice_of(text), part = {0};
    int64_t first = 0, last = 0;
    bool is_good = slice_split(&rest, '-', &part) && slice_to_int64(part, &first) &&
                   slice_to_int64(rest, &last) && first > 0 && last >= first && last <= PORT_MAX;
    if (!is_good)
        return status_fail(status, STATUS_BAD_REQUEST,
                           "\"%s\" is no range of ports, such as 30000-32767", text);
    config->first_port = (int)first;
    config->last_port = (int)last;
    return 0;
}
int service_ranges_read(const char *addresses, const char *ports,
                        struct service_ranges_config *config, struct status *status)
{
    if (addresses && read_addresses(addresses, config, status))
        return -1;
    return ports ? read_ports(ports, config, status) : 0;
}

static void hold_all(struct service_ranges *ranges)
{
    struct pin *pin = store_pin(ranges->store, HEAD);
    struct pin_cursor cursor;
    const struct object *service = pin_first(pin, SLICE(PREFIX), SLICE(""), &cursor);
    for (; service; service = pin_next(&cursor))
        mark_service(ranges, service, true);
    pin_unref(pin);
}

struct service_ranges *service_ranges_create(struct store *store,
                                             const struct service_ranges_config *config)
{
    struct service_ranges *ranges = mem_alloc(sizeof(*ranges));
    size_t addresses = (size_t)1 << (32 - config->prefix_bits);
    size_t ports = (size_t)(config->last_port - config->first_port + 1);
    ranges->store = store;
    ranges->config = *config;
    /* Neither the network's own address nor the one of all of it. */
    range_init(&ranges->addresses, addresses - 2, lower_band(addresses, 16, 256));
    range_init(&ranges->ports, ports, lower_band(ports, 32, 128));
    ranges->follower =
        (struct store_follower){.change = follow, .context = ranges, .prefix = PREFIX};
    hold_all(ranges);
    store_follow(store, &ranges->follower);
    return ranges;
}

void service_ranges_stop(struct service_ranges *ranges)
{
    store_unfollow(ranges->store, &ranges->follower);
}

void service_ranges_destroy(struct service_ranges *ranges)
{
    if (!ranges)
        return;
    bitmap_release(&ranges->addresses.held);
    bitmap_release(&ranges->ports.held);
    mem_free(ranges);
}

/* --- Claims --- */

static void take_planned(struct service_claim *claim, const struct object *service)
{
    struct facts_service facts;
    size_t number;
    if (!slice_starts_with(object_key(service), SLICE(PREFIX)) || !read_facts(service, &facts))
        return;
    while (facts.addresses.size > 0)
        if (number_of_address(claim->ranges, facts_take_text(&facts.addresses), &number))
            claim->addresses[claim->address_count++] = number;
    while (facts.ports.size > 0)
        if (number_of_port(claim->ranges, facts_take_int(&facts.ports), &number))
            bitmap_set(&claim->ports, number);
}

void service_claim_init(struct service_claim *claim, const struct service_ranges *ranges,
                        const struct plan *plan, struct arena *arena, struct random *random)
{
    *claim = (struct service_claim){.ranges = ranges,
                                    .arena = arena,
                                    .random = random,
                                    .addresses = ARENA_ARRAY(arena, size_t, plan->count * 2 + 1)};
    bitmap_init(&claim->ports, ranges->ports.size);
    for (size_t i = 0; i < plan->count; i++)
        if (!plan->writes[i].is_delete)
            take_planned(claim, plan->writes[i].object);
}
void service_claim_release(struct service_claim *claim)
{
    bitmap_release(&claim->ports);
}

static bool address_is_held(const struct service_claim *claim, size_t number)
{
    for (size_t i = 0; i < claim->address_count; i++)
        if (claim->addresses[i] == number)
            return true;
    return bitmap_has(&claim->ranges->addresses.held, number);
}
static bool port_is_held(const struct service_claim *claim, size_t number)
{
    return bitmap_has(&claim->ranges->ports.held, number) || bitmap_has(&claim->ports, number);
}

/* The first free number from start on, round the band from..to; to when all are held. */
static size_t find_free(const struct service_claim *claim, const struct range *range, size_t from,
                        size_t to, bool (*is_held)(const struct service_claim *, size_t))
{
    size_t start = from < to ? from + (size_t)random_below(claim->random, to - from) : to;
    size_t at = bitmap_find_clear(&range->held, start, to);
    while (at < to && is_held(claim, at))
        at = bitmap_find_clear(&range->held, at + 1, to);
    if (at < to)
        return at;
    at = bitmap_find_clear(&range->held, from, start);
    while (at < start && is_held(claim, at))
        at = bitmap_find_clear(&range->held, at + 1, start);
    return at < start ? at : to;
}
/* From the upper band, and from the lower one when that is full. */
static bool find_any(const struct service_claim *claim, const struct range *range,
                     bool (*is_held)(const struct service_claim *, size_t), size_t *number)
{
    *number = find_free(claim, range, range->lower, range->size, is_held);
    if (*number < range->size)
        return true;
    *number = find_free(claim, range, 0, range->lower, is_held);
    return *number < range->lower;
}

const char *service_claim_any_address(struct service_claim *claim, const char **address)
{
    size_t number = (size_t)-1; /* The network's own: upstream's dummy. */
    if (!claim->is_dry_run && !find_any(claim, &claim->ranges->addresses, address_is_held, &number))
        return "range is full";
    *address = print_address(claim->arena, claim->ranges->config.network + 1 + (uint32_t)number);
    return NULL;
}
const char *service_claim_address(struct service_claim *claim, struct slice address)
{
    size_t number;
    if (number_of_address(claim->ranges, address, &number))
        return !claim->is_dry_run && address_is_held(claim, number)
                   ? "provided IP is already allocated"
                   : NULL;
    if (!claim->is_dry_run)
        return "the provided network does not match the current range";
    return arena_format(claim->arena,
                        "the provided IP (" SLICE_FORMAT
                        ") is not in the valid range. The range of valid IPs is %s/%d",
                        SLICE_ARGS(address),
                        print_address(claim->arena, claim->ranges->config.network),
                        claim->ranges->config.prefix_bits);
}

/* Behind the greatest so far, for it is only shown. */
static const char *give_dummy(struct service_claim *claim, int64_t *port)
{
    *port = claim->last_dummy ? claim->last_dummy + 1 : DUMMY_PORT;
    claim->last_dummy = *port;
    return NULL;
}
const char *service_claim_any_port(struct service_claim *claim, int64_t *port)
{
    size_t number;
    if (claim->is_dry_run)
        return give_dummy(claim, port);
    if (!find_any(claim, &claim->ranges->ports, port_is_held, &number))
        return "range is full";
    bitmap_set(&claim->ports, number);
    *port = claim->ranges->config.first_port + (int64_t)number;
    return NULL;
}
const char *service_claim_port(struct service_claim *claim, int64_t port)
{
    size_t number;
    if (claim->is_dry_run && port > claim->last_dummy)
        claim->last_dummy = port;
    if (!number_of_port(claim->ranges, port, &number))
        return claim->is_dry_run
                   ? NULL
                   : arena_format(claim->arena,
                                  "provided port is not in the valid range. The range of valid "
                                  "ports is %d-%d",
                                  claim->ranges->config.first_port,
                                  claim->ranges->config.last_port);
    if (port_is_held(claim, number))
        return "provided port is already allocated";
    bitmap_set(&claim->ports, number);
    return NULL;
}
