/* Protobuf: bodies as Go clients send them, and the rules between wire and JSON. */
#include "core/kinds/protobuf.h"
#include "core/kinds/protobuf_wire.h"
#include "core/kinds/schema_table.h"
#include "tests/harness/json_quotes.h"

/* A kind with a field of every sort. */
FIELDS(test_inner) = {
    FIELD(1, "name", STRING, 0, ""),
    FIELD(2, "count", INT32, ALWAYS, ""),
};
TYPE(test_inner, "Inner", CORE_V1, "");

FIELDS(test_source) = {
    FIELD(1, "path", STRING, 0, ""),
    FIELD(2, "ready", BOOL, ALWAYS, ""),
};
TYPE(test_source, "Source", CORE_V1, "");

FIELDS(test_extra) = {
    LIST(1, "", STRING, 0, ""),
};
TYPE(test_extra, "ExtraValue", CORE_V1, "");

FIELDS(test_sample) = {
    TYPE_META_FIELDS,
    FIELD(1, "plain", STRING, 0, ""),
    FIELD(2, "pointer", STRING, POINTER, ""),
    FIELD(3, "always", STRING, ALWAYS, ""),
    FIELD(4, "number", INT32, 0, ""),
    FIELD(5, "numberPointer", INT32, POINTER, ""),
    FIELD(6, "big", INT64, 0, ""),
    FIELD(7, "flag", BOOL, 0, ""),
    FIELD(8, "share", DOUBLE, 0, ""),
    FIELD(9, "data", BYTES, 0, ""),
    FIELD(10, "size", QUANTITY, POINTER, ""),
    FIELD(11, "port", INT_OR_STRING, POINTER, ""),
    FIELD(12, "when", TIME, 0, ""),
    FIELD(13, "exactly", MICRO_TIME, 0, ""),
    FIELD(14, "period", DURATION, 0, ""),
    FIELD(15, "inner", OBJECT(test_inner), 0, ""),
    FIELD(16, "struct", OBJECT(test_inner), ALWAYS, ""),
    INLINE(17, test_source),
    FIELD(18, "raw", ANY, 0, ""),
    FIELD(19, "fields", FIELDS_V1, 0, ""),
    LIST(21, "texts", STRING, 0, ""),
    LIST(20, "numbers", INT32, 0, ""),
    LIST(22, "inners", OBJECT(test_inner), 0, ""),
    MAP(23, "labels", STRING, 0, ""),
    MAP(24, "secrets", BYTES, 0, ""),
    MAP(25, "extra", OBJECT(test_extra), 0, ""),
    LIST(26, "shares", DOUBLE, 0, ""),
};
TYPE(test_sample, "Sample", CORE_V1, "");

extern const struct schema_type type_test_nest;
FIELDS(test_nest) = {
    FIELD(1, "nest", OBJECT(test_nest), 0, ""),
};
TYPE(test_nest, "Nest", CORE_V1, "");

/* Of objects without anything in them. */
#define ZERO "'always':'','struct':{'count':0},'ready':false"

static struct arena arena;
static struct status status;
static struct buffer text;

/* The JSON of a message of Sample, or the message of the failure. */
static const char *read_sample(struct slice message)
{
    struct json *object;
    status_release(&status);
    status_init(&status);
    if (protobuf_read_message(&type_test_sample, &arena, message, &object, &status))
        return status.message;
    return json_quotes_show(&arena, object);
}

static struct slice write_sample(const char *json)
{
    buffer_clear(&text);
    protobuf_append_message(&type_test_sample, json_quotes_read(&arena, json), &text);
    return buffer_slice(&text);
}

/* What is written is read back as it was. */
static void expect_round_trip(const char *json)
{
    struct buffer message = {0};
    protobuf_append_message(&type_test_sample, json_quotes_read(&arena, json), &message);
    struct json *object;
    EXPECT_EQ(
        protobuf_read_message(&type_test_sample, &arena, buffer_slice(&message), &object, &status),
        0);
    if (!json_equal(object, json_quotes_read(&arena, json)))
        EXPECT_TEXT(json_quotes_show(&arena, object), json);
    buffer_release(&message);
}

/* --- Bodies --- */

TEST("a config map as kubectl sends it becomes the JSON that Go would print")
{
    struct slice body = SLICE("k8s\0\n\x0f\n\x02v1\x12\tConfigMap\x12"
                              "1\n\x1f\n\bsettings\x12\0\x1a\adefault\"\0*\0"
                              "2\0"
                              "8\0B\0\x12\x06\n\x01"
                              "a\x12\x01"
                              "1\x12\x06\n\x01"
                              "b\x12\x01"
                              "2\x1a\0\"\0");
    struct json *object;
    EXPECT_EQ(protobuf_decode(&type_config_map, &arena, body, &object, &status), 0);
    EXPECT_TEXT(json_quotes_show(&arena, object),
                "{'apiVersion':'v1','kind':'ConfigMap',"
                "'metadata':{'name':'settings','namespace':'default'},"
                "'data':{'a':'1','b':'2'}}");
}

