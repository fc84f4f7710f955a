/* Events: one object in two shapes. */
#include "core/kinds/meta.h"
#include "tests/unit/kind_fixture.h"

extern const struct kind kind_event, kind_events_event;

#define CORE(members)                                                                    \
    "{'metadata':{'name':'e'},'involvedObject':{'kind':'Pod','namespace':'default',"     \
    "'name':'web'}," members "}"
#define NEW(members)                                                                     \
    "{'metadata':{'name':'e'},'regarding':{'kind':'Pod','namespace':'default',"          \
    "'name':'web'}," members "}"
#define WHO "'reportingController':'a.b/c','reportingInstance':'i','action':'A','reason':'R'"
#define WHEN "'eventTime':'2026-01-02T03:04:05.000000Z'"

static struct kind_fixture f;
static void begin(const struct kind *kind)
{
    kind_fixture_release(&f);
    kind_fixture_init(&f, kind);
}
static const char *refusal(const struct kind *kind, const char *event)
{
    begin(kind);
    return kind_create_error(&f, event);
}

TEST("an event is in the namespace of its object")
{
    EXPECT_TEXT(refusal(&kind_event, "{'metadata':{'name':'e'},'involvedObject':"
                                     "{'namespace':'other'}}"),
                "involvedObject.namespace: Invalid value: \"other\": does not match "
                "event.namespace");
    EXPECT_TEXT(refusal(&kind_event, "{'metadata':{'name':'e'},'involvedObject':{}}"), "");
    EXPECT_TEXT(refusal(&kind_event, CORE("'message':'hello'")), "");
}
TEST("an event with a time says who saw it, and what they did")
{
    EXPECT_TEXT(
        refusal(&kind_event, CORE(WHEN)),
        "[reportingComponent: Required value, reportingComponent: Invalid value: \"\": name "
        "part must be non-empty, reportingComponent: Invalid value: \"\": name part must "
        "consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
        "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
        "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'), reportingInstance: "
        "Required value, action: Required value, reason: Required value]");
}
TEST("the newer shape wants a time and one of two types, and nothing of the old")
{
    EXPECT_TEXT(refusal(&kind_events_event, NEW(WHO "," WHEN ",'type':'Normal'")), "");
    EXPECT_TEXT(refusal(&kind_events_event, NEW(WHO "," WHEN ",'type':'Bad'")),
                "type: Invalid value: \"\": has invalid value: Bad");
    EXPECT_TEXT(
        refusal(&kind_events_event, NEW(WHO "," WHEN ",'type':'Normal','deprecatedCount':2")),
        "count: Invalid value: \"\": needs to be unset");
    EXPECT_TEXT(
        refusal(&kind_events_event, NEW(WHO "," WHEN ",'type':'Normal','series':{'count':1,"
                                            "'lastObservedTime':'2026-01-02T03:04:05.000000Z'}")),
        "series.count: Invalid value: \"\": should be at least 2");
}
TEST("in the newer shape only the series changes")
{
    begin(&kind_events_event);
    struct json *old = kind_create(&f, NEW(WHO "," WHEN ",'type':'Normal'"));
    EXPECT_TEXT(kind_update_error(&f, old,
                                  NEW(WHO "," WHEN ",'type':'Normal','series':{'count':2,"
                                          "'lastObservedTime':'2026-01-02T03:04:06.000000Z'}"),
                                  NULL, NULL),
                "");
    EXPECT_TEXT(kind_update_error(&f, old, NEW(WHO "," WHEN ",'type':'Warning'"), NULL, NULL),
                "type: Invalid value: \"Warning\": field is immutable");
}

TEST("a shape is turned into the other and back, and nothing is lost")
{
    static const char text[] = NEW(
        "'apiVersion':'events.k8s.io/v1','kind':'Event'," WHO "," WHEN
        ",'type':'Normal','note':'n','related':{'name':'x'},'series':{'count':2,"
        "'lastObservedTime':'2026-01-02T03:04:06.000000Z'},'deprecatedSource':{'component':'c'},"
        "'deprecatedFirstTimestamp':'2026-01-02T03:04:05Z',"
        "'deprecatedLastTimestamp':'2026-01-02T03:04:05Z','deprecatedCount':3");
    begin(&kind_events_event);
    struct json *event = kind_read(&f, text), *before = kind_read(&f, text);
    EXPECT_EQ(kind_events_event.to_stored(&f.context, event, NULL, &f.status), 0);
    EXPECT_TEXT(kind_show(&f, event, "apiVersion"), "'v1'");
    EXPECT_TEXT(kind_show(&f, event, "message"), "'n'");
    EXPECT_TEXT(kind_show(&f, event, "source"), "{'component':'c'}");
    struct schema_warning *unknown;
    EXPECT_EQ(schema_decode(kind_event.schema, &f.arena, event, &unknown, &f.status), 0);
    EXPECT(!unknown);
    EXPECT_EQ(kind_events_event.from_stored(&f.context, event, &f.status), 0);
    EXPECT(json_equal(event, before));
}

TEST("the row of an event, in both shapes")
{
    static const char row[] =
        "['35s','Warning','BackOff','pod/web','spec.containers{c}','kubelet, n1','went wrong',"
        "'65s',7,'e']";
    begin(&kind_event);
    EXPECT_TEXT(kind_cells(&f, kind_create(&f, "{'metadata':{'name':'e'},'involvedObject':{"
                                               "'kind':'Pod','namespace':'default','name':'web',"
                                               "'fieldPath':'spec.containers{c}'},"
                                               "'type':'Warning','reason':'BackOff',"
                                               "'message':' went wrong\\n','count':7,"
                                               "'source':{'component':'kubelet','host':'n1'},"
                                               "'firstTimestamp':'2026-01-02T03:03:00Z',"
                                               "'lastTimestamp':'2026-01-02T03:03:30Z'}")),
                row);
    EXPECT_TEXT(kind_cells(&f, kind_create(&f, CORE(WHEN ",'reportingComponent':'a.b/c',"
                                                         "'reportingInstance':'i','action':'A',"
                                                         "'reason':'R','type':'Normal'"))),
                "['0s','Normal','R','pod/web','','a.b/c, i','','0s',1,'e']");
}
