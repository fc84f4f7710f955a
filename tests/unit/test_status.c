/* core/status: upstream's reasons, codes and messages. */
#include "core/status.h"

#include "tests/harness/test.h"

static struct status status;

TEST("a failure says reason, code and message, and returns -1")
{
    status_init(&status);
    EXPECT(status_ok(&status) && status.code == 200 && status.message == NULL);
    EXPECT_EQ(status_fail(&status, STATUS_CONFLICT, "%s is at %d", "a", 5), -1);
    EXPECT(!status_ok(&status));
    EXPECT_EQ(status.code, 409);
    EXPECT_TEXT(status.message, "a is at 5");
    EXPECT_TEXT(status_reason_text(status.reason), "Conflict");
    EXPECT_EQ(status_wrap(&status, "while %s", "writing"), -1);
    EXPECT_TEXT(status.message, "while writing: a is at 5");
    EXPECT_EQ(status_fail(&status, STATUS_INTERNAL_ERROR, "was: %s", status.message), -1);
    EXPECT_TEXT(status.message, "was: while writing: a is at 5");
    EXPECT_TEXT(status_reason_text(STATUS_OUTCOME_UNKNOWN), "Timeout");
    status_clear(&status);
    EXPECT(status_ok(&status) && status.message == NULL);
    EXPECT_DIES((void)status_fail(&status, STATUS_OK, "no"));
    status_release(&status);
    status_release(&status);
    status_release(NULL);
}

TEST("ready-made errors have upstream's words")
{
    status_init(&status);
    status_not_found(&status, "", "pods", "web");
    EXPECT_TEXT(status.message, "pods \"web\" not found");
    EXPECT_TEXT(status.kind, "pods");
    EXPECT_TEXT(status.group, "");
    EXPECT_TEXT(status.name, "web");
    EXPECT_EQ(status.code, 404);
    status_already_exists(&status, "apps", "deployments", "web");
    EXPECT_TEXT(status.message, "deployments.apps \"web\" already exists");
    EXPECT_EQ(status.reason, STATUS_ALREADY_EXISTS);
    status_conflict(&status, "", "pods", "web", status_modified_text);
    EXPECT_TEXT(status.message,
                "Operation cannot be fulfilled on pods \"web\": the object has been modified; "
                "please apply your changes to the latest version and try again");
    status_forbidden(&status, "", "pods", "web", "no");
    EXPECT_TEXT(status.message, "pods \"web\" is forbidden: no");
    status_forbidden(&status, "apps", "deployments", "", "no");
    EXPECT_TEXT(status.message, "deployments.apps is forbidden: no");
    status_forbidden(&status, "", "", "", "no");
    EXPECT_TEXT(status.message, "forbidden: no");
    EXPECT_EQ(status.code, 403);
    status_release(&status);
}

TEST("field errors become one Invalid with a cause each")
{
    struct arena arena = {0};
    struct field_errors errors;
    status_init(&status);
    field_errors_init(&errors, &arena);
    EXPECT_EQ(field_errors_status(&errors, "", "Pod", "web", &status), 0);
    EXPECT(status_ok(&status));
    field_error_add(&errors, FIELD_REQUIRED, "spec.a", NULL, NULL);
    EXPECT_EQ(field_errors_status(&errors, "", "Pod", "web", &status), -1);
    EXPECT_TEXT(status.message, "Pod \"web\" is invalid: spec.a: Required value");
    const char *value = field_value_text(&arena, SLICE("x y"));
    field_error_add(&errors, FIELD_INVALID, "spec.b", value, "must be %d", 5);
    field_error_add(&errors, FIELD_REQUIRED, "spec.a", "hidden", "%s", "");
    field_error_add(&errors, FIELD_TOO_LONG, "spec.c", "hidden", "may not be more than 9 bytes");
    field_error_add(&errors, FIELD_DUPLICATE, "spec.d", "\"x\"", NULL);
    EXPECT_EQ(field_errors_status(&errors, "apps", "Deployment", "web", &status), -1);
    EXPECT_TEXT(status.message,
                "Deployment.apps \"web\" is invalid: [spec.a: Required value, "
                "spec.b: Invalid value: \"x y\": must be 5, "
                "spec.c: Too long: may not be more than 9 bytes, spec.d: Duplicate value: \"x\"]");
    EXPECT_EQ(status.code, 422);
    const struct status_cause *cause = status.causes;
    EXPECT_TEXT(cause->reason, "FieldValueRequired");
    EXPECT_TEXT(cause->message, "Required value");
    EXPECT_TEXT(cause->field, "spec.a");
    cause = cause->next;
    EXPECT_TEXT(cause->message, "Invalid value: \"x y\": must be 5");
    EXPECT(cause->next->next->next && cause->next->next->next->next == NULL);
    arena_release(&arena);
    status_release(&status);
}

