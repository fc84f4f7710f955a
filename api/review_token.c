/* TokenReview: whose token is this, and is it meant for these audiences?
 *
 * Rules: k8s.io/kubernetes pkg/registry/authentication/tokenreview: a token that is nobody's is
 * an answer and no failure; without audiences the API's own are meant. */
#include "api/api.h"
#include "api/review.h"
#include "api/token_check.h"

struct question {
    struct token_check check;
    struct request *request;
    struct json *review;
};

static void print_texts(struct arena *arena, struct json *object, const char *name,
                        const char *const *texts)
{
    struct json *array = json_set(arena, object, name, json_new_array(arena));
    for (; texts && *texts; texts++)
        json_append(array, json_new_text(arena, *texts));
}

static void print_user(struct arena *arena, struct json *status, const struct user *user)
{
    struct json *info = json_ensure_object(arena, status, "user");
    json_set_text(arena, info, "username", user->name);
    if (*user->uid)
        json_set_text(arena, info, "uid", user->uid);
    print_texts(arena, info, "groups", user->groups);
    for (const char *const *pair = user->extra; pair && pair[0]; pair += 2) {
        struct json *extra = json_ensure_object(arena, info, "extra");
        struct json *values = json_set(arena, extra, pair[0], json_new_array(arena));
        json_append(values, json_new_text(arena, pair[1]));
    }
}

static void print_answer(struct question *question)
{
    const struct token_check *check = &question->check;
    struct arena *arena = check->arena;
    struct json *status = json_set(arena, question->review, "status", json_new_object(arena));
    if (!check->user) {
        json_ensure_object(arena, status, "user");
        json_set_text(arena, status, "error", check->error);
        return;
    }
    json_set_bool(arena, status, "authenticated", true);
    print_user(arena, status, check->user);
    struct json *audiences = json_set(arena, status, "audiences", json_new_array(arena));
    for (size_t i = 0; i < check->accepted_count; i++)
        json_append(audiences, json_new_string(arena, check->accepted[i]));
}

static void end(struct question *question)
{
    print_answer(question);
    review_end(question->request, question->review);
}

static void checked(struct token_check *check)
{
    end(CONTAINER_OF(check, struct question, check));
}

static void read_audiences(struct question *question, const struct json *list)
{
    struct token_check *check = &question->check;
    if (json_count(list) == 0)
        return;
    struct slice *audiences = ARENA_ARRAY(check->arena, struct slice, json_count(list));
    JSON_EACH(audience, list)
        audiences[check->audience_count++] = json_string(audience);
    check->audiences = audiences;
}

int review_answer_token(struct request *request, struct json *review)
{
    const struct json *spec = json_get(review, "spec");
    struct slice token = json_string(json_get(spec, "token"));
    if (token.size == 0)
        return status_fail(&request->status, STATUS_BAD_REQUEST,
                           "token is required for TokenReview in authentication");
    struct question *question = ARENA_NEW(&request->arena, struct question);
    question->request = request;
    question->review = review;
    question->check = (struct token_check){
        .api = request->api, .arena = &request->arena, .token = token, .done = checked};
    read_audiences(question, json_get(spec, "audiences"));
    if (token_check_start(&question->check))
        end(question);
    else
        request_wait(request);
    return 0;
}
