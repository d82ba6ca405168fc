// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A shell that runs one postmaster and kills it when this process closes the shell's input, or dies.
struct ServerWrapper: Sendable {
    private let process: Process
    private let input: FileHandle

    private static let spawning = Mutex(())

    /// Starts a server on the folder's data, which it creates when there is none; blocks until it answers.
    static func start(folder: String) throws -> ServerWrapper {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script, "test-postgres", try binaries(), folder]
        process.standardOutput = output
        let input = try spawning.withLock { _ in
            let input = Pipe()
            // A child that inherited this end would keep the server alive when this process is killed.
            _ = fcntl(input.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
            process.standardInput = input
            try SignalMask.empty { try process.run() }
            return input.fileHandleForWriting
        }
        let answer = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard answer.hasPrefix("ready") else {
            throw TestPostgresError("PostgreSQL did not start: \(answer)")
        }
        return ServerWrapper(process: process, input: input)
    }

    /// Kills the server and waits for the shell.
    func end(keepingData: Bool) {
        if keepingData { try? input.write(contentsOf: Data("keep\n".utf8)) }
        try? input.close()
        process.waitUntilExit()
    }

    private static func binaries() throws -> String {
        let named = ProcessInfo.processInfo.environment["PARAPH_POSTGRES_BIN"]
        let candidates = [named].compactMap { $0 } + (15...19).map { "/usr/lib/postgresql/\($0)/bin" }
        guard let found = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0 + "/initdb") })
        else {
            throw TestPostgresError(
                "no PostgreSQL server here: apt-get install postgresql-15, or set PARAPH_POSTGRES_BIN")
        }
        return found
    }

    /// PostgreSQL refuses to run as root, so root runs it as the user `postgres`.
    private static let script = #"""
        bin=$1 folder=$2 data=$2/data log=$2/log
        trap '' INT PIPE
        as_server() {
            if [ "$(id -u)" = 0 ]; then
                exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"
            fi
            exec "$@"
        }
        give_up() { echo "failed: $(tail -n 5 "$log" 2>&1)"; rm -rf "$folder"; exit 1; }

        if [ ! -f "$data/PG_VERSION" ]; then
            mkdir -m 0755 "$folder" && : >"$log" && chmod 0666 "$log" || give_up
            [ "$(id -u)" = 0 ] && chown postgres "$folder"
            (as_server "$bin/initdb" -D "$data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N) >>"$log" 2>&1 ||
                give_up
            {
                echo "listen_addresses = ''"
                echo "unix_socket_directories = '$folder'"
                echo "max_connections = 300"
                echo "shared_buffers = 64MB"
                echo "max_wal_size = 256MB"
                echo "min_wal_size = 64MB"
            } >>"$data/postgresql.conf"
            {
                echo "local paraph_scram paraph_intake scram-sha-256"
                echo "local all all trust"
            } >"$data/pg_hba.conf"
        fi

        tries=0
        while :; do
            (as_server "$bin/postgres" -D "$data" >>"$log" 2>&1) &
            server=$!
            while kill -0 $server 2>/dev/null; do
                if "$bin/pg_isready" -q -h "$folder" -U postgres; then break 2; fi
                sleep 0.05
            done
            # After a crash the old server's last processes may still hold its memory for a moment.
            tries=$((tries + 1))
            [ $tries -lt 50 ] || give_up
            sleep 0.1
        done
        echo ready
        exec >/dev/null

        line=
        read -r line
        kill -QUIT $server 2>/dev/null
        wait $server
        [ "$line" = keep ] || rm -rf "$folder"
        """#
}
