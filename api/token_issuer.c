/* See token_issuer.h. */
#include "api/token_issuer.h"

const struct slice token_issuer_audiences[1] = {{TOKEN_ISSUER, sizeof(TOKEN_ISSUER) - 1}};

void token_issuer_init(struct token_issuer *issuer, const struct ec_key *key, struct random *random)
{
    if (key)
        issuer->key = *key;
    else
        ec_key_generate(random, &issuer->key);
    jwt_key_id(&issuer->key, issuer->key_id);
    issuer->header = (struct buffer){0};
    jwt_print_header(issuer->key_id, &issuer->header);
}

void token_issuer_release(struct token_issuer *issuer)
{
    ec_key_wipe(&issuer->key);
    buffer_release(&issuer->header);
}

static void reply(struct request *request, const char *content_type)
{
    request_add_header(request, "Cache-Control", "public, max-age=3600");
    request->reply.code = 200;
    request->reply.content_type = content_type;
    request_reply(request);
}

void token_issuer_serve_configuration(struct api *api, struct request *request)
{
    buffer_format(&request->reply.body,
                  "{\"issuer\":\"" TOKEN_ISSUER "\",\"jwks_uri\":\"https://%s/openid/v1/jwks\","
                  "\"response_types_supported\":[\"id_token\"],"
                  "\"subject_types_supported\":[\"public\"],"
                  "\"id_token_signing_alg_values_supported\":[\"ES256\"]}",
                  api->server_address);
    reply(request, "application/json");
}

void token_issuer_serve_keys(struct api *api, struct request *request)
{
    const struct token_issuer *issuer = api->token_issuer;
    jwt_print_key_set(&issuer->key, issuer->key_id, &request->reply.body);
    reply(request, "application/jwk-set+json");
}
