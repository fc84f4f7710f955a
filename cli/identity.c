#include "cli/identity.h"

#include "core/trace.h"

#define LOOK_US (INT64_C(12) * 3600 * 1000000)

/* The CA goes along in the chain: agents that join know it by its hash alone. */
static struct tls_config *make_tls(const struct pki *pki, struct status *status)
{
    struct buffer chain = {0};
    buffer_append_slice(&chain, buffer_slice(&pki->server_pem));
    buffer_append_slice(&chain, buffer_slice(&pki->ca_pem));
    struct tls_options options = {
        .certificate_pem = buffer_slice(&chain),
        .key_pem = buffer_slice(&pki->server_key_pem),
        .ca_pem = buffer_slice(&pki->ca_pem),
    };
    struct tls_config *tls = tls_config_create(&options, status);
    buffer_release(&chain);
    return tls;
}

static int find(struct identity *identity, struct pki *pki, struct status *status)
{
    return pki_open(identity->folder, identity->addresses, loop_random(identity->loop),
                    identity->now_us, pki, status);
}

int identity_open(struct identity *identity, struct loop *loop, const char *folder,
                  const char *const *addresses, struct status *status)
{
    *identity = (struct identity){.loop = loop, .folder = folder, .addresses = addresses};
    identity->now_us = clock_wall_us(loop_clock(loop));
    if (find(identity, &identity->pki, status) ||
        certificate_authority_open(&identity->authority, buffer_slice(&identity->pki.ca_pem),
                                   buffer_slice(&identity->pki.ca_key_pem), status))
        return -1;
    identity->tls = make_tls(&identity->pki, status);
    return identity->tls ? 0 : -1;
}

/* --- Keeping it good --- */

static bool is_same(const struct buffer *a, const struct buffer *b)
{
    return slice_equal(buffer_slice(a), buffer_slice(b));
}

/* Takes what was found; on failure all stays as it was, and is looked at again. */
static int take(struct identity *identity, struct status *status)
{
    struct pki *found = &identity->found;
    if (is_same(&found->server_pem, &identity->pki.server_pem) &&
        is_same(&found->admin_pem, &identity->pki.admin_pem))
        return 0;
    struct tls_config *tls = make_tls(found, status);
    if (!tls || pki_write_kubeconfig(found, identity->url, identity->kubeconfig, status)) {
        tls_config_unref(tls);
        return -1;
    }
    tls_config_unref(identity->tls);
    identity->tls = tls;
    struct pki old = identity->pki;
    identity->pki = *found;
    *found = old;
    log_line(LOG_INFO, "certificates were renewed", "folder=%s", identity->folder);
    return 0;
}

static void look(struct task *task)
{
    struct identity *identity = CONTAINER_OF(task, struct identity, task);
    if (find(identity, &identity->found, &identity->status))
        return;
}

static void looked(struct task *task)
{
    struct identity *identity = CONTAINER_OF(task, struct identity, task);
    identity->is_looking = false;
    if (!status_ok(&identity->status) || take(identity, &identity->status))
        log_line(LOG_WARN, "certificates could not be looked at", "folder=%s why=\"%s\"",
                 identity->folder, identity->status.message);
    pki_release(&identity->found);
    status_release(&identity->status);
    if (identity->stopped)
        identity->stopped(identity->context);
    else
        timer_start_us(&identity->timer, LOOK_US);
}

static void look_again(struct timer *timer)
{
    struct identity *identity = CONTAINER_OF(timer, struct identity, timer);
    identity->now_us = clock_wall_us(loop_clock(identity->loop));
    identity->is_looking = true;
    identity->found = (struct pki){0};
    status_init(&identity->status);
    identity->task.work = look;
    identity->task.done = looked;
    loop_submit(identity->loop, LANE_HOST, &identity->task);
}

int identity_keep(struct identity *identity, const char *url, const char *kubeconfig,
                  struct status *status)
{
    identity->url = url;
    identity->kubeconfig = kubeconfig;
    timer_init(&identity->timer, identity->loop, look_again);
    timer_start_us(&identity->timer, LOOK_US);
    return pki_write_kubeconfig(&identity->pki, url, kubeconfig, status);
}

void identity_stop(struct identity *identity, void (*stopped)(void *context), void *context)
{
    identity->stopped = stopped;
    identity->context = context;
    if (!identity->is_looking)
        stopped(context);
}

void identity_release(struct identity *identity)
{
    if (identity->url)
        timer_stop(&identity->timer);
    tls_config_unref(identity->tls);
    certificate_authority_release(&identity->authority);
    pki_release(&identity->pki);
    *identity = (struct identity){0};
}
