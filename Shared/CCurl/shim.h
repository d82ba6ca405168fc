// SPDX-License-Identifier: Apache-2.0
#ifndef PARAPH_CCURL_SHIM_H
#define PARAPH_CCURL_SHIM_H

#include <curl/curl.h>
#include <stdint.h>

/* curl_easy_setopt and curl_easy_getinfo take variable arguments, which Swift cannot pass: one shim for each type. */

typedef size_t (*paraph_curl_data)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode paraph_curl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode paraph_curl_set_size(CURL *easy, CURLoption option, int64_t value) {
    return curl_easy_setopt(easy, option, (curl_off_t)value);
}

/* libcurl copies the text. */
static inline CURLcode paraph_curl_set_text(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

/* libcurl copies as many bytes as CURLOPT_POSTFIELDSIZE_LARGE said before. */
static inline CURLcode paraph_curl_copy_body(CURL *easy, const void *bytes) {
    return curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, (const char *)bytes);
}

/* The list stays the caller's, who frees it after the handle. */
static inline CURLcode paraph_curl_set_list(CURL *easy, CURLoption option, struct curl_slist *list) {
    return curl_easy_setopt(easy, option, list);
}

/* The context is passed to all three callbacks and stays the caller's. */
static inline CURLcode paraph_curl_set_callbacks(CURL *easy, void *context, paraph_curl_data header,
                                                 paraph_curl_data write, paraph_curl_data read) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, header);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_HEADERDATA, context);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, write);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_READFUNCTION, read);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_READDATA, context);
    return code;
}

static inline CURLcode paraph_curl_set_socket_callback(CURL *easy, curl_opensocket_callback open) {
    return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open);
}

static inline long paraph_curl_response_code(CURL *easy) {
    long code = 0;
    return curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code) == CURLE_OK ? code : 0;
}

static inline CURLMcode paraph_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

static inline CURLcode paraph_curl_result(const CURLMsg *message) { return message->data.result; }

static const size_t paraph_curl_pause = CURL_WRITEFUNC_PAUSE;

#endif
