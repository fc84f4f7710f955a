#include "cli/pki.h"

#include <sys/stat.h>

#include "core/crypto.h"
#include "core/file.h"
#include "core/net/ec_key.h"
#include "core/net/pem.h"
#include "core/net/x509.h"
#include "core/trace.h"

#define DAY_US (INT64_C(86400) * 1000000)

enum { CA_DAYS = 3650, DAYS = 365, RENEW_DAYS = 30, NAMES_MAX = 32 };

struct maker {
    const char *folder;
    struct random *random;
    int64_t now_us;
    struct ec_key ca_key;
    struct buffer ca_der;
    struct arena arena;
};

static const char *path_of(struct maker *maker, const char *name, const char *end)
{
    return arena_format(&maker->arena, "%s/pki/%s.%s", maker->folder, name, end);
}

/* A key is nobody else's to read, whoever put it there. */
static void close_to_others(const char *path)
{
    struct stat found;
    if (stat(path, &found) < 0 || (found.st_mode & 077) == 0)
        return;
    log_line(LOG_WARN, "a key could be read by others", "path=%s mode=%o", path,
             (unsigned)found.st_mode & 0777);
    if (chmod(path, 0600) < 0)
        log_line(LOG_WARN, "it could not be closed to them", "path=%s", path);
}

/* Reads a certificate and its key; 1: they are there, 0: not. */
static int read_pair(struct maker *maker, const char *name, struct buffer *pem,
                     struct buffer *key_pem, struct status *status)
{
    buffer_clear(pem);
    buffer_clear(key_pem);
    close_to_others(path_of(maker, name, "key"));
    if (file_read(path_of(maker, name, "crt"), pem, status) == 0 &&
        file_read(path_of(maker, name, "key"), key_pem, status) == 0)
        return 1;
    if (status->reason != STATUS_NOT_FOUND)
        return -1;
    status_clear(status);
    return 0;
}

static int write_pair(struct maker *maker, const char *name, struct slice der,
                      const struct ec_key *key, struct buffer *pem, struct buffer *key_pem,
                      struct status *status)
{
    buffer_clear(pem);
    buffer_clear(key_pem);
    pem_write("CERTIFICATE", der, pem);
    ec_key_write_pem(key, key_pem);
    return file_write(path_of(maker, name, "key"), 0600, buffer_slice(key_pem), status) ||
                   file_write(path_of(maker, name, "crt"), 0644, buffer_slice(pem), status)
               ? -1
               : 0;
}

/* --- The CA --- */

static int make_ca(struct maker *maker, struct pki *pki, struct status *status)
{
    struct x509_template template = {
        .common_name = "coracle-ca",
        .not_before_us = maker->now_us - DAY_US,
        .not_after_us = maker->now_us + CA_DAYS * DAY_US,
        .is_ca = true,
    };
    buffer_clear(&maker->ca_der);
    x509_make_ca(maker->random, &template, &maker->ca_key, &maker->ca_der);
    return write_pair(maker, "ca", buffer_slice(&maker->ca_der), &maker->ca_key, &pki->ca_pem,
                      &pki->ca_key_pem, status);
}

/* Nothing that it signs may outlive it. */
static bool ends_soon(struct maker *maker, const struct pki *pki)
{
    struct x509_certificate ca;
    struct status status;
    status_init(&status);
    bool soon = x509_parse_pem(&maker->arena, buffer_slice(&pki->ca_pem), &ca, &status) == 0 &&
                ca.not_after_us - maker->now_us <= (DAYS + RENEW_DAYS) * DAY_US;
    status_release(&status);
    return soon;
}

static int open_ca(struct maker *maker, struct pki *pki, struct status *status)
{
    int found = read_pair(maker, "ca", &pki->ca_pem, &pki->ca_key_pem, status);
    if (found < 0)
        return -1;
    if (found == 0) {
        ec_key_generate(maker->random, &maker->ca_key);
        return make_ca(maker, pki, status);
    }
    if (ec_key_read_pem(buffer_slice(&pki->ca_key_pem), &maker->ca_key, status) ||
        pem_find(buffer_slice(&pki->ca_pem), "CERTIFICATE", &maker->ca_der, status))
        return -1;
    return ends_soon(maker, pki) ? make_ca(maker, pki, status) : 0;
}

/* --- What it signs --- */

/* After a crash between the two files one of them may be new. */
static bool fits_key(const struct x509_certificate *certificate, struct slice key_pem,
                     struct status *status)
{
    struct ec_key key;
    struct buffer public = {0};
    if (ec_key_read_pem(key_pem, &key, status))
        return false;
    ec_key_write_public_der(&key, &public);
    bool fits = slice_equal(buffer_slice(&public), certificate->public_key);
    ec_key_wipe(&key);
    buffer_release(&public);
    return fits;
}

static bool is_good(struct maker *maker, struct slice pem, struct slice key_pem,
                    const struct x509_template *template)
{
    struct x509_certificate certificate;
    struct status status;
    status_init(&status);
    bool good = x509_parse_pem(&maker->arena, pem, &certificate, &status) == 0 &&
                certificate.not_after_us - maker->now_us > RENEW_DAYS * DAY_US &&
                fits_key(&certificate, key_pem, &status);
    status_release(&status);
    for (const char *const *name = template->addresses; good && name && *name; name++)
        good = x509_is_for_host(&certificate, slice_of(*name));
    for (const char *const *name = template->dns_names; good && name && *name; name++)
        good = x509_is_for_host(&certificate, slice_of(*name));
    return good;
}