TEST_LIMIT(5, "a hundred thousand field errors are gathered without delay")
{
    struct arena arena = {0};
    struct field_errors errors;
    status_init(&status);
    field_errors_init(&errors, &arena);
    for (int i = 0; i < 100000; i++)
        field_error_add(&errors, FIELD_INVALID, arena_format(&arena, "spec.a[%d]", i / 2), "1",
                        NULL);
    EXPECT_EQ(field_errors_status(&errors, "", "Pod", "web", &status), -1);
    EXPECT(strlen(status.message) > 1000000);
    arena_release(&arena);
    status_release(&status);
}

TEST("a copy needs nothing of what it was made from")
{
    struct status copy;
    status_init(&copy);
    status_init(&status);
    status_not_found(&status, "apps", "deployments", "web");
    status_add_cause(&status, "UnexpectedServerResponse", NULL, "cause %d", 1);
    status_add_cause(&status, "Other", "a.b", "cause %d", 2);
    status.retry_after_seconds = 3;
    status.next_page = "token";
    status_copy(&copy, &status);
    status_release(&status);
    status_copy(&copy, &copy);
    EXPECT_TEXT(copy.message, "deployments.apps \"web\" not found");
    EXPECT_TEXT(copy.kind, "deployments");
    EXPECT_TEXT(copy.uid, NULL);
    EXPECT_TEXT(copy.causes->message, "cause 1");
    EXPECT_TEXT(copy.causes->field, NULL);
    EXPECT_TEXT(copy.causes->next->field, "a.b");
    EXPECT_EQ(copy.retry_after_seconds, 3);
    EXPECT_TEXT(copy.next_page, "token");
    status_release(&copy);
}

TEST("values are quoted as Go's %q quotes them")
{
    struct arena arena = {0};
    EXPECT_TEXT(field_value_text(&arena, SLICE("")), "\"\"");
    EXPECT_TEXT(field_value_text(&arena, (struct slice){NULL, 0}), "\"\"");
    EXPECT_TEXT(field_value_text(&arena, SLICE("a\"b\\c'd")), "\"a\\\"b\\\\c'd\"");
    EXPECT_TEXT(field_value_text(&arena, SLICE("\a\b\t\n\v\f\r")), "\"\\a\\b\\t\\n\\v\\f\\r\"");
    EXPECT_TEXT(field_value_text(&arena, SLICE("\0\x1b\x7f")), "\"\\x00\\x1b\\x7f\"");
    EXPECT_TEXT(field_value_text(&arena, SLICE("\xff\xc3")), "\"\\xff\\xc3\"");
    EXPECT_TEXT(field_value_text(&arena, SLICE("h\xc3\xa9\xf0\x9f\x98\x80")),
                "\"h\xc3\xa9\xf0\x9f\x98\x80\"");
    EXPECT_TEXT(field_value_text(&arena, SLICE("\xc2\xa0\xe2\x80\x8b\xef\xbb\xbf\xf3\xa0\x80\x81")),
                "\"\\u00a0\\u200b\\ufeff\\U000e0001\"");
    EXPECT_TEXT(field_value_text(&arena, SLICE("\xef\xbf\xbd")), "\"\xef\xbf\xbd\"");
    arena_release(&arena);
}
