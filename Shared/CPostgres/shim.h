// SPDX-License-Identifier: Apache-2.0
#ifndef PARAPH_CPOSTGRES_SHIM_H
#define PARAPH_CPOSTGRES_SHIM_H

#include <postgresql/libpq-fe.h>

/// The five-character SQLSTATE of an error result, or NULL when libpq made the error itself.
static inline const char *paraph_pq_sqlstate(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}

/// The primary message of an error result, or NULL; belongs to the result.
static inline const char *paraph_pq_primary_message(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}

/// The name of the constraint that was violated, or NULL; belongs to the result.
static inline const char *paraph_pq_constraint(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
}

static inline void paraph_pq_drop_notice(void *context, const PGresult *result) {
    (void)context;
    (void)result;
}

/// Keeps the server's notices off standard error; libpq prints them there by default.
static inline void paraph_pq_drop_notices(PGconn *connection) {
    PQsetNoticeReceiver(connection, paraph_pq_drop_notice, NULL);
}

#endif
