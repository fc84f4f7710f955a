/* Outside bytes as certificates, requests for them, keys and PEM. */
#include "core/net/pem.h"
#include "core/net/signature.h"
#include "core/net/x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_pem(struct arena *arena, struct slice text, struct status *status)
{
    struct x509_certificate certificate;
    struct x509_request request;
    struct ec_key key;
    struct buffer der = {0};
    struct slice label;
    while (pem_next(&text, &label, &der, status) == 1) {
        if (x509_parse(arena, buffer_slice(&der), &certificate, status) == 0)
            (void)x509_is_for_host(&certificate, SLICE("a.example.org"));
        status_clear(status);
    }
    buffer_release(&der);
    (void)x509_request_parse(arena, text, &request, status);
    status_clear(status);
    (void)ec_key_read_public_pem(text, &key, status);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = {(const char *)data, size};
    struct x509_certificate certificate;
    struct x509_request request;
    struct arena arena;
    struct status status;
    arena_init(&arena);
    status_init(&status);
    if (x509_parse(&arena, input, &certificate, &status) == 0) {
        (void)x509_is_for_host(&certificate, SLICE("127.0.0.1"));
        (void)x509_is_signed_by(&certificate, &certificate);
        (void)public_key_is_supported(certificate.public_key);
    }
    status_clear(&status);
    (void)x509_request_parse(&arena, input, &request, &status);
    status_clear(&status);
    read_pem(&arena, input, &status);
    status_release(&status);
    arena_release(&arena);
    return 0;
}
