// SPDX-License-Identifier: Apache-2.0
// What no engine can do without: read a document, hash it, have OpenSSL build its CMS signature, copy both out. No PDF work.
//
//   BenchFloor memory KEY.pem CHAIN.pem TEMPLATE SECONDS     bytes to bytes, a different document each time
//   BenchFloor file   KEY.pem CHAIN.pem FILE OUT SECONDS     file to file in pieces of 1 MB, without a sync
//
// Prints documents per second.
#include <fcntl.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PIECE (1 << 20)

static EVP_PKEY *key;
static X509 *chain[8];
static int certificates;

static void fail(const char *what) {
    fprintf(stderr, "BenchFloor: %s\n", what);
    exit(70);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void load(const char *key_path, const char *chain_path) {
    FILE *file = fopen(key_path, "r");
    if (!file || !(key = PEM_read_PrivateKey(file, NULL, NULL, NULL))) fail("the key cannot be read");
    fclose(file);
    file = fopen(chain_path, "r");
    if (!file) fail("the chain cannot be read");
    while (certificates < 8 && (chain[certificates] = PEM_read_X509(file, NULL, NULL, NULL))) certificates++;
    fclose(file);
    if (certificates == 0) fail("the chain is empty");
}

// The DER of a detached SignedData with content-type, message-digest, signing-certificate-v2 (and OpenSSL's signing-time).
static int sign(const unsigned char digest[32], unsigned char **der) {
    unsigned flags = CMS_PARTIAL | CMS_DETACHED | CMS_BINARY | CMS_NOSMIMECAP;
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags);
    CMS_SignerInfo *signer = cms ? CMS_add1_signer(cms, chain[0], key, EVP_sha256(), flags | CMS_CADES) : NULL;
    if (!signer) fail("no signer");
    for (int index = 1; index < certificates; index++)
        if (!CMS_add1_cert(cms, chain[index])) fail("no certificate");
    if (!CMS_signed_add1_attr_by_NID(
            signer, NID_pkcs9_contentType, V_ASN1_OBJECT, OBJ_nid2obj(NID_pkcs7_data), -1)
        || !CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING, digest, 32)
        || !CMS_SignerInfo_sign(signer))
        fail("no signature");
    *der = NULL;
    int length = i2d_CMS_ContentInfo(cms, der);
    CMS_ContentInfo_free(cms);
    if (length <= 0) fail("no encoding");
    return length;
}

static double memory_rate(const char *path, double seconds) {
    int file = open(path, O_RDONLY);
    struct stat status;
    if (file < 0 || fstat(file, &status) != 0) fail("the template cannot be read");
    size_t size = (size_t)status.st_size;
    unsigned char *document = malloc(size), *output = malloc(size + 65536);
    for (size_t got = 0; got < size;) {
        ssize_t count = read(file, document + got, size - got);
        if (count <= 0) fail("the template cannot be read");
        got += (size_t)count;
    }
    close(file);
    unsigned char *serial = memmem(document, size, "serial 0000000000000000", 23);
    if (!serial) fail("the template has no serial");
    long count = 0;
    double spent = 0;
    EVP_MD *sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    while (spent < seconds) {
        char digits[24];
        snprintf(digits, sizeof digits, "%016ld", ++count);
        memcpy(serial + 7, digits, 16);
        double started = now();
        unsigned char digest[32], *der;
        EVP_DigestInit_ex2(hash, sha256, NULL);
        EVP_DigestUpdate(hash, document, size);
        EVP_DigestFinal_ex(hash, digest, NULL);
        int length = sign(digest, &der);
        memcpy(output, document, size);
        memcpy(output + size, der, (size_t)length);
        OPENSSL_free(der);
        // Ten documents before the clock counts.
        if (count > 10) spent += now() - started;
    }
    return (double)(count - 10) / spent;
}

static double file_rate(const char *path, const char *out, double seconds) {
    static unsigned char piece[PIECE];
    long count = 0;
    double started = now(), spent = 0;
    while (spent < seconds) {
        unsigned char digest[32], *der;
        EVP_MD_CTX *hash = EVP_MD_CTX_new();
        EVP_DigestInit_ex(hash, EVP_sha256(), NULL);
        int source = open(path, O_RDONLY), target = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (source < 0 || target < 0) fail("a file cannot be opened");
        off_t size = 0;
        for (ssize_t got; (got = read(source, piece, PIECE)) > 0; size += got) {
            EVP_DigestUpdate(hash, piece, (size_t)got);
            if (write(target, piece, (size_t)got) != got) fail("the output cannot be written");
        }
        EVP_DigestFinal_ex(hash, digest, NULL);
        EVP_MD_CTX_free(hash);
        int length = sign(digest, &der);
        if (pwrite(target, der, (size_t)length, size) != length) fail("the output cannot be written");
        OPENSSL_free(der);
        close(source);
        close(target);
        count++;
        spent = now() - started;
    }
    return (double)count / spent;
}

int main(int count, char **words) {
    if (count == 6 && strcmp(words[1], "memory") == 0) {
        load(words[2], words[3]);
        printf("%.3f\n", memory_rate(words[4], atof(words[5])));
    } else if (count == 7 && strcmp(words[1], "file") == 0) {
        load(words[2], words[3]);
        printf("%.3f\n", file_rate(words[4], words[5], atof(words[6])));
    } else {
        fail("usage: memory KEY CHAIN TEMPLATE SECONDS | file KEY CHAIN FILE OUT SECONDS");
    }
    return 0;
}
