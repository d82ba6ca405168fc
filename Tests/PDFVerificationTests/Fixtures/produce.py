# SPDX-License-Identifier: Apache-2.0
"""Writes signed PDFs of every PAdES level, and their authority, into a folder: produce.py FOLDER (needs pyHanko)."""
import asyncio, logging, sys, warnings
logging.disable(50); warnings.simplefilter("ignore")
from datetime import datetime, timezone
from io import BytesIO
from asn1crypto import keys, x509 as ax, crl as acrl, ocsp as aocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID as EKU, NameOID
from pyhanko.pdf_utils import generic, writer
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers, timestamps
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.validation import DocumentSecurityStore
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

folder = sys.argv[1]
day = lambda y, m, d: datetime(y, m, d, tzinfo=timezone.utc)
name = lambda text: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
serials = iter(range(100, 200))
usage = lambda **on: x509.KeyUsage(**{k: on.get(k, False) for k in (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")})

class Party:
    def __init__(self, title, start, end, issuer=None, ca=False, eku=None):
        # pyHanko's time stamper signs with RSA only.
        self.key = rsa.generate_private_key(65537, 2048) if eku == EKU.TIME_STAMPING else ec.generate_private_key(ec.SECP256R1())
        issuer = issuer or self
        builder = (x509.CertificateBuilder().subject_name(name(title)).issuer_name(name(title) if issuer is self else issuer.cert.subject)
            .public_key(self.key.public_key()).serial_number(next(serials)).not_valid_before(start).not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(usage(key_cert_sign=True, crl_sign=True) if ca else usage(digital_signature=True, content_commitment=not eku), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False))
        if eku: builder = builder.add_extension(x509.ExtendedKeyUsage([eku]), critical=eku == EKU.TIME_STAMPING)
        self.cert = builder.sign(issuer.key, hashes.SHA256())
        self.asn1 = ax.Certificate.load(self.cert.public_bytes(serialization.Encoding.DER))
        self.private = keys.PrivateKeyInfo.load(self.key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))

root = Party("Root", day(2020, 1, 1), day(2060, 1, 1), ca=True)
issuing = Party("Issuing", day(2025, 1, 1), day(2045, 1, 1), root, ca=True)
signer = Party("Signer", day(2026, 11, 1), day(2026, 12, 31), issuing)
tsa = Party("Authority", day(2026, 10, 1), day(2030, 1, 1), issuing, eku=EKU.TIME_STAMPING)
late = Party("Late authority", day(2028, 1, 1), day(2040, 1, 1), issuing, eku=EKU.TIME_STAMPING)
responder = Party("Responder", day(2026, 10, 1), day(2030, 1, 1), issuing, eku=EKU.OCSP_SIGNING)

def crl(issuer, this, following, revoked=()):
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.cert.subject).last_update(this).next_update(following)
    for cert, when in revoked:
        builder = builder.add_revoked_certificate(x509.RevokedCertificateBuilder().serial_number(cert.cert.serial_number)
            .revocation_date(when).add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), False).build())
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), False).add_extension(x509.CRLNumber(1), False)
    return acrl.CertificateList.load(builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER))

def answer(cert, this, following):
    builder = (ocsp.OCSPResponseBuilder().add_response(cert=cert.cert, issuer=issuing.cert, algorithm=hashes.SHA1(),
        cert_status=ocsp.OCSPCertStatus.GOOD, this_update=this, next_update=following, revocation_time=None, revocation_reason=None)
        .responder_id(ocsp.OCSPResponderEncoding.HASH, responder.cert).certificates([responder.cert]))
    return aocsp.OCSPResponse.load(builder.sign(responder.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER))

def store(*parties):
    registry = SimpleCertificateStore()
    registry.register_multiple([p.asn1 for p in parties])
    return registry

def stamper(party, when):
    return timestamps.DummyTimeStamper(party.asn1, party.private, certs_to_embed=store(party, issuing), fixed_dt=when)

def sign(data, moment, tsa=None, **options):
    update = IncrementalPdfFileWriter(BytesIO(data))
    meta = signers.PdfSignatureMetadata(field_name="Signature", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, **options)
    simple = signers.SimpleSigner(signer.asn1, signer.private, store(signer, issuing))
    out = BytesIO()
    signers.PdfSigner(meta, simple, timestamper=tsa).sign_pdf(update, output=out)
    return out.getvalue()

def dss(data, certs, ocsps, crls):
    buffer = BytesIO(data)
    DocumentSecurityStore.add_dss(buffer, sig_contents=None, certs=certs, ocsps=ocsps, crls=crls)
    return buffer.getvalue()

def stamp(data, tsa, context):
    out = BytesIO()
    asyncio.run(signers.PdfTimeStamper(tsa).async_timestamp_pdf(IncrementalPdfFileWriter(BytesIO(data)), "sha256", context, embed_roots=False, output=out))
    return out.getvalue()

def save(title, data): open(f"{folder}/{title}.pdf", "wb").write(data)

blank = writer.PdfFileWriter()
blank.insert_page(writer.PageObject(contents=blank.add_object(generic.StreamObject(stream_data=b"q Q")), media_box=(0, 0, 200, 200)))
out = BytesIO(); blank.write(out); base = out.getvalue()
moment, week = day(2026, 11, 10), day(2026, 11, 17)
lists = [crl(root, moment, day(2027, 6, 1)), crl(issuing, moment, week)]
answers = [answer(signer, moment, week), answer(tsa, moment, week)]
context = ValidationContext(trust_roots=[root.asn1], other_certs=[issuing.asn1], crls=lists, ocsps=answers, moment=moment, allow_fetching=False, revocation_mode="hard-fail")
bt = sign(base, moment, stamper(tsa, moment))
save("b-b", sign(base, moment))
save("b-t", bt)
save("b-lta", sign(base, moment, stamper(tsa, moment), use_pades_lta=True, embed_validation_info=True, validation_context=context))
# Renewed in 2029 by another authority, before the first one's certificate ends in 2030.
renewal = day(2029, 6, 1)
fresh = [crl(root, renewal, day(2030, 1, 1)), crl(issuing, renewal, day(2029, 7, 1))]
later = ValidationContext(trust_roots=[root.asn1], other_certs=[issuing.asn1], crls=fresh, moment=renewal, allow_fetching=False, revocation_mode="soft-fail")
aged = dss(open(f"{folder}/b-lta.pdf", "rb").read(), [late.asn1], [], fresh)
save("renewed", stamp(aged, stamper(late, renewal), later))
chain = [signer.asn1, issuing.asn1, tsa.asn1]
save("revoked-before", dss(bt, chain, [], [lists[0], crl(issuing, moment, week, [(signer, day(2026, 11, 5))])]))
save("revoked-after", dss(bt, chain, [], [lists[0], crl(issuing, day(2026, 11, 13), day(2026, 11, 20), [(signer, day(2026, 11, 12))])]))
open(f"{folder}/root.pem", "wb").write(root.cert.public_bytes(serialization.Encoding.PEM))
open(f"{folder}/other.pem", "wb").write(Party("Root", day(2020, 1, 1), day(2060, 1, 1), ca=True).cert.public_bytes(serialization.Encoding.PEM))
