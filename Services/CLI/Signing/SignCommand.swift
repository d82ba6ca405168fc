// SPDX-License-Identifier: Apache-2.0
import FileSystem

/// `paraph sign`: signs PDFs with a key of one's own, without any server.
enum SignCommand: Command {
    static let name = "sign"
    static let summary = "sign PDFs with a key of your own; needs no server"
    static let usage = """
        usage: paraph sign FILE... --key KEY.pem --chain CHAIN.pem [OPTION]...
               paraph sign FOLDER --key 'pkcs11:token=T;object=K?pin-source=FILE' --out-dir DIR [OPTION]...

        What signs
          --key KEY              a PEM file, or the pkcs11: URI (RFC 7512) of a key that stays in its token.
                                 module-path= names the module (without it: p11-kit's); the PIN is in the file that
                                 pin-source= or PARAPH_PIN_FILE names
          --passphrase-file FILE what opens an encrypted PEM key
          --chain CHAIN.pem      the key's certificate, then its issuers'; left out, a token's own certificates are used
          --pss                  RSASSA-PSS instead of PKCS #1 v1.5 for an RSA key

        What is signed
          --field NAME           the signature field; made when it is missing. Without it: the first open one, or a new one
          --page N --at X,Y,W,H  where a new field is seen: points from the upper left corner of page N (or the first)
          --add-fields A,B       signature fields to add before the first signature; without --key nothing is signed
          --password-file FILE   opens an encrypted PDF; --password TEXT shows it to the machine's other users

        What the signature says
          --name TEXT            who signs; without it, the name in the certificate
          --reason TEXT          why
          --image FILE           a PNG or JPEG to show in a visible field
          --certify 1|2|3        certify the document: 1 nobody may change it, 2 forms and signatures, 3 also comments
          --level LEVEL          b-b; b-t with a timestamp; b-lt also with the data that validate it later, fetched from
                                 where the certificates say; b-lta also with a timestamp over those. What an authority
                                 that is down makes impossible is left out with a warning, unless --strict-level asks
                                 to refuse the file
          --tsa URL              a timestamp authority (RFC 3161); several are tried in order. Without --level: b-t
          --trust ROOT.pem       where the chains of timestamp authorities and of validation data have to end
          --allow-internal       fetches validation data from private networks and this machine too

        Where it goes
          -o FILE                one signed file; may be the input itself
          --out-dir DIR          several, each under its own name
                                 Without either, NAME.pdf is signed to NAME-signed.pdf beside it.
          --jobs N               files at a time; without it, one for each core
          --json                 one JSON object a file

        A folder stands for the PDFs in it and below. An output appears under its name only when it is complete; one
        that is there already is replaced. All files are signed that can be.

        Exit code, the largest of all files: 0 signed, 3 refused with the reason on standard error, 65 cannot be read as
        a PDF, 73 the output cannot be written. 1: key or chain cannot be used, and nothing was signed; 64: wrong words.

        paraph sign contract.pdf --key me.key --chain me.pem
        paraph sign contract.pdf --key me.key --chain me.pem --page 2 --at 60,620,220,70 --reason Approved -o out.pdf
        paraph sign invoices --key me.key --chain me.pem --out-dir signed --tsa http://tsa.example.org --jobs 4
        """

    static func run(_ words: [String]) async throws -> Int32 {
        let options = try SignOptions(words)
        let files = try SignFiles(options)
        let signing = try await DocumentSigning(options: options)
        for warning in signing.key?.warnings ?? [] { Terminal.complain("paraph sign: \(warning)") }
        return await SignRun(files: files.pairs, signing: signing, options: options).run()
    }
}
