# SPDX-License-Identifier: Apache-2.0
"""A small SMTP server for tests: python3 smtp_server.py FOLDER [starttls]

Prints its port, stores each message as FOLDER/N.eml with a first line of its envelope, and answers recipients that
begin with three digits and a hyphen with that reply code. With `starttls` it asks for TLS and the login test/secret.
"""
import base64, os, socket, ssl, subprocess, sys, threading

folder, secure = sys.argv[1], "starttls" in sys.argv[2:]
lock, stored = threading.Lock(), 0
context = None
if secure:
    key, certificate = os.path.join(folder, "key.pem"), os.path.join(folder, "certificate.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)


def serve(connection):
    global stored
    stream = connection.makefile("rwb")

    def reply(text):
        stream.write(text.encode() + b"\r\n")
        stream.flush()

    sender, recipients, encrypted = "", [], False
    reply("220 test")
    while line := stream.readline():
        word = line.decode().strip()
        verb = word.upper()
        if verb.startswith("EHLO"):
            offers = ["test"] + (["AUTH PLAIN"] if encrypted else ["STARTTLS"] if secure else []) + ["8BITMIME"]
            for index, offer in enumerate(offers):
                reply(f"250{' ' if index == len(offers) - 1 else '-'}{offer}")
        elif verb == "STARTTLS" and secure:
            reply("220 go")
            try:
                connection = context.wrap_socket(connection, server_side=True)
            except OSError:
                return
            stream, encrypted = connection.makefile("rwb"), True
        elif verb.startswith("AUTH PLAIN"):
            if verb == "AUTH PLAIN":
                reply("334 ")
                word = "AUTH PLAIN " + stream.readline().decode().strip()
            good = base64.b64decode(word.split()[2]) == b"\0test\0secret"
            reply("235 welcome" if good else "535 no")
        elif verb.startswith("MAIL FROM:"):
            sender, recipients = word[10:].split(">")[0].lstrip(" <"), []
            reply("250 ok")
        elif verb.startswith("RCPT TO:"):
            address = word[8:].split(">")[0].lstrip(" <")
            if address.startswith("drop-"):
                break
            if address[:3].isdigit() and address[3:4] == "-":
                reply(f"{address[:3]} told to")
            else:
                recipients.append(address)
                reply("250 ok")
        elif verb == "DATA":
            reply("354 go")
            lines = []
            while (line := stream.readline()) != b".\r\n":
                lines.append(line[1:] if line.startswith(b".") else line)
            if any(address.startswith("data554") for address in recipients):
                reply("554 refused")
                continue
            with lock:
                stored += 1
                with open(os.path.join(folder, f"{stored}.eml"), "wb") as file:
                    file.write(f"{sender} -> {','.join(recipients)}\r\n".encode() + b"".join(lines))
            reply("250 stored")
        elif verb == "QUIT":
            reply("221 bye")
            break
        else:
            reply("250 ok")
    connection.close()


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