TEST("a secret's bytes become base64, and plain structs that are empty are there")
{
    struct slice secret = SLICE("k8s\0\n\f\n\x02v1\x12\x06Secret\x12(\n\x11\n\x01s\x12\0\x1a\0\"\0*"
                                "\0"
                                "2\0"
                                "8\0B\0\x12\v\n\x01k\x12\x06hello\0\x1a\x06Opaque\x1a\0\"\0");
    struct json *object;
    EXPECT_EQ(protobuf_decode(&type_secret, &arena, secret, &object, &status), 0);
    EXPECT_TEXT(json_text(json_at(object, "data.k")), "aGVsbG8A");
    struct slice namespace = SLICE("k8s\0\n\x0f\n\x02v1\x12\tNamespace\x12\x1c\n\x14\n\x04team"
                                   "\x12\0"
                                   "\x1a\0\"\0*\0"
                                   "2\0"
                                   "8\0B\0\x12\0\x1a\x02\n\0\x1a\0\"\0");
    EXPECT_EQ(protobuf_decode(&type_namespace, &arena, namespace, &object, &status), 0);
    EXPECT_TEXT(json_quotes_show(&arena, object),
                "{'apiVersion':'v1','kind':'Namespace',"
                "'metadata':{'name':'team'},'spec':{},'status':{}}");
}

TEST("a body without the prefix, or with nothing behind it, is refused in upstream's words")
{
    struct json *object;
    status_release(&status);
    status_init(&status);
    EXPECT_EQ(protobuf_decode(&type_test_sample, &arena, SLICE("{'kind'"), &object, &status), -1);
    EXPECT_EQ(status.code, 400);
    EXPECT_TEXT(status.message, "provided data does not appear to be a protobuf message, "
                                "expected prefix [107 56 115 0]");
    EXPECT_EQ(protobuf_decode(&type_test_sample, &arena, SLICE("k8s"), &object, &status), -1);
    EXPECT_EQ(protobuf_decode(&type_test_sample, &arena, SLICE(""), &object, &status), -1);
    EXPECT_TEXT(status.message, "empty data");
    EXPECT_EQ(protobuf_decode(&type_test_sample, &arena, SLICE("k8s\0"), &object, &status), -1);
    EXPECT_TEXT(status.message, "empty body");
}

TEST("apiVersion and kind travel in the envelope")
{
    const char *json = "{'apiVersion':'x/v1','kind':'Sample','plain':'a'," ZERO "}";
    struct buffer body = {0};
    protobuf_encode(&type_test_sample, json_quotes_read(&arena, json), &body);
    struct protobuf_envelope envelope;
    EXPECT_EQ(protobuf_read_envelope(buffer_slice(&body), &envelope, &status), 0);
    EXPECT_SLICE(envelope.api_version, "x/v1");
    EXPECT_SLICE(envelope.kind, "Sample");
    struct json *object;
    EXPECT_EQ(protobuf_decode(&type_test_sample, &arena, buffer_slice(&body), &object, &status), 0);
    EXPECT(json_equal(object, json_quotes_read(&arena, json)));
    buffer_release(&body);
}

TEST("a list is its metadata and its items, in the envelope of the list's kind")
{
    struct buffer message = {0};
    protobuf_append_list_meta(json_quotes_read(&arena, "{'resourceVersion':'7'}"), &message);
    protobuf_append_list_item(&type_test_inner, json_quotes_read(&arena, "{'name':'a'}"), &message);
    protobuf_append_list_item(&type_test_inner, json_quotes_read(&arena, "{}"), &message);
    EXPECT_SLICE(buffer_slice(&message), SLICE("\n\x03\x12\x01"
                                               "7\x12\x03\n\x01"
                                               "a\x12\0"));
    buffer_release(&message);
}

