/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PARAPH_CPKCS11_SHIM_H
#define PARAPH_CPKCS11_SHIM_H

#include <stddef.h>
#include <dlfcn.h>

/* The names of p11-kit's own header instead of the standard's, which are macros that Swift cannot see. */
#define CRYPTOKI_GNU 1
#include <p11-kit-1/p11-kit/pkcs11.h>

typedef struct ck_function_list paraph_pkcs11;

/* Loads a module for the rest of the process. NULL with dlerror() set, or with `code` set when the module refuses. */
static inline paraph_pkcs11 *paraph_pkcs11_load(const char *path, unsigned long *code) {
    *code = CKR_OK;
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) return NULL;
    ck_rv_t (*get)(paraph_pkcs11 **) = (ck_rv_t (*)(paraph_pkcs11 **))dlsym(library, "C_GetFunctionList");
    if (!get) return NULL;
    paraph_pkcs11 *list = NULL;
    *code = get(&list);
    if (*code == CKR_OK && !list) *code = CKR_GENERAL_ERROR;
    return *code == CKR_OK ? list : NULL;
}

/* With the operating system's own locks, since sessions are used from several threads. */
static inline ck_rv_t paraph_pkcs11_initialize(paraph_pkcs11 *list) {
    struct ck_c_initialize_args arguments = {.flags = CKF_OS_LOCKING_OK};
    return list->C_Initialize(&arguments);
}

/* Begins a search by class and, where they are not NULL, label and id. */
static inline ck_rv_t paraph_pkcs11_find(paraph_pkcs11 *list, ck_session_handle_t session, unsigned long object_class,
                                         const unsigned char *label, size_t label_size, const unsigned char *id,
                                         size_t id_size) {
    struct ck_attribute attributes[3] = {{CKA_CLASS, &object_class, sizeof object_class}};
    unsigned long count = 1;
    if (label) attributes[count++] = (struct ck_attribute){CKA_LABEL, (void *)label, label_size};
    if (id) attributes[count++] = (struct ck_attribute){CKA_ID, (void *)id, id_size};
    return list->C_FindObjectsInit(session, attributes, count);
}

/* Begins a signature by a mechanism without parameters. */
static inline ck_rv_t paraph_pkcs11_sign_init(paraph_pkcs11 *list, ck_session_handle_t session,
                                              ck_object_handle_t key, unsigned long mechanism) {
    struct ck_mechanism plain = {mechanism, NULL, 0};
    return list->C_SignInit(session, &plain, key);
}

/* Begins an RSASSA-PSS signature over a digest. */
static inline ck_rv_t paraph_pkcs11_sign_init_pss(paraph_pkcs11 *list, ck_session_handle_t session,
                                                  ck_object_handle_t key, unsigned long digest, unsigned long mask,
                                                  unsigned long salt_size) {
    struct ck_rsa_pkcs_pss_params parameters = {digest, mask, salt_size};
    struct ck_mechanism mechanism = {CKM_RSA_PKCS_PSS, &parameters, sizeof parameters};
    return list->C_SignInit(session, &mechanism, key);
}

#endif
