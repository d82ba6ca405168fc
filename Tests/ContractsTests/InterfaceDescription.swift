// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Contracts

/// The AsyncAPI document of all topics and messages, made from the catalogue and the golden files.
enum InterfaceDescription {
    static func document() throws -> JSONValue {
        var messages: [String: JSONValue] = [:]
        for type in MessageCatalogue.all { messages[type.messageType] = try message(type) }
        var channels: [String: JSONValue] = [:]
        var operations: [String: JSONValue] = [:]
        for topic in Topic.all {
            let types = MessageCatalogue.all.filter { $0.topic == topic }.map { $0.messageType }
            channels[topic.name] = [
                "address": .string(topic.name),
                "description": "Keyed by envelope; the partition is the lane of the key.",
                "messages": .object(
                    Dictionary(uniqueKeysWithValues: types.map { ($0, reference("/components/messages/\($0)")) })),
                "bindings": ["kafka": ["partitions": .integer(Int64(topic.lanes)), "bindingVersion": "0.5.0"]],
            ]
            for (service, action) in Participants.of(topic) {
                operations["\(service).\(action).\(topic.name)"] = [
                    "action": .string(action), "channel": reference("/channels/\(topic.name.escaped)"),
                    "tags": [["name": .string(service)]],
                ]
            }
        }
        return [
            "asyncapi": "3.0.0",
            "info": [
                "title": "Paraph messages", "version": "1.0.0", "license": ["name": "Apache-2.0"],
                "description": "CloudEvents 1.0 in the Kafka binding, binary mode. Readers ignore unknown fields.",
            ],
            "defaultContentType": "application/json",
            "channels": .object(channels),
            "operations": .object(operations),
            "components": [
                "messages": .object(messages),
                "messageTraits": ["headers": ["headers": headers]],
            ],
        ]
    }

    private static func message(_ type: any VersionedMessage.Type) throws -> JSONValue {
        let example = try JSONValue(parsing: GoldenFiles.text(of: type.messageType))
        return [
            "name": .string(type.messageType), "contentType": "application/json",
            "traits": [reference("/components/messageTraits/headers")],
            "payload": schema(of: example), "examples": [["payload": example]],
        ]
    }

    private static func schema(of value: JSONValue) -> JSONValue {
        switch value {
        case .null: [:]
        case .bool: ["type": "boolean"]
        case .integer: ["type": "integer"]
        case .number: ["type": "number"]
        case .string: ["type": "string"]
        case .array(let elements): ["type": "array", "items": elements.first.map(schema(of:)) ?? [:]]
        case .object(let members): ["type": "object", "properties": .object(members.mapValues(schema(of:)))]
        }
    }

    private static var headers: JSONValue {
        let names = [
            "ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "ce_subject", "content-type",
            "idempotency-key", "correlation-id", "causation-id", "traceparent", "tenant-id", "audit-after",
        ]
        return [
            "type": "object",
            "properties": .object(Dictionary(uniqueKeysWithValues: names.map { ($0, ["type": "string"]) })),
        ]
    }

    private static func reference(_ pointer: String) -> JSONValue { ["$ref": .string("#" + pointer)] }
}

/// Who sends to and receives from a topic, as the first table of the architecture says.
private enum Participants {
    static func of(_ topic: Topic) -> [(service: String, action: String)] {
        (writers[topic.name] ?? []).map { ($0, "send") } + (readers[topic.name] ?? []).map { ($0, "receive") }
    }

    private static let writers = [
        "envelope.commands.v1": ["paraph-intake"],
        "envelope.events.v1": ["paraph-orchestrator"],
        "signing.jobs.v1": ["paraph-orchestrator"],
        "signing.raises.v1": ["paraph-orchestrator"],
        "signing.results.v1": ["paraph-signer"],
        "notification.requests.v1": ["paraph-orchestrator"],
        "notification.events.v1": ["paraph-notifier"],
        "evidence.commands.v1": ["paraph-orchestrator"],
        "evidence.events.v1": ["paraph-vault"],
        "retention.commands.v1": ["paraph-retention"],
        "retention.events.v1": ["paraph-retention"],
        "audit.events.v1": [
            "paraph-intake", "paraph-orchestrator", "paraph-signer", "paraph-notifier", "paraph-retention",
        ],
    ]
    private static let readers = [
        "envelope.commands.v1": ["paraph-orchestrator"],
        "envelope.events.v1": ["paraph-intake", "paraph-notifier", "paraph-retention"],
        "signing.jobs.v1": ["paraph-signer"],
        "signing.raises.v1": ["paraph-signer"],
        "signing.results.v1": ["paraph-orchestrator"],
        "notification.requests.v1": ["paraph-notifier"],
        "notification.events.v1": ["paraph-intake", "paraph-orchestrator"],
        "evidence.commands.v1": ["paraph-vault"],
        "evidence.events.v1": ["paraph-intake", "paraph-orchestrator", "paraph-retention"],
        "retention.commands.v1": ["paraph-vault"],
        "retention.events.v1": ["paraph-intake"],
        "audit.events.v1": ["paraph-vault"],
    ]
}

extension String {
    /// The name as part of a JSON pointer.
    fileprivate var escaped: String { replacing("~", with: "~0").replacing("/", with: "~1") }
}
