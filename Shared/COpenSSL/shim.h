/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PARAPH_COPENSSL_SHIM_H
#define PARAPH_COPENSSL_SHIM_H

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

/* EVP_PKEY_Q_keygen is variadic. */
static inline EVP_PKEY *paraph_generate_rsa(size_t bits) { return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", bits); }

/* EVP_PKEY_Q_keygen is variadic; `curve` is an OpenSSL group name such as "P-256". */
static inline EVP_PKEY *paraph_generate_ec(const char *curve) { return EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve); }

/* EVP_PKEY_Q_keygen is variadic. */
static inline EVP_PKEY *paraph_generate_ed25519(void) { return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"); }

/* The stack functions of X509 are macros. */
static inline STACK_OF(X509) *paraph_x509_stack_new(void) { return sk_X509_new_null(); }
/* Takes no ownership of `certificate`. */
static inline int paraph_x509_stack_push(STACK_OF(X509) *stack, X509 *certificate) {
    return sk_X509_push(stack, certificate);
}
static inline int paraph_x509_stack_count(const STACK_OF(X509) *stack) { return sk_X509_num(stack); }
static inline X509 *paraph_x509_stack_value(const STACK_OF(X509) *stack, int index) {
    return sk_X509_value(stack, index);
}
/* Frees the stack only, not what it lists. */
static inline void paraph_x509_stack_free(STACK_OF(X509) *stack) { sk_X509_free(stack); }

/* The stack functions of CMS_SignerInfo are macros. */
static inline int paraph_signer_info_count(const STACK_OF(CMS_SignerInfo) *stack) {
    return sk_CMS_SignerInfo_num(stack);
}
static inline CMS_SignerInfo *paraph_signer_info_value(const STACK_OF(CMS_SignerInfo) *stack, int index) {
    return sk_CMS_SignerInfo_value(stack, index);
}
/* The stack functions of object identifiers are macros. */
static inline int paraph_purpose_count(const EXTENDED_KEY_USAGE *purposes) { return sk_ASN1_OBJECT_num(purposes); }

/* BIO_get_mem_data is a macro. */
static inline long paraph_bio_memory(BIO *bio, char **data) { return BIO_get_mem_data(bio, data); }

/* An extension from its configuration text, as `openssl x509 -extfile` reads it. */
static inline X509_EXTENSION *paraph_extension(X509 *subject, X509 *issuer, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, subject, NULL, NULL, 0);
    X509V3_set_ctx_nodb(&context);
    return X509V3_EXT_conf_nid(NULL, &context, nid, value);
}

/* A pass phrase callback that has none to give, so that an encrypted PEM fails instead of asking the terminal. */
static inline int paraph_no_passphrase(char *buffer, int size, int writing, void *context) {
    (void)buffer, (void)size, (void)writing, (void)context;
    return -1;
}

/* The callback above as a value of the library's own type. */
static inline pem_password_cb *paraph_no_passphrase_callback(void) { return paraph_no_passphrase; }

#endif
