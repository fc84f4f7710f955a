/* Requests for certificates, and reviews: what the server writes, who decides what. */
#include "tests/unit/kind_fixture.h"

extern const struct kind kind_certificate_signing_request, kind_subject_access_review,
    kind_self_subject_access_review, kind_local_subject_access_review, kind_token_request,
    kind_scale;

#define REQUEST "'request':'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K'"
#define SIGNER "'signerName':'example.com/s'"
#define USAGES "'usages':['client auth']"
#define CSR(spec) "{'metadata':{'name':'n1'},'spec':{" spec "}}"
#define GOOD CSR(REQUEST "," SIGNER "," USAGES)
#define CONDITION(type, status) \
    "{'metadata':{'name':'n1'},'status':{'conditions':[{'type':'" type "','status':'" status "'}]}}"

static struct kind_fixture f;
static void begin(const struct kind *kind)
{
    kind_fixture_release(&f);
    kind_fixture_init(&f, kind);
}
static const char *refusal_of(const struct kind *kind, const char *object)
{
    begin(kind);
    return kind_create_error(&f, object);
}
static const char *refusal(const char *object)
{
    return refusal_of(&kind_certificate_signing_request, object);
}

/* --- Requests --- */

TEST("who asks is written by the server, whatever the client says")
{
    static const char *const groups[] = {"a", "b", NULL};
    static const char *const extra[] = {"k", "1", "k", "2", NULL};
    begin(&kind_certificate_signing_request);
    f.context.groups = groups;
    f.context.extra = extra;
    struct json *request = kind_create(
        &f, CSR(REQUEST "," SIGNER "," USAGES ",'username':'root','uid':'0','groups':['wheel']"));
    EXPECT_TEXT(kind_show(&f, request, "spec.username"), "'tester'");
    EXPECT_TEXT(kind_show(&f, request, "spec.uid"), "");
    EXPECT_TEXT(kind_show(&f, request, "spec.groups"), "['a','b']");
    EXPECT_TEXT(kind_show(&f, request, "spec.extra"), "{'k':['1','2']}");
}
TEST("a request says what for and by whom it shall be signed")
{
    EXPECT_TEXT(refusal(GOOD), "");
    EXPECT_TEXT(refusal(CSR(REQUEST "," SIGNER)), "spec.usages: Required value");
    EXPECT_TEXT(
        refusal(CSR("'request':'eA=='," SIGNER "," USAGES)),
        "spec.request: Invalid value: \"eA==\": PEM block type must be CERTIFICATE REQUEST");
    EXPECT_TEXT(
        refusal(CSR(REQUEST "," USAGES ",'signerName':'s'")),
        "spec.signerName: Invalid value: \"s\": must be a fully qualified domain and path of "
        "the form 'example.com/signer-name'");
    EXPECT_TEXT(refusal(CSR(REQUEST "," SIGNER ",'usages':['any','any']")),
                "spec.usages[1]: Duplicate value: \"any\"");
    EXPECT_TEXT(refusal(CSR(REQUEST "," SIGNER "," USAGES ",'expirationSeconds':599")),
                "spec.expirationSeconds: Invalid value: 599: may not specify a duration less than "
                "600 seconds (10 minutes)");
}
TEST("approval decides, status does not; times are filled in; the rest stays")
{
    struct json *approved, *changed;
    begin(&kind_certificate_signing_request);
    struct json *request = kind_create(&f, GOOD);
    EXPECT_TEXT(
        kind_update_error(&f, request, CONDITION("Approved", "True"), "approval", &approved), "");
    EXPECT_TEXT(kind_show(&f, approved, "status.conditions"),
                "[{'type':'Approved','status':'True','lastUpdateTime':'2026-01-02T03:04:05Z',"
                "'lastTransitionTime':'2026-01-02T03:04:05Z'}]");
    EXPECT_TEXT(kind_update_error(&f, request, CONDITION("Approved", "True"), "status", &changed),
                "");
    EXPECT_TEXT(kind_show(&f, changed, "status.conditions"), "");
    EXPECT_TEXT(kind_update_error(&f, approved, CONDITION("Failed", "True"), "status", &changed),
                "");
    EXPECT_TEXT(kind_cells(&f, changed),
                "['n1','0s','example.com/s','tester','<none>','Approved,Failed']");
    EXPECT_TEXT(kind_update_error(&f, request, CONDITION("Approved", "False"), "approval", NULL),
                "status.conditions[0].status: Unsupported value: \"False\": supported values: "
                "\"True\"");
    EXPECT_TEXT(kind_update_error(&f, request, CSR(REQUEST "," USAGES ",'signerName':'a.b/c'"),
                                  NULL, &changed),
                "");
    EXPECT_TEXT(kind_show(&f, changed, "spec.signerName"), "'example.com/s'");
}

/* --- Reviews and bodies --- */

TEST("a review of access asks about one thing, and about somebody")
{
    EXPECT_TEXT(
        refusal_of(&kind_subject_access_review, "{'spec':{'user':'a'}}"),
        "spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes "
        "or resourceAttributes must be specified");
    EXPECT_TEXT(
        refusal_of(&kind_subject_access_review, "{'spec':{'resourceAttributes':{'verb':'get'}}}"),
        "spec.user: Invalid value: \"\": at least one of user or group must be specified");
    EXPECT_TEXT(refusal_of(&kind_self_subject_access_review,
                           "{'spec':{'nonResourceAttributes':{'verb':'get','path':'/x'}}}"),
                "");
}
TEST("a token lives ten minutes at least")
{
    EXPECT_TEXT(refusal_of(&kind_token_request, "{'spec':{'expirationSeconds':600}}"), "");
    EXPECT_TEXT(
        refusal_of(&kind_token_request, "{'spec':{'expirationSeconds':599}}"),
        "spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 "
        "minutes");
    EXPECT_TEXT(refusal_of(&kind_token_request, "{'spec':{'expirationSeconds':4294967297}}"),
                "spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration "
                "larger than 2^32 seconds");
}
TEST("a scale is not negative")
{
    EXPECT_TEXT(refusal_of(&kind_scale, "{'metadata':{'name':'a'},'spec':{'replicas':-1}}"),
                "spec.replicas: Invalid value: -1: must be greater than or equal to 0");
}
