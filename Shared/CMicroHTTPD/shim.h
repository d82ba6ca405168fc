// SPDX-License-Identifier: Apache-2.0
#ifndef PARAPH_CMICROHTTPD_SHIM_H
#define PARAPH_CMICROHTTPD_SHIM_H

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

/* What MHD_start_daemon takes as variable arguments, which Swift cannot pass. */
struct paraph_mhd_settings {
    int listen_socket;
    unsigned int threads;
    unsigned int connection_limit;
    unsigned int inactivity_seconds;
    size_t connection_memory;
};

/* Leaves percent sequences as they are: the Swift side decodes after splitting into segments and checks UTF-8. */
static inline size_t paraph_mhd_keep_escapes(void *context, struct MHD_Connection *connection, char *text) {
    (void)context;
    (void)connection;
    return strlen(text);
}

/* Starts epoll threads on a listening socket; `context` is passed to both callbacks and stays the caller's. */
static inline struct MHD_Daemon *paraph_mhd_start(const struct paraph_mhd_settings *settings, void *context,
                                                  MHD_AccessHandlerCallback handler,
                                                  MHD_RequestCompletedCallback completed) {
    unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC;
    /* The pool size option refuses one thread, which is the mode without a pool. */
    enum MHD_OPTION pool = settings->threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END;
    return MHD_start_daemon(flags, 0, NULL, NULL, handler, context,
                            MHD_OPTION_LISTEN_SOCKET, settings->listen_socket,
                            MHD_OPTION_CONNECTION_LIMIT, settings->connection_limit,
                            MHD_OPTION_CONNECTION_TIMEOUT, settings->inactivity_seconds,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, settings->connection_memory,
                            MHD_OPTION_NOTIFY_COMPLETED, completed, context,
                            MHD_OPTION_UNESCAPE_CALLBACK, paraph_mhd_keep_escapes, NULL,
                            MHD_OPTION_STRICT_FOR_CLIENT, 1,
                            MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 0,
                            pool, settings->threads,
                            MHD_OPTION_END);
}

/* Replaces the inactivity timeout of one connection. */
static inline enum MHD_Result paraph_mhd_set_inactivity(struct MHD_Connection *connection, unsigned int seconds) {
    return MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, seconds);
}

/* Writes the peer's numeric address; false when it has none (a socket that is not of the internet families). */
static inline int paraph_mhd_peer(struct MHD_Connection *connection, char *text, size_t capacity) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info == NULL || info->client_addr == NULL) return 0;
    const void *address;
    if (info->client_addr->sa_family == AF_INET)
        address = &((const struct sockaddr_in *)info->client_addr)->sin_addr;
    else if (info->client_addr->sa_family == AF_INET6)
        address = &((const struct sockaddr_in6 *)info->client_addr)->sin6_addr;
    else
        return 0;
    return inet_ntop(info->client_addr->sa_family, address, text, (socklen_t)capacity) != NULL;
}

/* The macro's cast does not import. */
static const ssize_t paraph_mhd_stream_failed = MHD_CONTENT_READER_END_WITH_ERROR;

#endif