static int open_signed(struct maker *maker, const char *name, struct x509_template *template,
                       struct buffer *pem, struct buffer *key_pem, struct status *status)
{
    int found = read_pair(maker, name, pem, key_pem, status);
    if (found < 0 ||
        (found > 0 && is_good(maker, buffer_slice(pem), buffer_slice(key_pem), template)))
        return found < 0 ? -1 : 0;
    struct ec_key key;
    struct buffer public = {0};
    struct buffer der = {0};
    template->not_before_us = maker->now_us - DAY_US;
    template->not_after_us = maker->now_us + DAYS *DAY_US;
    ec_key_generate(maker->random, &key);
    ec_key_write_public_der(&key, &public);
    int failed = x509_sign(maker->random, template, buffer_slice(&public),
                           buffer_slice(&maker->ca_der), &maker->ca_key, &der, status) ||
                 write_pair(maker, name, buffer_slice(&der), &key, pem, key_pem, status);
    ec_key_wipe(&key);
    buffer_release(&public);
    buffer_release(&der);
    return failed ? -1 : 0;
}

static int open_server(struct maker *maker, const char *const *addresses, struct pki *pki,
                       struct status *status)
{
    static const char *const dns_names[] = {
        "localhost",
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
        NULL,
    };
    struct x509_template template = {
        .common_name = "coracle",
        .dns_names = dns_names,
        .addresses = addresses,
        .usage = X509_SERVER_AUTH,
    };
    return open_signed(maker, "server", &template, &pki->server_pem, &pki->server_key_pem, status);
}

static int open_admin(struct maker *maker, struct pki *pki, struct status *status)
{
    static const char *const organizations[] = {"system:masters", NULL};
    struct x509_template template = {
        .common_name = "kubernetes-admin",
        .organizations = organizations,
        .usage = X509_CLIENT_AUTH,
    };
    return open_signed(maker, "admin", &template, &pki->admin_pem, &pki->admin_key_pem, status);
}

/* --- What signs tokens --- */

static int open_token_key(struct maker *maker, struct pki *pki, struct status *status)
{
    const char *path = path_of(maker, "service-account", "key");
    struct buffer pem = {0};
    int failed = file_read(path, &pem, status);
    if (!failed) {
        failed = ec_key_read_pem(buffer_slice(&pem), &pki->token_key, status);
    } else if (status->reason == STATUS_NOT_FOUND) {
        status_clear(status);
        ec_key_generate(maker->random, &pki->token_key);
        ec_key_write_pem(&pki->token_key, &pem);
        failed = file_write(path, 0600, buffer_slice(&pem), status);
    }
    if (pem.data)
        explicit_bzero(pem.data, pem.size);
    buffer_release(&pem);
    return failed ? status_wrap(status, "%s", path) : 0;
}

int pki_open(const char *folder, const char *const *addresses, struct random *random,
             int64_t now_us, struct pki *pki, struct status *status)
{
    struct maker maker = {.folder = folder, .random = random, .now_us = now_us};
    *pki = (struct pki){0};
    arena_init(&maker.arena);
    int failed = folder_make(arena_format(&maker.arena, "%s/pki", folder), 0700, status) ||
                 open_ca(&maker, pki, status) || open_server(&maker, addresses, pki, status) ||
                 open_admin(&maker, pki, status) || open_token_key(&maker, pki, status);
    ec_key_wipe(&maker.ca_key);
    buffer_release(&maker.ca_der);
    arena_release(&maker.arena);
    if (failed)
        pki_release(pki);
    return failed ? -1 : 0;
}

void pki_release(struct pki *pki)
{
    buffer_release(&pki->ca_pem);
    buffer_release(&pki->ca_key_pem);
    buffer_release(&pki->server_pem);
    buffer_release(&pki->server_key_pem);
    buffer_release(&pki->admin_pem);
    buffer_release(&pki->admin_key_pem);
    ec_key_wipe(&pki->token_key);
}

static void append_data(struct buffer *text, const char *key, const struct buffer *pem)
{
    buffer_format(text, "    %s: ", key);
    base64_encode(buffer_slice(pem), text);
    buffer_append_byte(text, '\n');
}

int pki_write_kubeconfig(const struct pki *pki, const char *url, const char *path,
                         struct status *status)
{
    struct buffer text = {0};
    buffer_append_text(&text, "apiVersion: v1\nkind: Config\nclusters:\n- name: coracle\n"
                              "  cluster:\n");
    append_data(&text, "certificate-authority-data", &pki->ca_pem);
    buffer_format(&text, "    server: %s\n", url);
    buffer_append_text(&text, "users:\n- name: kubernetes-admin\n  user:\n");
    append_data(&text, "client-certificate-data", &pki->admin_pem);
    append_data(&text, "client-key-data", &pki->admin_key_pem);
    buffer_append_text(&text, "contexts:\n- name: coracle\n  context:\n    cluster: coracle\n"
                              "    user: kubernetes-admin\ncurrent-context: coracle\n");
    int failed = file_write(path, 0600, buffer_slice(&text), status);
    buffer_release(&text);
    return failed;
}
