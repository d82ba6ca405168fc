// SPDX-License-Identifier: Apache-2.0
package import Clocks
import FoundationEssentials

/// One service's key folder; it gives out what lies in it and nothing else.
package struct KeyStore: Sendable {
    private let folder: KeyFolder
    private let storagePath: String

    /// Opens the folder that `PARAPH_KEY_STORE` names.
    ///
    /// The data keys lie in the folder `storage` beside it, which the services that store documents share.
    /// - Throws: `KeysError.missing` or `exposed`.
    package init(folder path: String) throws(KeysError) {
        var path = path
        while path.count > 1, path.last == "/" { path.removeLast() }
        folder = try KeyFolder(existing: path, access: .owner)
        storagePath = "\(path)/../\(DevelopmentKeys.storageFolderName)"
    }

    /// For intake and notifier.
    package func linkKey() throws(KeysError) -> LinkKey {
        LinkKey(key: try plain(.link))
    }

    /// For services that call one another; `service` is the name that its own tokens carry.
    package func serviceIdentity(service: String) throws(KeysError) -> ServiceIdentity {
        ServiceIdentity(service: service, key: try plain(.serviceIdentity))
    }

    /// For vault.
    package func auditKey() throws(KeysError) -> AuditKey {
        try AuditKey(pem: plain(.audit))
    }

    /// For intake, signer and vault; `ids` names new keys.
    package func dataKeys(ids: IDSource) throws(KeysError) -> DataKeyStore {
        DataKeyStore(
            folder: try KeyFolder(storage: storagePath), master: try MasterKey(plain(.storageMaster)), ids: ids)
    }

    /// For signer.
    package func signingKeys() throws(KeysError) -> SigningKeyStore {
        SigningKeyStore(folder: folder, master: try MasterKey(plain(.signingMaster)))
    }

    private func plain(_ purpose: KeyPurpose) throws(KeysError) -> [UInt8] {
        let name = "\(purpose.rawValue).key"
        return try KeyFile(plain: folder.read(name), purpose: purpose, path: "\(folder.path)/\(name)").content
    }
}