TEST("a frame of a watch is its size, big-endian, and a WatchEvent around a body")
{
    struct buffer stream = {0};
    protobuf_append_watch_event(SLICE("ADDED"), SLICE("k8s\0xy"), &stream);
    EXPECT_SLICE(buffer_slice(&stream), SLICE("\0\0\0\x11\n\x05"
                                              "ADDED\x12\b\n\x06k8s\0xy"));
    buffer_clear(&stream);
    char big[300];
    memset(big, 'x', sizeof(big));
    protobuf_append_watch_event(SLICE("DELETED"), (struct slice){big, sizeof(big)}, &stream);
    EXPECT_EQ(stream.size, 4 + 9 + 3 + 3 + 300);
    EXPECT_SLICE(slice_sub(buffer_slice(&stream), 0, 4), SLICE("\0\0\x01\x3b"));
    EXPECT_SLICE(slice_sub(buffer_slice(&stream), 13, 19), SLICE("\x12\xaf\x02\n\xac\x02"));
    buffer_release(&stream);
}

/* --- From wire to JSON --- */

TEST("an empty message has the fields that Go always writes, and no others")
{
    EXPECT_TEXT(read_sample(SLICE("")), "{" ZERO "}");
}

TEST("a plain zero is absent, a pointer's zero is there")
{
    EXPECT_TEXT(read_sample(SLICE("\x0a\0\x20\0\x30\0\x38\0\x4a\0")), "{" ZERO "}");
    EXPECT_TEXT(read_sample(SLICE("\x12\0\x28\0")), "{'pointer':'','numberPointer':0," ZERO "}");
    EXPECT_TEXT(read_sample(SLICE("\x1a\0")), "{'always':'','struct':{'count':0},'ready':false}");
}

TEST("of a scalar that comes twice the last counts, and messages merge")
{
    EXPECT_TEXT(read_sample(SLICE("\x0a\x01"
                                  "a\x0a\x01"
                                  "b")),
                "{'plain':'b'," ZERO "}");
    EXPECT_TEXT(read_sample(SLICE("\x0a\x01"
                                  "a\x0a\0")),
                "{" ZERO "}");
    EXPECT_TEXT(read_sample(SLICE("\x7a\x03\x0a\x01n\x7a\x02\x10\x05")),
                "{'inner':{'name':'n','count':5}," ZERO "}");
}

TEST("negative numbers are ten bytes, and an int32 keeps its low half")
{
    EXPECT_TEXT(read_sample(SLICE("\x20\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
                                  "\x30\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")),
                "{'number':-1,'big':-1," ZERO "}");
    EXPECT_TEXT(read_sample(SLICE("\x20\x81\x80\x80\x80\x10")), "{'number':1," ZERO "}");
}

TEST("numbers of a list come one by one or packed")
{
    EXPECT_TEXT(read_sample(SLICE("\xa0\x01\x01\xa2\x01\x03\x02\xac\x02\xa0\x01\0")),
                "{'numbers':[1,2,300,0]," ZERO "}");
    EXPECT_TEXT(read_sample(SLICE("\xd1\x01\0\0\0\0\0\0\xf8\x3f"
                                  "\xd2\x01\x08\0\0\0\0\0\0\0\x40")),
                "{'shares':[1.5,2]," ZERO "}");
    EXPECT_TEXT(read_sample(SLICE("\xa2\x01\x01\xff")), "unexpected EOF");
    EXPECT_TEXT(read_sample(SLICE("\xd2\x01\x03\0\0\0")), "unexpected EOF");
}

TEST("small messages are scalars in JSON")
{
    EXPECT_TEXT(read_sample(SLICE("\x52\x05\x0a\x03"
                                  "0.5")),
                "{'size':'500m'," ZERO "}");
    EXPECT_TEXT(read_sample(SLICE("\x5a\x04\x08\0\x10\x50")), "{'port':80," ZERO "}");
    EXPECT_TEXT(read_sample(SLICE("\x5a\x08\x08\x01\x10\0\x1a\x02"
                                  "ab")),
                "{'port':'ab'," ZERO "}");
    EXPECT_TEXT(read_sample(SLICE("\x62\x04\x08\x01\x10\x05")),
                "{'when':'1970-01-01T00:00:01Z'," ZERO "}");
    EXPECT_TEXT(read_sample(SLICE("\x6a\x06\x08\x01\x10\xe0\xd4\x03")),
                "{'exactly':'1970-01-01T00:00:01.000060Z'," ZERO "}");
    EXPECT_TEXT(read_sample(SLICE("\x72\x06\x08\x80\xf2\x8b\xa8\x09")),
                "{'period':'2.5s'," ZERO "}");
    EXPECT_TEXT(read_sample(SLICE("\x92\x01\x0a\x0a\x08{\"a\":[]}")), "{'raw':{'a':[]}," ZERO "}");
}

