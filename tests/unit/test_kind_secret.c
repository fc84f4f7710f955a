/* Secrets: what is for writing alone, what a type must hold, what stays. */
#include "tests/unit/kind_fixture.h"

extern const struct kind kind_secret;

#define SECRET(members) "{'metadata':{'name':'s'}," members "}"

static struct kind_fixture f;
static void begin(void)
{
    kind_fixture_release(&f);
    kind_fixture_init(&f, &kind_secret);
}
static const char *refusal(const char *secret)
{
    begin();
    return kind_create_error(&f, secret);
}

TEST("stringData is put into data, and wins")
{
    begin();
    struct json *secret =
        kind_create(&f, SECRET("'data':{'a':'eA==','b':'eQ=='},'stringData':{'a':'hello','c':''}"));
    EXPECT_TEXT(kind_show(&f, secret, "data"), "{'a':'aGVsbG8=','b':'eQ==','c':''}");
    EXPECT_TEXT(kind_show(&f, secret, "stringData"), "");
    EXPECT_TEXT(kind_show(&f, secret, "type"), "'Opaque'");
    EXPECT_TEXT(kind_cells(&f, secret), "['s','Opaque',3,'0s']");
}

TEST("keys are names of files")
{
    EXPECT_TEXT(
        refusal(SECRET("'data':{'a/b':''}")),
        "data[a/b]: Invalid value: \"a/b\": a valid config key must consist of alphanumeric "
        "characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex "
        "used for validation is '[-._a-zA-Z0-9]+')");
    EXPECT_TEXT(refusal(SECRET("'data':{'..':''}")),
                "data[..]: Invalid value: \"..\": must not be '..'");
}

static const char *refusal_of_size(size_t size)
{
    struct buffer text = {0};
    begin();
    buffer_append_text(&text, "{'metadata':{'name':'s'},'stringData':{'a':'");
    for (size_t i = 0; i < size; i++)
        buffer_append_text(&text, "x");
    buffer_append_text(&text, "'}}");
    const char *errors = kind_create_error(&f, text.data);
    buffer_release(&text);
    return errors;
}
TEST("all values together are at most a MiB")
{
    EXPECT_TEXT(refusal_of_size(1024 * 1024), "");
    EXPECT_TEXT(refusal_of_size(1024 * 1024 + 1),
                "data: Too long: may not be more than 1048576 bytes");
}

TEST("a type says what is in it")
{
    EXPECT_TEXT(refusal(SECRET("'type':'kubernetes.io/tls'")),
                "[data[tls.crt]: Required value, data[tls.key]: Required value]");
    EXPECT_TEXT(refusal(SECRET("'type':'kubernetes.io/basic-auth'")),
                "[data[username]: Required value, data[password]: Required value]");
    EXPECT_TEXT(refusal(SECRET("'type':'kubernetes.io/basic-auth','data':{'password':''}")), "");
    EXPECT_TEXT(refusal(SECRET("'type':'kubernetes.io/ssh-auth'")),
                "data[ssh-privatekey]: Required value");
    EXPECT_TEXT(refusal(SECRET("'type':'kubernetes.io/service-account-token'")),
                "metadata.annotations[kubernetes.io/service-account.name]: Required value");
    EXPECT_TEXT(refusal(SECRET("'type':'kubernetes.io/dockerconfigjson'")),
                "data[.dockerconfigjson]: Required value");
    EXPECT_TEXT(refusal(SECRET("'type':'kubernetes.io/dockerconfigjson',"
                               "'stringData':{'.dockerconfigjson':'{}'}")),
                "");
    EXPECT(strstr(refusal(SECRET("'type':'kubernetes.io/dockerconfigjson',"
                                 "'stringData':{'.dockerconfigjson':'{'}")),
                  "data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": "));
}

TEST("a type stays; so does everything once it is said to be immutable")
{
    struct json *old;
    begin();
    old = kind_create(&f, SECRET("'type':'a'"));
    EXPECT_TEXT(kind_update_error(&f, old, SECRET("'type':'b'"), NULL, NULL),
                "type: Invalid value: \"b\": field is immutable");
    old = kind_create(&f, SECRET("'immutable':true,'data':{'a':'eA=='}"));
    EXPECT_TEXT(
        kind_update_error(&f, old, SECRET("'immutable':true,'data':{'a':'eQ=='}"), NULL, NULL),
        "data: Forbidden: field is immutable when `immutable` is set");
    EXPECT_TEXT(kind_update_error(&f, old, SECRET("'data':{'a':'eA=='}"), NULL, NULL),
                "immutable: Forbidden: field is immutable when `immutable` is set");
    EXPECT_TEXT(
        kind_update_error(&f, old, SECRET("'immutable':true,'data':{'a':'eA=='}"), NULL, NULL), "");
}
