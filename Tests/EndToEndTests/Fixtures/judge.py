# SPDX-License-Identifier: Apache-2.0
"""What pyHanko says about signed PDFs, one line of JSON for each file.

usage: judge.py [--root ROOT.pem] FILE.pdf...

{"file", "signatures": [{"field", "intact", "valid", "trusted", "timestamped", "coverage", "change"}], "timestamps": [the
same of document timestamps, without "change"], "fields": [for each of the last revisions, how many signature fields there
are], "signed": [how many of them are filled]}, or {"file", "error"}.
"""
import asyncio
import io
import json
import logging
import sys
import warnings

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")

from pyhanko.keys import load_cert_from_pemder  # noqa: E402
from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: E402
from pyhanko.sign.fields import enumerate_sig_fields  # noqa: E402
from pyhanko.sign.validation import async_validate_pdf_signature, async_validate_pdf_timestamp  # noqa: E402
from pyhanko_certvalidator import ValidationContext  # noqa: E402


def is_good(status, roots):
    return status is not None and status.intact and status.valid and (status.trusted or not roots)


async def judge(path, roots):
    reader = PdfFileReader(io.BytesIO(open(path, "rb").read()), strict=False)
    signatures = []
    for signature in reader.embedded_regular_signatures:
        context = ValidationContext(trust_roots=roots)
        status = await async_validate_pdf_signature(signature, context)
        signatures.append({
            "field": signature.field_name, "intact": status.intact, "valid": status.valid, "trusted": status.trusted,
            "timestamped": is_good(status.timestamp_validity, roots), "coverage": status.coverage.name,
            "change": getattr(status.modification_level, "name", str(status.modification_level)),
        })
    timestamps = []
    for timestamp in reader.embedded_timestamp_signatures:
        status = await async_validate_pdf_timestamp(timestamp, ValidationContext(trust_roots=roots))
        timestamps.append({
            "field": timestamp.field_name, "intact": status.intact, "valid": status.valid, "trusted": status.trusted,
            "coverage": status.coverage.name,
        })
    fields, signed = [], []
    # The oldest revisions of a linearized file cannot be looked at alone.
    for revision in range(max(0, reader.xrefs.total_revisions - 6), reader.xrefs.total_revisions):
        try:
            values = [value for _, value, _ in enumerate_sig_fields(reader.get_historical_resolver(revision))]
        except AssertionError:
            continue
        fields.append(len(values))
        signed.append(sum(value is not None for value in values))
    return {"file": path, "signatures": signatures, "timestamps": timestamps, "fields": fields, "signed": signed}


def main():
    words = sys.argv[1:]
    roots = []
    if words[:1] == ["--root"]:
        roots, words = [load_cert_from_pemder(words[1])], words[2:]
    for path in words:
        try:
            result = asyncio.run(judge(path, roots))
        except Exception as error:
            result = {"file": path, "error": f"{type(error).__name__}: {error}"}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