TEST("a zero time and a raw value of nothing are null, so absent")
{
    EXPECT_TEXT(read_sample(SLICE("\x62\0\x6a\0\x92\x01\0\x9a\x01\0")), "{" ZERO "}");
    EXPECT_TEXT(read_sample(SLICE("\x62\x0b\x08\x80\x92\xb8\xc3\x98\xfe\xff\xff\xff\x01")),
                "{" ZERO "}");
}

TEST("texts that their type cannot read are refused")
{
    EXPECT(strstr(read_sample(SLICE("\x52\x03\x0a\x01x")), "quantities must match") != NULL);
    EXPECT_TEXT(read_sample(SLICE("\x5a\x02\x08\x02")), "impossible IntOrString.Type");
    EXPECT_TEXT(read_sample(SLICE("\x41\0\0\0\0\0\0\xf8\x7f")), "json: unsupported value: NaN");
    EXPECT_TEXT(read_sample(SLICE("\x62\x07\x08\xff\xff\xff\xff\xff\x7f")),
                "Time.MarshalJSON: year outside of range [0,9999]");
    EXPECT(strstr(read_sample(SLICE("\x92\x01\x03\x0a\x01{")), "end of JSON") != NULL);
}

TEST("fields of an embedded struct stand in the parent")
{
    EXPECT_TEXT(read_sample(SLICE("\x8a\x01\x05\x0a\x01p\x10\x01")),
                "{'path':'p','ready':true,'always':'','struct':{'count':0}}");
}

TEST("what is missing in an entry of a map is zero, and of a key that comes twice the last counts")
{
    EXPECT_TEXT(read_sample(SLICE("\xba\x01\x03\x0a\x01k\xba\x01\x03\x12\x01v\xba\x01\0")),
                "{'labels':{'k':'','':''}," ZERO "}");
    EXPECT_TEXT(read_sample(SLICE("\xba\x01\x06\x0a\x01k\x12\x01"
                                  "1\xba\x01\x06\x0a\x01k\x12\x01"
                                  "2")),
                "{'labels':{'k':'2'}," ZERO "}");
}

TEST("a map of named lists is a map of lists")
{
    EXPECT_TEXT(read_sample(SLICE("\xca\x01\x0b\x0a\x01k\x12\x06\x0a\x01"
                                  "a\x0a\x01"
                                  "b\xca\x01\x03\x0a\x01z")),
                "{'extra':{'k':['a','b'],'z':[]}," ZERO "}");
    expect_round_trip("{'extra':{'k':['a','b'],'z':[]}," ZERO "}");
}

TEST("numbers that the schema does not have are skipped, groups among them")
{
    EXPECT_TEXT(read_sample(SLICE("\xf8\x07\x05\xf9\x07\0\0\0\0\0\0\0\0\xfa\x07\x02zz"
                                  "\xfd\x07\0\0\0\0"
                                  "\xfb\x07\x08\x01\x0b\x0c\xfc\x07\x0a\x01x")),
                "{'plain':'x'," ZERO "}");
}

TEST("a broken message is refused in gogo's words")
{
    EXPECT_TEXT(read_sample(SLICE("\x08\x01")), "proto: wrong wireType = 0 for field Plain");
    EXPECT_TEXT(read_sample(SLICE("\x0a\x02x")), "unexpected EOF");
    EXPECT_TEXT(read_sample(SLICE("\x80")), "unexpected EOF");
    EXPECT_TEXT(read_sample(SLICE("\x20\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")),
                "proto: integer overflow");
    EXPECT_TEXT(read_sample(SLICE("\x0f")), "proto: illegal wireType 7");
    EXPECT_TEXT(read_sample(SLICE("\x02\0")), "proto: Sample: illegal tag 0 (wire type 2)");
    EXPECT_TEXT(read_sample(SLICE("\x0c")), "proto: Sample: wiretype end group for non-group");
    EXPECT_TEXT(read_sample(SLICE("\x0b\x10\x01")), "unexpected EOF");
    EXPECT_TEXT(read_sample(SLICE("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")),
                "proto: negative length found during unmarshaling");
}

TEST("a message cut anywhere is either refused or a message of fewer fields")
{
    struct buffer message = {0};
    const char *json = "{'plain':'text','number':300,'inner':{'name':'n'},'labels':{'a':'b'},"
                       "'numbers':[1,2],'share':0.5}";
    protobuf_append_message(&type_test_sample, json_quotes_read(&arena, json), &message);
    for (size_t size = 0; size < message.size; size++) {
        char *exact = mem_copy_slice((struct slice){message.data, size});
        (void)read_sample((struct slice){exact, size});
        mem_free(exact);
    }
    buffer_release(&message);
}

