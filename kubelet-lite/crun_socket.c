#include "kubelet-lite/crun_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { TERMINAL_WAIT_MS = 15000 };

int console_socket_open(const char *path, int *listener, struct status *status)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    PRE(strlen(path) < sizeof address.sun_path);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    *listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*listener < 0 || bind(*listener, (const struct sockaddr *)&address, sizeof address) < 0 ||
        chmod(path, 0600) < 0 || listen(*listener, 1) < 0)
        return status_fail(status, STATUS_INTERNAL_ERROR, "%s: %s", path, strerror(errno));
    return 0;
}

static int receive_descriptor(int connection)
{
    char byte[512];
    struct iovec part = {byte, sizeof byte};
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.space,
                             .msg_controllen = sizeof control.space};
    int fd = -1;
    if (recvmsg(connection, &message, MSG_CMSG_CLOEXEC) < 0)
        return -1;
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_type == SCM_RIGHTS)
        memcpy(&fd, CMSG_DATA(header), sizeof fd);
    return fd;
}

int console_socket_receive(int listener)
{
    struct pollfd waiting = {.fd = listener, .events = POLLIN};
    if (poll(&waiting, 1, TERMINAL_WAIT_MS) != 1)
        return -1;
    int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (connection < 0)
        return -1;
    int terminal = receive_descriptor(connection);
    close(connection);
    return terminal;
}

int attach_socket_open(const char *folder, struct status *status)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int base = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* The folder's own path may be longer than a socket's may be. */
    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/attach", base);
    bool is_good =
        base >= 0 && fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    if (!is_good)
        status_fail(status, STATUS_INTERNAL_ERROR, "attach: %s", strerror(errno));
    if (base >= 0)
        close(base);
    if (!is_good && fd >= 0)
        close(fd);
    return is_good ? fd : -1;
}
