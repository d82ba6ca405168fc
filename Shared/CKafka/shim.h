/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PARAPH_CKAFKA_SHIM_H
#define PARAPH_CKAFKA_SHIM_H

#include <librdkafka/rdkafka.h>

/* rd_kafka_producev is variadic. Key and value are copied; `headers` belongs to librdkafka afterwards, also on failure.
   `ticket` comes back in the delivery report. */
static inline rd_kafka_resp_err_t paraph_kafka_produce(
    rd_kafka_t *client, const char *topic, int32_t partition, const void *key, size_t key_length, const void *value,
    size_t value_length, rd_kafka_headers_t *headers, size_t ticket)
{
    rd_kafka_resp_err_t code = rd_kafka_producev(
        client, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_KEY((void *)key, key_length),
        RD_KAFKA_V_VALUE((void *)value, value_length), RD_KAFKA_V_HEADERS(headers),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_OPAQUE((void *)ticket), RD_KAFKA_V_END);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR && headers)
        rd_kafka_headers_destroy(headers);
    return code;
}

/* What `paraph_kafka_produce` was given; the pointer never points anywhere. */
static inline size_t paraph_kafka_ticket(const rd_kafka_message_t *message) { return (size_t)message->_private; }

#endif