static size_t nest_message(size_t depth, struct buffer *message)
{
    struct buffer inner = {0};
    for (size_t i = 0; i < depth; i++) {
        buffer_clear(message);
        wire_append_bytes(message, 1, buffer_slice(&inner));
        buffer_clear(&inner);
        buffer_append_slice(&inner, buffer_slice(message));
    }
    buffer_release(&inner);
    return message->size;
}

TEST("a message may nest 199 deep, and no deeper")
{
    struct buffer message = {0};
    struct json *object;
    (void)nest_message(199, &message);
    EXPECT_EQ(
        protobuf_read_message(&type_test_nest, &arena, buffer_slice(&message), &object, &status),
        0);
    (void)nest_message(200, &message);
    EXPECT_EQ(
        protobuf_read_message(&type_test_nest, &arena, buffer_slice(&message), &object, &status),
        -1);
    EXPECT_TEXT(status.message, "proto: Nest: exceeded max depth");
    buffer_release(&message);
}

TEST("a small body cannot become a million values")
{
    struct buffer message = {0};
    for (int i = 0; i < 600000; i++)
        buffer_append(&message, "\xb2\x01\0", 3); /* inners: {}, which always has count. */
    struct json *object;
    EXPECT_EQ(
        protobuf_read_message(&type_test_sample, &arena, buffer_slice(&message), &object, &status),
        -1);
    EXPECT_EQ(status.code, 413);
    buffer_release(&message);
}

/* --- From JSON to wire --- */

TEST("fields are written by number, whatever order tree and table have, and only what is there")
{
    EXPECT_SLICE(write_sample("{'texts':['t',''],'numbers':[7],'plain':'','kind':'K'}"),
                 SLICE("\x0a\0\x8a\x01\0\xa0\x01\x07\xaa\x01\x01t\xaa\x01\0"));
}

TEST("a map is written by key")
{
    EXPECT_SLICE(write_sample("{'labels':{'b':'','a':'1'}}"), SLICE("\x8a\x01\0\xba\x01\x06\x0a\x01"
                                                                    "a\x12\x01"
                                                                    "1\xba\x01\x05\x0a\x01"
                                                                    "b\x12\0"));
}

TEST("null, unknown fields and values of another type are not written")
{
    EXPECT_SLICE(write_sample("{'plain':null,'number':'x','flag':1,'share':true,"
                              "'data':'*','when':'soon','period':'long','texts':{},"
                              "'labels':[],'unknown':1}"),
                 SLICE("\x8a\x01\0"));
}

TEST("what is written is read back")
{
    expect_round_trip("{" ZERO "}");
    expect_round_trip("{'pointer':'','numberPointer':0," ZERO "}");
    expect_round_trip("{'number':-2147483648,'big':-9223372036854775808," ZERO "}");
    expect_round_trip("{'number':2147483647,'big':9223372036854775807," ZERO "}");
    expect_round_trip("{'flag':true,'share':-0.1,'data':'aGk=','size':'1500Mi'," ZERO "}");
    expect_round_trip("{'port':-5," ZERO "}");
    expect_round_trip("{'port':'http','period':'-1h0m0.000000001s'," ZERO "}");
    expect_round_trip("{'when':'1969-12-31T23:59:59Z',"
                      "'exactly':'1969-12-31T23:59:59.999999Z'," ZERO "}");
    expect_round_trip("{'raw':{'a':[1,null]},'fields':{'f:a':{}}," ZERO "}");
    expect_round_trip("{'texts':['','\\u0000'],'numbers':[0,-1],'shares':[0.5],"
                      "'inners':[{'count':0},{'name':'n','count':3}]," ZERO "}");
    expect_round_trip("{'labels':{'':'','k':'v'},'secrets':{'s':'AA==','t':''}," ZERO "}");
    expect_round_trip("{'path':'p','ready':true,'always':'a','struct':{'count':1}}");
}

TEST("messages of 127, 128, 16383 and 16384 bytes have sizes of one, two and three bytes")
{
    static const struct {
        size_t size;
        size_t head;
    } cases[] = {{127, 2}, {128, 3}, {16383, 3}, {16384, 4}};
    static char big[16384];
    memset(big, 'x', sizeof(big));
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        buffer_clear(&text);
        size_t begin = wire_begin(&text, 1);
        buffer_append(&text, big, cases[i].size);
        wire_end(&text, begin);
        EXPECT_EQ(text.size, cases[i].size + cases[i].head);
        struct slice rest = buffer_slice(&text);
        struct wire_field field;
        EXPECT_EQ(wire_next(&rest, "", &field, &status), 1);
        EXPECT_SLICE(field.bytes, ((struct slice){big, cases[i].size}));
        EXPECT_EQ(wire_next(&rest, "", &field, &status), 0);
    }
}
